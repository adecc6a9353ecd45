import {ApiError, UnreachableError, type UnreadState, unreadState} from '../../../engine/cluster/errors.ts'
import {contextsOf, type Kubeconfig} from '../../../engine/kubeconfig/kubeconfig.ts'
import {joinedProblem, MeshError, type Problem, usageError} from '../../../errors.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {withRoles} from '../../../mesh/primary-remote.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {readRemoteRecord} from '../../../mesh/record.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {type Access, connect} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {linksOf} from '../report-links.ts'
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
  if (currentContext === '')
    throw usageError('--contexts is missing, and there is no current context: which clusters?', '--contexts ONE,OTHER')
  const {members} = await readContexts([currentContext], [], spec, access)
  const [own] = members
  const others = [...recordedServers(own?.facts)].filter(([name]) => name !== own?.cluster)
  const found = others.map(([name, server]) => ({name, context: contextFor(name, server, access.kubeconfig)}))
  const missing = found.flatMap(({name, context}) => (context === undefined ? [name] : []))
  const known = found.flatMap(({context}) => (context === undefined ? [] : [context]))
  return readContexts([...new Set([currentContext, ...known])], missing, spec, access)
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
  const notRead = new Map(missing.map((name): [string, NotRead] => [name, withoutContext(name)]))
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

function withoutContext(name: string): NotRead {
  return {
    state: 'no context',
    message: 'the record names this cluster, but no context of the kubeconfig connects to it',
    hints: [`name all clusters: --contexts …,CONTEXT-OF-${name}`],
  }
}

/** The clusters that a cluster is joined with, with the API server if its credentials contain one. */
function recordedServers(facts: FederationFacts | undefined): Map<string, string | undefined> {
  if (!facts) return new Map()
  const servers = credentialsIn(facts).map(({target, kubeconfig}) => [target, accessIn(kubeconfig)?.server] as const)
  const exporters = parseImports(facts.imports).imports.flatMap(({imported}) => Object.keys(imported.exporters))
  const primary = readRemoteRecord(facts.record)?.primary
  const names = [...linksOf(facts), ...exporters, ...(primary === undefined ? [] : [primary])]
  return new Map([...names.map(name => [name, undefined] as const), ...servers])
}

/** The context of a cluster: the one with its API server, else the one whose name contains the name of the cluster. */
function contextFor(name: string, server: string | undefined, kubeconfig: Kubeconfig): string | undefined {
  const all = contextsOf(kubeconfig)
  const found = all.find(one => one.server === server) ?? all.find(({context}) => clusterNameFrom(context) === name)
  return found?.context
}
