import {ApiError, UnreachableError, type UnreadState, unreadState} from '../../../engine/cluster/errors.ts'
import {joinedProblem, MeshError, type Problem} from '../../../errors.ts'
import {joinedContexts} from '../../../mesh/contexts/links.ts'
import {allContexts, noCurrentContext} from '../../../mesh/contexts/read-joined.ts'
import {type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {withRoles} from '../../../mesh/primary-remote.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {type Access, connect} from '../../../run/run.ts'
import {federationReads} from '../rights.ts'
import {withStoredServer} from '../settings/settings.ts'
import type {Federation} from '../spec.ts'

/** Why a cluster was not read. */
export interface NotRead extends Problem {
  state: UnreadState | 'no context'
}

/** The members of a federation, and why some of them were not read, by context. */
export interface ReadMembers {
  members: MeshMember[]
  notRead: ReadonlyMap<string, NotRead>
}

/**
 * Reads clusters in parallel. One that does not answer has no facts, and does not affect the others.
 *
 * @param contexts empty for the members that the record of the current context's cluster names
 * @throws MeshError (exit 2) if a context does not exist, or there is neither a context nor a current one
 */
export async function readMembers(contexts: readonly string[], spec: Federation, access: Access): Promise<ReadMembers> {
  const {currentContext} = access.kubeconfig
  if (contexts.length > 0) return readContexts(contexts, [], spec, access)
  if (currentContext === '') throw noCurrentContext()
  const {members} = await readContexts([currentContext], [], spec, access)
  const [own] = members
  const {contexts: others, missing} = joinedContexts(own?.facts, own?.cluster, access.kubeconfig)
  return readContexts([...new Set([currentContext, ...others])], missing, spec, access)
}

/** @param missing names of clusters for which the kubeconfig has no context */
async function readContexts(
  contexts: readonly string[],
  missing: readonly string[],
  spec: Federation,
  access: Access,
): Promise<ReadMembers> {
  // Without them, `resolveMember` takes the mode and the named gateways from the record of each cluster.
  const {mode: _mode, gateway: _gateway, ...naming} = spec
  const hint = `name all clusters: ${allContexts(contexts, missing)}`
  const notRead = new Map(missing.map((name): [string, NotRead] => [name, withoutContext(hint)]))
  const read = await Promise.all(
    contexts.map(async context => {
      const cluster = await connect(access, context, federationReads(spec))
      try {
        const facts = await readFederationFacts(cluster, spec)
        return resolveMember(withStoredServer(naming, context, facts), context, facts)
      } catch (error) {
        notRead.set(context, reasonOf(error))
        return resolveMember(naming, context, undefined)
      }
    }),
  )
  return {members: withRoles([...read, ...missing.map(name => resolveMember(naming, name, undefined))]), notRead}
}

/** Other errors than those of a cluster are bugs, and are thrown. */
function reasonOf(error: unknown): NotRead {
  if (!(error instanceof UnreachableError || error instanceof MeshError || error instanceof ApiError)) throw error
  return {state: unreadState(error), ...joinedProblem(error)}
}

function withoutContext(hint: string): NotRead {
  return {
    state: 'no context',
    message: 'the record names this cluster, but no context of the kubeconfig connects to it',
    hints: [hint],
  }
}
