import {ApiError} from '../../../engine/cluster/errors.ts'
import {reviewToken} from '../../../engine/cluster/tokens.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {credentialProblems} from '../../../mesh/credentials/problems.ts'
import {clusterAt, clusterWithKey} from '../../../mesh/credentials/registered.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import type {FoundCredential} from '../../../mesh/remote-secrets.ts'

/** A credential in a remote Secret, and whether the cluster that it is for accepts it. */
export interface ObservedCredential {
  /** Data key in the Secret. istiod uses it as the cluster ID. */
  key: string
  /** Name of the Secret. */
  secret: string
  /** Name in the mesh of the cluster that the kubeconfig connects to. Undefined if it is none of the verified clusters. */
  target: string | undefined
  /** Whether that cluster accepts the token now. `unknown` if that could not be tested, for the reason in `why`. */
  state: 'accepted' | 'refused' | 'unknown'
  why?: string
  /** Why istiod rejects the kubeconfig, or connects in another way than ours configures (see `credentialProblems`). */
  problems?: readonly string[]
}

/**
 * Finds the cluster that a credential is for, and has that cluster review the token. No other cluster receives the token:
 * only the cluster with the address or CA of the kubeconfig or, if both are unknown, the cluster that the Secret names.
 */
export async function testCredential(
  found: FoundCredential,
  holder: MeshMember,
  all: readonly MeshMember[],
): Promise<ObservedCredential> {
  const access = accessIn(found.kubeconfig)
  const others = all.filter(other => other !== holder)
  const member = targetOf(access?.server, access?.authority?.trim(), found.target, others)
  const problems = credentialProblems(found, member, new Date())
  const base = {key: found.target, secret: found.secret.metadata.name, ...(problems.length > 0 ? {problems} : {})}
  const target = member?.cluster
  const unknown = (why: string): ObservedCredential => ({...base, target, state: 'unknown', why})
  if (!member) return unknown('it is for none of the verified clusters')
  if (access?.token === undefined) return unknown('it contains no token, and other credentials cannot be tested')
  if (!member.facts) return unknown(`${member.cluster} is not reachable`)
  const {token} = access
  const {facts} = member
  return inCluster(member.cluster, async () => {
    try {
      return {...base, target, state: (await reviewToken(facts.cluster, token)) ? 'accepted' : 'refused'}
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 403)) throw error
      return unknown(`you are not allowed to create TokenReviews in ${member.cluster}`)
    }
  })
}

function targetOf(
  server: string | undefined,
  authority: string | undefined,
  key: string,
  others: readonly MeshMember[],
): MeshMember | undefined {
  const byServer = clusterAt(server, others)
  if (byServer) return byServer
  const byAuthority = others.filter(
    other => authority !== undefined && other.facts?.cluster.certificateAuthority?.trim() === authority,
  )
  // One CA may have signed the certificates of several API servers.
  return byAuthority.length === 1 ? byAuthority[0] : clusterWithKey(key, others)
}
