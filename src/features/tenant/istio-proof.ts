import {managedByLabels, revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectRef} from '../../engine/kubernetes/object.ts'
import {webhooksOf} from '../../istio/injection.ts'
import {revisioned} from '../../istio/names.ts'

// Anyone who administers a namespace can create a Deployment of an istiod and a record of a tenant there. Cluster-wide objects
// prove that a namespace is one of a control plane, because only mesh administrators can write them.

const rbac = 'rbac.authorization.k8s.io/v1'

/** The ClusterRole that proves a tenant. It has no rules. */
const proofName = 'kubectl-mesh-tenant'

/** Annotation of the proof: the tenant's name. */
const tenantAnnotation = 'kubectl-mesh.io/tenant'

/** Annotation of the proof: the label that the tenant's discovery selectors match, as `KEY=VALUE`. */
const selectorAnnotation = 'kubectl-mesh.io/selector'

/** Label selector of proofs, among ClusterRoles. */
export const proofSelector = 'app.kubernetes.io/managed-by=kubectl-mesh'

/** What the proof of a tenant contains. */
export interface Proof {
  name: string
  /** System namespace. */
  namespace: string
  revision: string
  /**
   * The label of its namespaces, `KEY=VALUE`: a run may end after it has set the label of the system namespace and before it
   * writes the record.
   */
  selector?: string | undefined
}

/** Returns the reference of a tenant's proof. */
export function proofRef(systemNamespace: string): ObjectRef {
  return {apiVersion: rbac, kind: 'ClusterRole', name: `${proofName}-${systemNamespace}`}
}

/**
 * Returns the proof of a tenant. It is created before the record and deleted after it, so that the record always has a proof.
 */
export function proofOf({name, namespace, revision, selector}: Proof): KubernetesObject {
  const ref = proofRef(namespace)
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: {
      name: ref.name,
      labels: {...managedByLabels, [revisionLabel]: revision},
      annotations: {[tenantAnnotation]: name, ...(selector === undefined ? {} : {[selectorAnnotation]: selector})},
    },
    rules: [],
  }
}

/** Returns the content of a proof; undefined for any other ClusterRole. */
export function readProofOf({metadata: {name: full, labels, annotations}}: KubernetesObject): Proof | undefined {
  const name = annotations?.[tenantAnnotation]
  if (name === undefined || !full.startsWith(`${proofName}-`)) return undefined
  return {
    name,
    namespace: full.slice(proofName.length + 1),
    revision: labels?.[revisionLabel] ?? 'default',
    selector: annotations?.[selectorAnnotation],
  }
}

/** Returns whether a webhook configuration calls an istiod in a namespace. */
export function callsIstiodIn(configuration: KubernetesObject, namespace: string): boolean {
  return webhooksOf(configuration).some(
    ({clientConfig}) =>
      clientConfig?.service?.namespace === namespace && /^istiod(-|$)/.test(clientConfig.service.name),
  )
}

/** Returns the reference of the binding that gives an istiod its permissions (Istio's charts, 1.24–1.31). */
export function istiodBindingRef({namespace, revision}: Pick<Proof, 'namespace' | 'revision'>): ObjectRef {
  return {
    apiVersion: rbac,
    kind: 'ClusterRoleBinding',
    name: `${revisioned('istiod-clusterrole', revision)}-${namespace}`,
  }
}

/**
 * Returns whether a ClusterRoleBinding gives permissions to an account in a namespace. The name of the binding is not enough:
 * `istiod-clusterrole-a-b-c` belongs to namespace `c` and to namespace `b-c`.
 */
export function bindsAccountIn(binding: KubernetesObject | undefined, namespace: string): boolean {
  const subjects = (binding?.subjects ?? []) as {kind?: string; namespace?: string}[]
  return subjects.some(subject => subject.kind === 'ServiceAccount' && subject.namespace === namespace)
}
