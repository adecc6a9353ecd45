import {type ApplySet, applySetId, applySetParent} from './applyset.ts'
import type {Apply, Change} from './change.ts'
import {revisionLabel} from './labels.ts'
import {revisioned} from './names.ts'
import type {KubernetesObject} from './object.ts'
import {tenantKinds} from './tenant.ts'
import {waves} from './waves.ts'

/** Which control plane of which cluster. */
export interface ControlPlaneFrame {
  cluster: string
  systemNamespace: string
  revision: string | undefined
  /** What rendered it: `istioctl`, `helm`, `sail`. */
  via: string
}

/** The ApplySet of a control plane that `mesh federate` made; apart from the federation's, so that it stays when that goes. */
export function controlPlaneApplySet(frame: {systemNamespace: string; revision: string | undefined}): ApplySet {
  return {
    name: revisioned('kubectl-mesh-control-plane', frame.revision),
    namespace: frame.systemNamespace,
    kinds: tenantKinds,
  }
}

/**
 * A rendered control plane: its definitions first, then all else at once. What other control planes of the cluster share
 * (CRDs, istio-cni) becomes no member of the set: removing one must not break another.
 */
export function buildControlPlane(
  frame: ControlPlaneFrame,
  rendered: readonly KubernetesObject[],
  definitions: readonly KubernetesObject[],
): Change[] {
  const {cluster} = frame
  const set = controlPlaneApplySet(frame)
  const memberOf = applySetId(set)
  return [
    applySetParent(set, cluster, {revision: frame.revision ?? 'default', via: frame.via}),
    ...definitions.map((object): Apply => ({action: 'apply', cluster, wave: waves.namespaces, object, stays: true})),
    ...rendered.map((object): Apply => {
      const apply: Apply = {action: 'apply', cluster, wave: waves.controlPlane, object, memberOf}
      return isOwn(object, frame) ? apply : {...apply, stays: true}
    }),
  ]
}

/** Cluster-wide names of a control plane end in `-REVISION-NAMESPACE` or `-NAMESPACE`; webhooks carry its revision. */
function isOwn({apiVersion, metadata}: KubernetesObject, {systemNamespace, revision}: ControlPlaneFrame): boolean {
  const {name, namespace, labels} = metadata
  if (namespace !== undefined) return namespace === systemNamespace
  if (apiVersion.startsWith('sailoperator.io/')) return true
  return labels?.[revisionLabel] === (revision ?? 'default') || name.endsWith(`-${systemNamespace}`)
}
