import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {webhooksOf} from './injection.ts'
import {tenantRecord} from './names.ts'

/** Istio's default system namespace: the names of its cluster-wide objects do not end with it (manifests/charts, 1.24–1.31). */
export const defaultSystemNamespace = 'istio-system'

/**
 * Returns whether an object can belong to a control plane or federation of a system namespace: it is in the namespace, or
 * cluster-wide with a name, a webhook or a spec that refers to it. In another namespace than `istio-system`, Istio's charts end
 * the names of cluster-wide objects with the namespace.
 *
 * @param namespace the system namespace
 */
export function isOfSystemNamespace(object: KubernetesObject, namespace: string): boolean {
  const {metadata, apiVersion, kind} = object
  if (metadata.namespace !== undefined) return metadata.namespace === namespace
  if (namespace === defaultSystemNamespace) return true
  if (apiVersion.startsWith('sailoperator.io/'))
    return (object.spec as {namespace?: string} | undefined)?.namespace === namespace
  if (kind.endsWith('WebhookConfiguration') && webhooksOf(object).length > 0)
    return webhooksOf(object).every(({clientConfig}) => clientConfig?.service?.namespace === namespace)
  return /^(?:istio|kubectl-mesh)/.test(metadata.name) && metadata.name.endsWith(`-${namespace}`)
}

/** Returns the reference of the ClusterRole without rules that proves a tenant: only administrators of the cluster can write it. */
export function tenantProofRef(systemNamespace: string): ObjectRef {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    name: `${tenantRecord}-${systemNamespace}`,
  }
}

/** Returns whether a webhook configuration calls an istiod in a namespace. */
export function callsIstiodIn(configuration: KubernetesObject, namespace: string): boolean {
  return webhooksOf(configuration).some(
    ({clientConfig}) =>
      clientConfig?.service?.namespace === namespace && /^istiod(-|$)/.test(clientConfig.service.name),
  )
}

/**
 * Returns whether a ClusterRoleBinding gives permissions to an account in a namespace. The name of the binding is not enough:
 * `istiod-clusterrole-a-b-c` belongs to namespace `c` and to namespace `b-c`.
 */
export function bindsAccountIn(binding: KubernetesObject | undefined, namespace: string): boolean {
  const subjects = (binding?.subjects ?? []) as {kind?: string; namespace?: string}[]
  return subjects.some(subject => subject.kind === 'ServiceAccount' && subject.namespace === namespace)
}
