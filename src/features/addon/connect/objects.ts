import type {Change} from '../../../engine/kubernetes/change.ts'
import {peerAnnotation} from '../../../engine/kubernetes/labels.ts'
import {managerOf} from '../../../engine/kubernetes/manager.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {removalOf} from '../../../engine/plan/prune.ts'
import {mountsSecret} from '../../../istio/kiali.ts'
import {kialiSecretName} from '../../../istio/names.ts'
import type {HeldCredential} from '../../../mesh/credential.ts'
import {buildKialiReader, buildKialiSecrets, kialiMountEdit, kialiRecord} from '../../../mesh/kiali/objects.ts'
import type {KialiFacts} from '../../../mesh/kiali/read.ts'
import {readerTokenName} from '../../../mesh/objects-reader.ts'

/** A cluster that Kiali reads, and its credential for it. */
export interface KialiTarget {
  cluster: string
  credential: HeldCredential
}

/** Kiali and its cluster. */
export interface KialiHome {
  cluster: string
  deployment: KubernetesObject
}

/**
 * Returns the changes that let Kiali read a cluster: an account with the permission to read, and a token. None if Kiali has a working
 * Secret of another owner. Former tokens of the same Kiali are revoked, which has to follow the change of its Secret.
 *
 * @param kiali what exists in the cluster
 * @param peer name of the cluster of Kiali
 */
export function buildTarget(
  {cluster, credential}: KialiTarget,
  {membership}: {membership: Pick<KialiFacts['membership'], 'objects'>},
  peer: string,
  systemNamespace: string,
): Change[] {
  const {adopted, naming} = credential
  if (adopted || !naming) return []
  const place = {cluster, systemNamespace}
  const former = membership.objects.filter(
    ({metadata}) => metadata.annotations?.[peerAnnotation] === peer && metadata.name !== readerTokenName(naming),
  )
  return [
    kialiRecord(place),
    ...buildKialiReader(place, naming),
    ...former.map(secret => removalOf(cluster, secret, waves.credentials)),
  ]
}

/** Returns the changes in the cluster of Kiali: a Secret for each cluster, and their mounts unless a tool manages Kiali. */
export function buildHome(
  {cluster, deployment}: KialiHome,
  targets: readonly KialiTarget[],
  systemNamespace: string,
): Change[] {
  const credentials = targets.map(({credential}) => credential).filter(({adopted}) => !adopted)
  if (credentials.length === 0) return []
  const secrets = credentials.map(({target}) => kialiSecretName(target))
  const missing = secrets.filter(name => !mountsSecret(deployment, name))
  return [
    kialiRecord({cluster, systemNamespace}),
    ...buildKialiSecrets(cluster, deployment.metadata.namespace ?? '', credentials),
    ...(managerOf(deployment) ? [] : kialiMountEdit(cluster, deployment, missing, 'add')),
  ]
}
