import {isIP} from 'node:net'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import {applySetParent} from '../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit} from '../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waveOf, waves} from '../../engine/kubernetes/waves.ts'
import {resourceLabels} from '../../istio/revision.ts'
import {dataOf, isRecordOf} from '../../mesh/exported/exported.ts'
import {canonicalIp} from './istio-workloads.ts'
import {clusterServiceOf} from './spec-names.ts'
import type {VmPort} from './spec-port.ts'
import type {VmProbe} from './spec-probe.ts'
import {vmRecordName} from './spec-record.ts'

/** The input of `buildVm`: a VM or a group of identical VMs. */
export interface VmWorkload {
  /** Name of the cluster in the mesh. */
  cluster: string
  name: string
  namespace: string
  serviceAccount: string
  systemNamespace: string
  /** Resolved, not a tag. */
  revision: string | undefined
  /** The control plane is a tenant, which reads only resources with the label of its revision. */
  isTenant: boolean
  clusterDomain: string
  /** Labels of the workload, including `app`. */
  labels: Record<string, string>
  ports: readonly VmPort[]
  hosts: readonly string[]
  network: string | undefined
  locality: string | undefined
  weight: number | undefined
  addresses: readonly string[]
  autoRegister: boolean
  probe: VmProbe | undefined
  /** What to create. Objects that exist and were not created for this VM are left out. */
  create: {serviceAccount: boolean; hosts: readonly string[]}
  /** Data of the record, which later runs, `renew`, `verify` and `remove` read. */
  record: Record<string, string>
}

const networking = 'networking.istio.io/v1'

/**
 * The ApplySet of a VM: the objects that `mesh vm remove` deletes. Its parent is the record of the VM.
 *
 * Threat: `vm renew` issues a token for the account that the record names, and `vm remove` deletes what it lists.
 * Administrators of the VM's namespace can write every ConfigMap there. Only mesh administrators can write in the system
 * namespace.
 */
export function vmApplySet(vm: {name: string; namespace: string; systemNamespace: string}): ApplySet {
  return {
    name: vmRecordName(vm),
    namespace: vm.systemNamespace,
    former: {name: vmAnchorName(vm.name), namespace: vm.namespace},
    kinds: [
      {apiVersion: 'v1', kind: 'ServiceAccount'},
      {apiVersion: 'v1', kind: 'Secret'},
      {apiVersion: networking, kind: 'WorkloadGroup'},
      {apiVersion: networking, kind: 'WorkloadEntry'},
      {apiVersion: networking, kind: 'ServiceEntry'},
      {apiVersion: 'v1', kind: 'Service'},
    ],
  }
}

/** The VM that a record describes. Undefined for the record of another command. */
export function vmOfRecord(
  record: KubernetesObject,
): {namespace: string; name: string; systemNamespace: string} | undefined {
  const [namespace = '', name = ''] = dataOf(record).vm?.split('/') ?? []
  const vm = {namespace, name, systemNamespace: record.metadata.namespace ?? ''}
  return namespace !== '' && isRecordOf(record, vmApplySet(vm)) ? vm : undefined
}

/** Name of the Secret that the tokens of a VM are bound to, and of the ConfigMap in which version 0.1.0 recorded the VM. */
export function vmAnchorName(name: string): string {
  return `kubectl-mesh-vm-${name}`
}

/** Whether the VM registers itself: on request, or because it has no known address. */
export function registersItself(vm: {autoRegister: boolean; addresses: readonly string[]}): boolean {
  return vm.autoRegister || vm.addresses.length === 0
}

/** The labels of the workload: those requested, and always `app`, from which Istio derives the name of a workload. */
export function vmLabels(name: string, requested: Record<string, string>): Record<string, string> {
  return 'app' in requested ? {...requested} : {app: name, ...requested}
}

/** The changes in the cluster that make a VM part of the mesh. */
export function buildVm(vm: VmWorkload): Change[] {
  return [
    buildNamespace(vm),
    applySetParent(vmApplySet(vm), vm.cluster, vm.record),
    ...(vm.create.serviceAccount
      ? [apply(vm, {apiVersion: 'v1', kind: 'ServiceAccount', metadata: metaOf(vm, vm.serviceAccount)})]
      : []),
    buildTokenAnchor(vm),
    ...(registersItself(vm) ? [buildWorkloadGroup(vm)] : vm.addresses.map(address => buildWorkloadEntry(vm, address))),
    ...vm.create.hosts.map(host => buildHost(vm, host)),
  ]
}

function buildNamespace(vm: VmWorkload): Edit {
  return {
    action: 'edit',
    cluster: vm.cluster,
    wave: waves.namespaces,
    target: {apiVersion: 'v1', kind: 'Namespace', name: vm.namespace},
    edits: [],
    create: true,
  }
}

/** An empty Secret that the tokens of the VM are bound to (TokenRequest `boundObjectRef`): deleting it revokes them. */
function buildTokenAnchor(vm: VmWorkload): Apply {
  return apply(vm, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metaOf(vm, vmAnchorName(vm.name)),
    type: 'kubectl-mesh.io/bound-token',
  })
}

function buildWorkloadGroup(vm: VmWorkload): Apply {
  return apply(vm, {
    apiVersion: networking,
    kind: 'WorkloadGroup',
    metadata: {...metaOf(vm, vm.name), labels: resourceLabels(vm)},
    spec: {
      metadata: {labels: vm.labels},
      template: templateOf(vm),
      ...(vm.probe ? {probe: probeOf(vm.probe)} : {}),
    },
  })
}

function buildWorkloadEntry(vm: VmWorkload, address: string): Apply {
  return apply(vm, {
    apiVersion: networking,
    kind: 'WorkloadEntry',
    metadata: {...metaOf(vm, entryName(vm.name, address)), labels: resourceLabels(vm)},
    spec: {address, labels: vm.labels, ...templateOf(vm)},
  })
}

/** The fields that the template of a group and an entry share. */
function templateOf(vm: VmWorkload): Record<string, unknown> {
  const ports = Object.fromEntries(vm.ports.map(({name, target}) => [name, target]))
  return {
    serviceAccount: vm.serviceAccount,
    ...(vm.ports.length > 0 ? {ports} : {}),
    ...(vm.network === undefined ? {} : {network: vm.network}),
    ...(vm.locality === undefined ? {} : {locality: vm.locality}),
    ...(vm.weight === undefined ? {} : {weight: vm.weight}),
  }
}

/** A probe in the form of a WorkloadGroup (istio.io/api networking/v1 ReadinessProbe). */
export function probeOf(probe: VmProbe): Record<string, unknown> {
  switch (probe.kind) {
    case 'http':
    case 'https':
      return {httpGet: {path: probe.path, port: probe.port, scheme: probe.kind.toUpperCase()}}
    case 'tcp':
      return {tcpSocket: {port: probe.port}}
    case 'exec':
      return {exec: {command: probe.command}}
  }
}

/** Name of the WorkloadEntry for an address: `web-10-0-0-5`, `web-2001-db8--1`, `web-db.example.com`. */
export function entryName(name: string, address: string): string {
  const plain = isIP(address) ? canonicalIp(address).replace(/[:.]/g, '-') : address
  // An IPv6 address may end in `::`, but a name must not end in `-`.
  return `${name}-${plain.endsWith('-') ? `${plain}0` : plain}`
}

/** The labels by which a host selects a VM: `app` alone, so that several versions of a service share one host. */
export function selectorOf(labels: Record<string, string>): Record<string, string> {
  return labels.app === undefined ? labels : {app: labels.app}
}

/** A Kubernetes Service for a host in the cluster domain, else a ServiceEntry. */
function buildHost(vm: VmWorkload, host: string): Apply {
  const service = clusterServiceOf(host, vm.clusterDomain)
  return service ? buildService(vm, service.name) : buildServiceEntry(vm, host)
}

function buildService(vm: VmWorkload, name: string): Apply {
  return apply(vm, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(vm, name),
    spec: {
      selector: selectorOf(vm.labels),
      ports: vm.ports.map(port => ({
        name: port.name,
        port: port.number,
        protocol: 'TCP',
        targetPort: port.target,
        appProtocol: port.protocol.toLowerCase(),
      })),
    },
  })
}

function buildServiceEntry(vm: VmWorkload, host: string): Apply {
  // Istio rejects host names as endpoints of a STATIC entry (istio pkg/config/validation, 1.31).
  const resolution = vm.addresses.some(address => !isIP(address)) ? 'DNS' : 'STATIC'
  return apply(vm, {
    apiVersion: networking,
    kind: 'ServiceEntry',
    metadata: {...metaOf(vm, host), labels: resourceLabels(vm)},
    spec: {
      hosts: [host],
      location: 'MESH_INTERNAL',
      resolution,
      ports: vm.ports.map(({name, number, protocol, target}) => ({
        name,
        number,
        protocol,
        ...(target === number ? {} : {targetPort: target}),
      })),
      workloadSelector: {labels: selectorOf(vm.labels)},
    },
  })
}

function apply(vm: VmWorkload, object: KubernetesObject): Apply {
  return {action: 'apply', cluster: vm.cluster, wave: waveOf(object), object}
}

function metaOf(vm: VmWorkload, name: string): KubernetesObject['metadata'] {
  return {name, namespace: vm.namespace, labels: {...managedByLabels}}
}
