import {isIP, isIPv6} from 'node:net'
import {type ApplySet, applySetParent} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Change, Edit} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waveOf, waves} from '../../engine/kubernetes/waves.ts'
import {buildIstiodExposure} from '../../mesh/objects-expose-istiod.ts'
import {clusterServiceOf} from './spec.ts'
import type {VmPort, VmProbe} from './spec-texts.ts'

/** A VM, or a group of equal ones, as the builder needs it. */
export interface VmWorkload {
  /** Name of the cluster in the mesh. */
  cluster: string
  name: string
  namespace: string
  serviceAccount: string
  systemNamespace: string
  revision: string | undefined
  clusterDomain: string
  /** Labels of the workload, `app` among them. */
  labels: Record<string, string>
  ports: readonly VmPort[]
  hosts: readonly string[]
  network: string | undefined
  locality: string | undefined
  weight: number | undefined
  addresses: readonly string[]
  autoRegister: boolean
  probe: VmProbe | undefined
  /** What is there already and not of this VM's making is left out. */
  make: {serviceAccount: boolean; exposure: boolean; hosts: readonly string[]}
  /** What the parent remembers for `renew`, `verify` and `remove`. */
  remember: Record<string, string>
}

const networking = 'networking.istio.io/v1'

/** The ApplySet of one VM: what `mesh vm remove` takes away. */
export function vmApplySet(vm: {name: string; namespace: string}): ApplySet {
  return {
    name: vmSetName(vm.name),
    namespace: vm.namespace,
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

/** Name of a VM's parent ConfigMap, and of the Secret that its tokens hang on. */
export function vmSetName(name: string): string {
  return `kubectl-mesh-vm-${name}`
}

/** Whether the VM registers itself: asked for, or since nobody knows its address. */
export function registersItself(vm: {autoRegister: boolean; addresses: readonly string[]}): boolean {
  return vm.autoRegister || vm.addresses.length === 0
}

/** The labels of the workload: what was said, with `app` in any case, since Istio names workloads by it. */
export function vmLabels(name: string, said: Record<string, string>): Record<string, string> {
  return 'app' in said ? {...said} : {app: name, ...said}
}

/** All that makes a VM a member of the mesh, on the cluster's side. */
export function buildVm(vm: VmWorkload): Change[] {
  const itself = registersItself(vm)
  return [
    buildNamespace(vm),
    applySetParent(vmApplySet(vm), vm.cluster, vm.remember),
    ...(vm.make.serviceAccount
      ? [apply(vm, {apiVersion: 'v1', kind: 'ServiceAccount', metadata: metaOf(vm, vm.serviceAccount)})]
      : []),
    buildTokenAnchor(vm),
    ...(itself ? [buildWorkloadGroup(vm)] : vm.addresses.map(address => buildWorkloadEntry(vm, address))),
    ...vm.make.hosts.map(host => buildHost(vm, host)),
    ...(vm.make.exposure ? buildIstiodExposure({...vm, stays: true}) : []),
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

/** The VM's tokens are bound to this Secret (TokenRequest boundObjectRef): when it goes, they end. It holds nothing. */
function buildTokenAnchor(vm: VmWorkload): Apply {
  return apply(vm, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metaOf(vm, vmSetName(vm.name)),
    type: 'kubectl-mesh.io/bound-token',
  })
}

function buildWorkloadGroup(vm: VmWorkload): Apply {
  return apply(vm, {
    apiVersion: networking,
    kind: 'WorkloadGroup',
    metadata: {...metaOf(vm, vm.name), labels: customLabels(vm)},
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
    metadata: {...metaOf(vm, entryName(vm.name, address)), labels: customLabels(vm)},
    spec: {address, labels: vm.labels, ...templateOf(vm)},
  })
}

/** What a group's template and an entry have in common. */
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

/** The probe of a WorkloadGroup (istio.io/api networking/v1 ReadinessProbe). */
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

/** Name of the entry for an address: `web-10-0-0-5`, `web-2001-db8--1`, `web-db.example.com`. */
export function entryName(name: string, address: string): string {
  const plain = isIP(address) ? canonicalIp(address).replace(/[:.]/g, '-') : address
  // an IPv6 address may end in ::, and a name may not end in -
  return `${name}-${plain.endsWith('-') ? `${plain}0` : plain}`
}

/** An IP address as Go prints it (RFC 5952), so that one address has one text. */
export function canonicalIp(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** What selects a VM's entries: its `app` alone, so that versions of one service share a host. */
export function selectorOf(labels: Record<string, string>): Record<string, string> {
  return labels.app === undefined ? labels : {app: labels.app}
}

/** A host as a Kubernetes Service where it is a name of the cluster's, else as a ServiceEntry. */
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
  // a STATIC entry takes no host names among its endpoints (istio pkg/config/validation, 1.31)
  const resolution = vm.addresses.some(address => !isIP(address)) ? 'DNS' : 'STATIC'
  return apply(vm, {
    apiVersion: networking,
    kind: 'ServiceEntry',
    metadata: {...metaOf(vm, host), labels: customLabels(vm)},
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

function customLabels(vm: VmWorkload): Record<string, string> {
  return {...managedByLabels, ...revisionLabels(vm.revision)}
}
