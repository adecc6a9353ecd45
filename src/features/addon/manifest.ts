import {type KubernetesObject, nameOf, type ObjectKind, refKey, refOf} from '../../engine/kubernetes/object.ts'

/** The kinds that an add-on can contain. `remove` searches these. */
export const addonKinds: readonly ObjectKind[] = [
  {apiVersion: 'v1', kind: 'ServiceAccount'},
  {apiVersion: 'v1', kind: 'ConfigMap'},
  {apiVersion: 'v1', kind: 'Secret'},
  {apiVersion: 'v1', kind: 'Service'},
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'apps/v1', kind: 'StatefulSet'},
  {apiVersion: 'apps/v1', kind: 'DaemonSet'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding'},
  {apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy'},
  {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget'},
  {apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler'},
]

const supported = new Map(addonKinds.map(({apiVersion, kind}) => [kind, apiVersion]))

/** Returns whether objects of a kind have no namespace. */
export function isClusterWide({kind}: {kind: string}): boolean {
  return kind === 'ClusterRole' || kind === 'ClusterRoleBinding'
}

/** Returns whether objects of a kind create pods. */
export function isWorkload({kind}: {kind: string}): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet'
}

/**
 * Returns why documents cannot be the manifest of an add-on: one is not an object, has a kind that add-ons do not contain, or
 * occurs twice, or the objects are in several namespaces. Undefined if they can.
 */
export function manifestProblem(documents: readonly unknown[]): string | undefined {
  if (documents.length === 0) return 'contains no objects'
  const seen = new Set<string>()
  for (const document of documents) {
    const object = document as Partial<KubernetesObject> | undefined
    if (
      typeof object?.apiVersion !== 'string' ||
      typeof object.kind !== 'string' ||
      typeof object.metadata?.name !== 'string'
    )
      return 'contains a document that is not a Kubernetes object (apiVersion, kind and metadata.name are required)'
    const found = object as KubernetesObject
    if (supported.get(found.kind) !== found.apiVersion)
      return `contains ${nameOf(refOf(found))} (${found.apiVersion}), a kind that addon install does not support; apply it with kubectl`
    const key = refKey(refOf(found))
    if (seen.has(key)) return `contains ${nameOf(refOf(found))} twice`
    seen.add(key)
  }
  const namespaces = namespacesIn(documents as KubernetesObject[])
  return namespaces.length > 1
    ? `contains objects of several namespaces: ${namespaces.join(', ')}; expected one`
    : undefined
}

/** Returns the namespaces of the objects of a manifest, each once. */
export function namespacesIn(objects: readonly KubernetesObject[]): string[] {
  return [...new Set(objects.flatMap(object => (isClusterWide(object) ? [] : (object.metadata.namespace ?? []))))]
}
