import type {Apply} from '../../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../../engine/kubernetes/labels.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {VmRegistration} from '../spec.ts'
import {formatVmRecord, vmRecordName} from '../spec-record.ts'

/**
 * The registration of a VM, in a ConfigMap of the control plane's namespace.
 *
 * Threat: `vm renew` issues a token for the account that the registration names. Administrators of the VM's namespace can write
 * every ConfigMap there, so that one is only a copy. Only mesh administrators can write in the system namespace.
 *
 * @param cluster name of the cluster
 */
export function buildVmRecord(spec: VmRegistration, cluster: string): Apply {
  return {
    action: 'apply',
    cluster,
    wave: waves.namespaces,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: vmRecordName(spec), namespace: spec.systemNamespace, labels: {...managedByLabels}},
      data: {cluster, spec: formatVmRecord(spec)},
    },
    // Removed by name: labels prove nothing.
    stays: true,
  }
}
