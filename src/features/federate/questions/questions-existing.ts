import {askContexts, askMeshContexts} from '../../../mesh/contexts/questions.ts'
import {readJoinedContexts} from '../../../mesh/contexts/read-joined.ts'
import type {Asker} from '../../../run/ask-missing.ts'
import {commonFields} from '../../../spec/common-fields.ts'
import type {Raw} from '../../../spec/field.ts'
import {readSpec} from '../../../spec/read.ts'

const {systemNamespace, revision} = commonFields
const scopeFields = {systemNamespace, revision}

interface RawLeaving {
  contexts?: Raw
  from?: Raw
  systemNamespace?: Raw
  revision?: Raw
}

/** Asks for the clusters that leave and those that stay, unless the input names the former. Returns the answers only. */
export async function askLeaving(raw: RawLeaving, asker: Asker): Promise<{contexts?: Raw; from?: Raw}> {
  if (raw.contexts !== undefined) return {}
  const scope = {systemNamespace: raw.systemNamespace, revision: raw.revision}
  const contexts = await askContexts(scope, asker, {
    message: 'Which clusters should leave the mesh?',
    atLeast: 1,
    needsIstio: true,
  })
  if (raw.from !== undefined) return {contexts}
  const message = 'Which clusters stay, and should lose their access to those that leave?'
  const from = await askContexts(scope, asker, {
    ...{message, atLeast: 0, without: contexts},
    ...{needsIstio: true, meshOf: contexts},
  })
  return {contexts, ...(from.length > 0 ? {from} : {})}
}

/** Asks for the clusters of the mesh, unless the current context's cluster is joined with others. Returns the answers only. */
export async function askJoined(
  raw: Pick<RawLeaving, 'contexts' | 'systemNamespace' | 'revision'>,
  asker: Pick<Asker, 'access' | 'terminal'>,
): Promise<{contexts?: Raw}> {
  if (raw.contexts !== undefined) return {}
  const {contexts: _contexts, ...scope} = raw
  const isJoined =
    asker.access.kubeconfig.currentContext !== '' &&
    (await readJoinedContexts(readSpec(scopeFields, scope), asker.access)).length > 1
  return isJoined ? {} : askMeshContexts(raw, asker)
}
