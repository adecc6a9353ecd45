import type {ApplySet} from '../../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit} from '../../../engine/kubernetes/change.ts'
import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {isOfSystemNamespace} from '../../../istio/system-objects.ts'
import {buildIstiodExposure, istiodExposureKinds} from '../../../mesh/objects-expose-istiod.ts'
import {buildExposure} from '../../../mesh/objects-exposure.ts'
import {buildEastWestGateway, gatewayKinds} from '../../../mesh/objects-gateway.ts'
import {formatSharedRecord, type SharedRecord} from './spec-record.ts'

/** What the VMs of a control plane share, and a registration creates if it does not exist. */
export interface SharedByVms {
  /** Name of the cluster in the mesh. */
  cluster: string
  systemNamespace: string
  /** Resolved, not a tag. */
  revision: string | undefined
  /** The control plane is a tenant, which reads only resources with the label of its revision. */
  isTenant: boolean
  clusterDomain: string
  /** The east-west gateway. Undefined if it exists or is not requested. */
  gateway:
    | {
        /** The network of the pods. '': the gateway only exposes istiod. */
        network: string
        /** Revision or tag that injects its pods. */
        revision: string | undefined
        /** The system namespace lacks the label from which istiod reads the network. */
        labelsNetwork: boolean
        /** VMs in another network reach the pods through it. */
        exposesServices: boolean
      }
    | undefined
  exposesIstiod: boolean
  /** Turns on DNS capture in the mesh config. Undefined if it is on or not needed. */
  dnsCapture: Edit | undefined
  /** What the record stores. */
  recorded: SharedRecord
}

/**
 * The ApplySet of the objects that VMs share: `mesh vm remove` deletes them with the last VM.
 *
 * Threat: see `vmApplySet`. All members are in the system namespace.
 */
export function sharedApplySet({systemNamespace}: {systemNamespace: string}): ApplySet {
  return {
    name: 'kubectl-mesh-vms',
    namespace: systemNamespace,
    kinds: [...gatewayKinds, ...istiodExposureKinds],
    inNamespace: true,
    contains: object => isOfSystemNamespace(object, systemNamespace),
  }
}

/** The changes that create what VMs share and the cluster lacks. Empty if nothing is missing. */
export function buildShared(shared: SharedByVms): Change[] {
  const memberOf = sharedApplySet(shared)
  const objects = [...gatewayObjects(shared), ...istiodExposure(shared)].map((change): Apply => ({...change, memberOf}))
  const edits = [...networkEdit(shared), ...(shared.dnsCapture ? [shared.dnsCapture] : [])]
  if (objects.length + edits.length === 0) return []
  return [applySetParent(memberOf, shared.cluster, formatSharedRecord(recordOf(shared))), ...objects, ...edits]
}

function recordOf({recorded, gateway, dnsCapture, revision = 'default'}: SharedByVms): SharedRecord {
  const {ownsNetworkLabel, capturesDns} = recorded
  return {
    ownsNetworkLabel: ownsNetworkLabel || gateway?.labelsNetwork === true,
    capturesDns: dnsCapture ? [...new Set([...capturesDns, revision])].sort() : capturesDns,
  }
}

function gatewayObjects({gateway, ...shared}: SharedByVms): Apply[] {
  if (!gateway) return []
  const {network, revision, exposesServices} = gateway
  const service = {...shared, network, revision, serviceType: 'LoadBalancer' as const}
  return [...buildEastWestGateway(service), ...(exposesServices ? buildExposure({...shared, hosts: []}) : [])]
}

function istiodExposure(shared: SharedByVms): Apply[] {
  return shared.exposesIstiod ? buildIstiodExposure({...shared, stays: false}) : []
}

function networkEdit({cluster, systemNamespace, gateway}: SharedByVms): Edit[] {
  return gateway?.labelsNetwork ? [networkLabelEdit(cluster, systemNamespace, gateway.network)] : []
}

/**
 * The edit of the label from which istiod reads the network of the pods.
 *
 * @param network undefined removes the label
 */
export function networkLabelEdit(cluster: string, systemNamespace: string, network: string | undefined): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'Namespace', name: systemNamespace},
    edits: [{at: 'label', key: networkLabel, value: network}],
    ...(network === undefined ? {undoes: true} : {}),
  }
}
