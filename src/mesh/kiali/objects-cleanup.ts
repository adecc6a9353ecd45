import {applySetParentRemoval} from '../../engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {peerAnnotation} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waveOf, waves} from '../../engine/kubernetes/waves.ts'
import {removalOf} from '../../engine/plan/prune.ts'
import {kialiClusterAnnotation, kialiSecretLabel, mountsSecret} from '../../istio/kiali.ts'
import {kialiAccessSet, kialiMountEdit} from './objects.ts'
import type {KialiFacts} from './read.ts'

/**
 * Returns the changes that end the access of Kiali between a cluster and others: the Secrets for them and their mounts are removed,
 * and the tokens of their Kiali are revoked. The account goes with its last token.
 *
 * @param others names of the other clusters; `all` for every one
 */
export function buildKialiCleanup(
  {cluster, systemNamespace}: {cluster: string; systemNamespace: string},
  {
    membership: {objects, parent},
    deployments,
  }: Pick<KialiFacts, 'deployments'> & {
    membership: Pick<KialiFacts['membership'], 'objects' | 'parent'>
  },
  others: readonly string[] | 'all',
): Change[] {
  const isOther = (name: string | undefined) => name !== undefined && (others === 'all' || others.includes(name))
  const secrets = objects.filter(
    object => isSecretOfKiali(object) && isOther(object.metadata.annotations?.[kialiClusterAnnotation]),
  )
  const tokens = objects.filter(isToken)
  const revoked = tokens.filter(({metadata}) => isOther(metadata.annotations?.[peerAnnotation]))
  const isUnread = tokens.length === revoked.length
  const account = objects.filter(object => !isSecretOfKiali(object) && !isToken(object))
  const removed = [...secrets, ...revoked, ...(isUnread ? account : [])]
  const set = kialiAccessSet({systemNamespace})
  if (removed.length === 0 && (objects.length > 0 || !parent)) return []
  return [
    ...deployments.flatMap(deployment => unmount(cluster, deployment, secrets)),
    ...removed.map(object => ({...removalOf(cluster, object, waveIn(object)), memberOf: set})),
    ...(removed.length === objects.length && parent ? [applySetParentRemoval(set, cluster)] : []),
  ]
}

function isSecretOfKiali({kind, metadata}: KubernetesObject): boolean {
  return kind === 'Secret' && metadata.labels?.[kialiSecretLabel] !== undefined
}

function isToken({kind, metadata}: KubernetesObject): boolean {
  return kind === 'Secret' && metadata.annotations?.[peerAnnotation] !== undefined
}

function waveIn(object: KubernetesObject) {
  return isSecretOfKiali(object) ? waves.remoteSecrets : waveOf(object)
}

function unmount(cluster: string, deployment: KubernetesObject, secrets: readonly KubernetesObject[]): Change[] {
  const mounted = secrets
    .filter(({metadata}) => metadata.namespace === deployment.metadata.namespace)
    .map(({metadata}) => metadata.name)
    .filter(name => mountsSecret(deployment, name))
  return kialiMountEdit(cluster, deployment, mounted, 'remove')
}
