import {managedByLabels, revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectRef} from '../../engine/kubernetes/object.ts'
import {revisioned, tenantRecord} from '../../istio/names.ts'
import {tenantProofRef} from '../../istio/system-objects.ts'

// Anyone who administers a namespace can create a Deployment of an istiod and a record of a tenant there. Cluster-wide objects
// prove that a namespace is one of a control plane, because only mesh administrators can write them.

const rbac = 'rbac.authorization.k8s.io/v1'

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

/**
 * Returns the proof of a tenant. It is created before the record and deleted after it, so that the record always has a proof.
 */
export function proofOf({name, namespace, revision, selector}: Proof): KubernetesObject {
  const ref = tenantProofRef(namespace)
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
  if (name === undefined || !full.startsWith(`${tenantRecord}-`)) return undefined
  return {
    name,
    namespace: full.slice(tenantRecord.length + 1),
    revision: labels?.[revisionLabel] ?? 'default',
    selector: annotations?.[selectorAnnotation],
  }
}

/** Returns the reference of the binding that gives an istiod its permissions (Istio's charts, 1.24–1.31). */
export function istiodBindingRef({namespace, revision}: Pick<Proof, 'namespace' | 'revision'>): ObjectRef {
  return {
    apiVersion: rbac,
    kind: 'ClusterRoleBinding',
    name: `${revisioned('istiod-clusterrole', revision)}-${namespace}`,
  }
}
