import {ApiError} from '../../../engine/cluster/errors.ts'
import {reviewToken} from '../../../engine/cluster/tokens.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {accessIn, kubeconfigProblems} from '../../../mesh/remote-kubeconfig.ts'
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
  /** Why istiod rejects the kubeconfig, or connects in another way than ours configures (see `kubeconfigProblems`). */
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
  const problems = kubeconfigProblems(found.kubeconfig, new Date())
  const base = {key: found.target, secret: found.secret.metadata.name, ...(problems.length > 0 ? {problems} : {})}
  const access = accessIn(found.kubeconfig)
  const others = all.filter(other => other !== holder)
  const member = targetOf(access?.server, authorityIn(found.kubeconfig), found.target, others)
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
  const byServer = others.find(other => server !== undefined && other.server === server)
  if (byServer) return byServer
  const byAuthority = others.filter(
    other => authority !== undefined && other.facts?.cluster.certificateAuthority?.trim() === authority,
  )
  // One CA may have signed the certificates of several API servers.
  return byAuthority.length === 1 ? byAuthority[0] : others.find(({cluster}) => cluster === key)
}

/** PEM of the CA in a kubeconfig that `accessIn` could parse. Undefined if it has none. */
function authorityIn(kubeconfig: string): string | undefined {
  const data = kubeconfig.match(/^\s*certificate-authority-data:\s*"?([A-Za-z0-9+/=]+)"?\s*$/m)?.[1]
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8').trim()
}
