import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {webhooksOf} from './injection.ts'

/** Istio's default system namespace: the names of its cluster-wide objects do not end with it (manifests/charts, 1.24–1.31). */
const defaultNamespace = 'istio-system'

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
  if (namespace === defaultNamespace) return true
  if (apiVersion.startsWith('sailoperator.io/'))
    return (object.spec as {namespace?: string} | undefined)?.namespace === namespace
  if (kind.endsWith('WebhookConfiguration') && webhooksOf(object).length > 0)
    return webhooksOf(object).every(({clientConfig}) => clientConfig?.service?.namespace === namespace)
  return /^(?:istio|kubectl-mesh)/.test(metadata.name) && metadata.name.endsWith(`-${namespace}`)
}
