import type {Right} from '../../engine/kubernetes/access-rules.ts'
import {usageError} from '../../errors.ts'
import {type Access, connect} from '../../run/run.ts'
import {shellWord} from '../../text/shell-word.ts'
import {resolveMember} from '../members.ts'
import {readFederationFacts} from '../read.ts'
import {joinedContexts} from './links.ts'

/**
 * Reads the contexts of the mesh of the current context's cluster, which comes first.
 *
 * @param rights permissions that the command needs in the cluster
 * @returns only the current context if its cluster is joined with no other
 * @throws MeshError (exit 2) without a current context, and if the kubeconfig has no context for a cluster of the mesh; ApiError,
 *   UnreachableError
 */
export async function readJoinedContexts(
  scope: {systemNamespace: string; revision: string | undefined},
  access: Access,
  rights: readonly Right[] = [],
): Promise<string[]> {
  const {currentContext} = access.kubeconfig
  if (currentContext === '') throw noCurrentContext()
  const facts = await readFederationFacts(await connect(access, currentContext, rights), scope)
  const {cluster} = resolveMember({...scope, clusterName: {}}, currentContext, facts)
  const {contexts, missing} = joinedContexts(facts, cluster, access.kubeconfig)
  const all = [...new Set([currentContext, ...contexts])]
  if (missing.length === 0) return all
  throw usageError(
    `${cluster} is joined with ${missing.join(', ')}, but no context of the kubeconfig connects to ${missing.length === 1 ? 'it' : 'them'}`,
    `name all clusters: ${allContexts(all, missing)}`,
  )
}

/** The flag `--contexts` with known contexts, and places for those of further clusters. */
export function allContexts(known: readonly string[], missing: readonly string[]): string {
  return `--contexts ${[...known.map(shellWord), ...missing.map(name => `CONTEXT-OF-${name}`)].join(',')}`
}

/** The error of a command without `--contexts` and without a current context. */
export function noCurrentContext() {
  return usageError('--contexts is required, because the kubeconfig has no current context', '--contexts ONE,OTHER')
}
