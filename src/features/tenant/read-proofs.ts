import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {bindsAccountIn, callsIstiodIn} from '../../istio/system-objects.ts'
import {istiodBindingRef, type Proof, proofSelector, readProofOf} from './istio-proof.ts'

/** Which namespaces are system namespaces of control planes. */
export interface Proofs {
  /** The proofs that `mesh tenant add` created. */
  own: Proof[]
  /** System namespaces with any proof. */
  namespaces: ReadonlySet<string>
}

/**
 * Reads which namespaces cluster-wide objects prove to be system namespaces. Sends a GET only for those that neither a proof of
 * `mesh tenant add` nor a webhook proves.
 *
 * @param candidates namespaces that contain an istiod or a record
 * @param webhooks webhook configurations of Istio
 * @throws ApiError, UnreachableError
 */
export async function readProofs(
  cluster: Cluster,
  candidates: readonly Pick<Proof, 'namespace' | 'revision'>[],
  webhooks: readonly KubernetesObject[],
): Promise<Proofs> {
  const roles = await cluster.list(
    {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole'},
    {labelSelector: proofSelector},
  )
  const own = roles.flatMap(role => readProofOf(role) ?? [])
  const isProved = ({namespace}: Pick<Proof, 'namespace'>) =>
    own.some(proof => proof.namespace === namespace) || webhooks.some(each => callsIstiodIn(each, namespace))
  const proved = candidates.filter(isProved)
  const unproved = candidates.filter(candidate => !isProved(candidate))
  const bindings = await Promise.all(unproved.map(candidate => cluster.get(istiodBindingRef(candidate))))
  const bound = unproved.filter(({namespace}, at) => bindsAccountIn(bindings[at], namespace))
  return {own, namespaces: new Set([...own, ...proved, ...bound].map(({namespace}) => namespace))}
}
