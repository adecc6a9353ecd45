import type {Asker} from '../../../run/ask-missing.ts'
import {connect} from '../../../run/run.ts'
import type {Raw} from '../../../spec/field.ts'
import {askContexts} from './questions-clusters.ts'

interface RawContexts {
  contexts?: Raw
  from?: Raw
  systemNamespace?: Raw
  revision?: Raw
}

/** Asks for the clusters of the mesh, unless the input names them. Returns the answers only. */
export async function askMeshContexts(raw: RawContexts, asker: Asker): Promise<{contexts?: Raw}> {
  if (raw.contexts !== undefined) return {}
  return {contexts: await contextsFor(raw, asker, {message: 'Which clusters are in the mesh?', atLeast: 1})}
}

/** Asks for the clusters to show, unless the current context determines them. Returns the answers only. */
export async function askStatusContexts(raw: RawContexts, asker: Asker): Promise<{contexts?: Raw}> {
  return asker.access.kubeconfig.currentContext === '' ? askMeshContexts(raw, asker) : {}
}

/** Asks for the clusters that leave and those that stay, unless the input names the former. Returns the answers only. */
export async function askLeaving(raw: RawContexts, asker: Asker): Promise<{contexts?: Raw; from?: Raw}> {
  if (raw.contexts !== undefined) return {}
  const contexts = await contextsFor(raw, asker, {message: 'Which clusters should leave the mesh?', atLeast: 1})
  if (raw.from !== undefined) return {contexts}
  const message = 'Which clusters stay, and should lose their access to those that leave?'
  const from = await contextsFor(raw, asker, {message, atLeast: 0, without: contexts})
  return {contexts, ...(from.length > 0 ? {from} : {})}
}

function contextsFor(
  raw: RawContexts,
  {access, terminal}: Asker,
  question: {message: string; atLeast: number; without?: readonly string[]},
): Promise<string[]> {
  const reader = {
    kubeconfig: access.kubeconfig,
    connect: (context: string, requestTimeout: number) => connect({...access, requestTimeout}, context),
  }
  return askContexts({systemNamespace: raw.systemNamespace, revision: raw.revision}, terminal, reader, question)
}
