import {tenantKinds} from '../../control-plane/kinds.ts'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change} from '../../engine/kubernetes/change.ts'
import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import {type KubernetesObject, refKey, refOf} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {revisioned} from '../../istio/names.ts'
import {isOfSystemNamespace} from '../../istio/system-objects.ts'
import {readerRefs} from '../objects-reader.ts'

/** A control plane and the cluster that it is for. */
export interface ControlPlaneFrame {
  cluster: string
  systemNamespace: string
  revision: string | undefined
  /** The tool that rendered it: `istioctl`, `helm`, `sail`. */
  via: string
  /** It uses the istiod of another cluster, and is applied after that istiod knows this cluster. */
  remote?: boolean
  /** What the record stores in addition to the revision and the tool. */
  data?: Readonly<Record<string, string>>
}

/** A rendered object. */
export interface RenderedObject {
  object: KubernetesObject
  /** Why it is not complete yet, if it is not. */
  pending?: string
}

/**
 * Returns the ApplySet of a control plane that `mesh install` or `mesh federate` rendered. It is not the federation's, so that
 * the control plane stays when the cluster leaves the mesh.
 */
export function controlPlaneApplySet(frame: {systemNamespace: string; revision: string | undefined}): ApplySet {
  return {
    name: revisioned('kubectl-mesh-control-plane', frame.revision),
    namespace: frame.systemNamespace,
    kinds: tenantKinds,
    contains: object => isOfSystemNamespace(object, frame.systemNamespace),
  }
}

/**
 * Returns whether an object is the reader account or its permissions, which belong to the federation. The chart adds the
 * revision to the name of the ClusterRole and of its binding.
 */
export function isOfReader(
  object: KubernetesObject,
  {systemNamespace, revision}: Pick<ControlPlaneFrame, 'systemNamespace' | 'revision'>,
): boolean {
  const own = readerRefs(systemNamespace)
  const ofRevision = own
    .filter(({namespace}) => namespace === undefined)
    .map(ref => ({
      ...ref,
      name: `${revisioned('istio-reader-clusterrole', revision)}-${systemNamespace}`,
    }))
  return [...own, ...ofRevision].map(refKey).includes(refKey(refOf(object)))
}

/**
 * Returns the changes of a rendered control plane: first its definitions, then everything else at once.
 *
 * Objects that other control planes of the cluster share (CustomResourceDefinitions, istio-cni) are not members of the
 * ApplySet, because the removal of one control plane must not break another. The reader account is omitted: the federation
 * creates it, before the control plane of a remote.
 */
export function buildControlPlane(
  frame: ControlPlaneFrame,
  rendered: readonly RenderedObject[],
  definitions: readonly KubernetesObject[],
): Change[] {
  const {cluster} = frame
  const memberOf = controlPlaneApplySet(frame)
  const wave = frame.remote ? waves.remoteControlPlane : waves.controlPlane
  const others = rendered.filter(({object}) => !isOfReader(object, frame))
  return [
    applySetParent(memberOf, cluster, {
      revision: frame.revision ?? 'default',
      via: frame.via,
      ...frame.data,
    }),
    ...definitions.map((object): Apply => ({action: 'apply', cluster, wave: waves.namespaces, object, stays: true})),
    ...others.map(({object, pending}): Apply => {
      const apply: Apply = {action: 'apply', cluster, wave, object, memberOf, ...(pending ? {pending} : {})}
      return isExclusive(object, frame) ? apply : {...apply, stays: true}
    }),
  ]
}

/**
 * Whether no other control plane uses the object. Its cluster-wide names end in `-REVISION-NAMESPACE` or `-NAMESPACE`, and
 * its webhooks have its revision label. The roles of istio-cni have that too, but serve all control planes (istio manifests/charts/istio-control/istio-discovery, 1.24–1.31).
 */
function isExclusive(
  {apiVersion, kind, metadata}: KubernetesObject,
  {systemNamespace, revision}: ControlPlaneFrame,
): boolean {
  const {name, namespace, labels} = metadata
  if (namespace !== undefined) return namespace === systemNamespace
  // An IstioCNI and a ZTunnel serve all control planes.
  if (apiVersion.startsWith('sailoperator.io/')) return kind !== 'IstioCNI' && kind !== 'ZTunnel'
  const isWebhook = apiVersion.startsWith('admissionregistration.k8s.io/')
  const hasRevision = isWebhook && labels?.[revisionLabel] === (revision ?? 'default')
  return hasRevision || name.endsWith(`-${systemNamespace}`)
}
