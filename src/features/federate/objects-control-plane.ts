import {tenantKinds} from '../../control-plane/kinds.ts'
import {type ApplySet, applySetId, applySetParent} from '../../engine/kubernetes/applyset.ts'
import {type Apply, type Change, targetOf} from '../../engine/kubernetes/change.ts'
import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refKey, refOf} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {revisioned} from '../../istio/names.ts'
import {buildReader} from '../../mesh/objects-reader.ts'

/** Which control plane of which cluster. */
export interface ControlPlaneFrame {
  cluster: string
  systemNamespace: string
  revision: string | undefined
  /** What rendered it: `istioctl`, `helm`, `sail`. */
  via: string
  /** It asks the istiod of another cluster, and comes when that knows this one. */
  remote?: boolean
}

/** An object that was rendered, with why it is not complete yet. */
export interface RenderedObject {
  object: KubernetesObject
  pending?: string
}

/** The ApplySet of a control plane that `mesh federate` made; apart from the federation's, so that it stays when that goes. */
export function controlPlaneApplySet(frame: {systemNamespace: string; revision: string | undefined}): ApplySet {
  return {
    name: revisioned('kubectl-mesh-control-plane', frame.revision),
    namespace: frame.systemNamespace,
    kinds: tenantKinds,
  }
}

/** Whether an object is the reader account or its rights: a federation's, whatever rendered it before. */
export function isOfReader(object: KubernetesObject, systemNamespace: string): boolean {
  const keys = buildReader('', systemNamespace).map(change => refKey(targetOf(change)))
  return keys.includes(refKey(refOf(object)))
}

/**
 * A rendered control plane: its definitions first, then all else at once. What other control planes of the cluster share
 * (CRDs, istio-cni) becomes no member of the set: removing one must not break another. The reader account is left out:
 * a federation makes it, before the control plane of a remote.
 */
export function buildControlPlane(
  frame: ControlPlaneFrame,
  rendered: readonly RenderedObject[],
  definitions: readonly KubernetesObject[],
): Change[] {
  const {cluster} = frame
  const set = controlPlaneApplySet(frame)
  const memberOf = applySetId(set)
  const wave = frame.remote ? waves.remoteControlPlane : waves.controlPlane
  const others = rendered.filter(({object}) => !isOfReader(object, frame.systemNamespace))
  return [
    applySetParent(set, cluster, {revision: frame.revision ?? 'default', via: frame.via}),
    ...definitions.map((object): Apply => ({action: 'apply', cluster, wave: waves.namespaces, object, stays: true})),
    ...others.map(({object, pending}): Apply => {
      const apply: Apply = {action: 'apply', cluster, wave, object, memberOf, ...(pending ? {pending} : {})}
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
