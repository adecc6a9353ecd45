import type {Apply, Change} from '../../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {removalOf} from '../../../engine/plan/prune.ts'
import {buildReaderToken} from '../../../mesh/objects-reader.ts'
import {buildBundledSecret, buildRemoteSecrets} from '../../../mesh/objects-remote-secret.ts'
import {isBundle} from '../../../mesh/remote-secrets.ts'
import type {Pair} from './pairs.ts'

/** Returns the Secret of the new token, at the target. */
export function buildNextToken({target, next}: Pair, systemNamespace: string): Apply {
  return buildReaderToken({cluster: target.cluster, systemNamespace, ...next})
}

/**
 * Returns the remote Secret with another kubeconfig for the target. All other keys keep their bytes: istiod reconnects to a cluster
 * when a byte of its kubeconfig changes.
 *
 * @param live the remote Secret as it is now
 */
export function buildRemoteSecretWith(pair: Pair, live: KubernetesObject, kubeconfig: string): Change[] {
  const {holder, target} = pair
  const where = {cluster: holder.cluster, systemNamespace: live.metadata.namespace ?? ''}
  if (!isBundle(live)) return buildRemoteSecrets(where, [{target: target.cluster, kubeconfig}])
  const credentials = Object.entries((live.data ?? {}) as Record<string, string>).map(([key, data]) => ({
    target: key,
    kubeconfig: key === target.cluster ? kubeconfig : Buffer.from(data, 'base64').toString('utf8'),
  }))
  return buildBundledSecret(where, credentials)
}

/** Returns the removal of an old token Secret, which revokes its tokens. */
export function buildRevocation({target}: Pair, old: KubernetesObject): Change {
  return removalOf(target.cluster, old, waves.credentials)
}

/**
 * Returns a kubeconfig with another token. Everything else stays byte for byte.
 *
 * @returns undefined if the old token is not in it exactly once
 */
export function withToken(kubeconfig: string, old: string, token: string): string | undefined {
  const parts = kubeconfig.split(old)
  return parts.length === 2 ? parts.join(token) : undefined
}
