import {isIP} from 'node:net'
import type {VmPlane} from '../istio/vm-plane.ts'
import {canonicalIp, registersItself, vmLabels} from '../manifests/vm.ts'
import type {VmRegister} from '../specs/vm.ts'
import type {BundleGateway, BundlePlane, BundleSource} from '../vm/source.ts'

/** A registration with what is always there once the Spec was checked. */
export type NamedVm = VmRegister & {name: string; namespace: string; serviceAccount: string}

/** Everything the files for a machine are made from. */
export function bundleSourceOf(
  spec: NamedVm,
  plane: VmPlane,
  gateway: BundleGateway,
  secrets: {rootCert: string; token: string},
): BundleSource {
  const ips = spec.addresses.filter(address => isIP(address))
  return {
    name: spec.name,
    namespace: spec.namespace,
    serviceAccount: spec.serviceAccount,
    labels: vmLabels(spec.name, spec.labels),
    ports: spec.ports,
    network: spec.network,
    locality: spec.locality,
    probe: spec.probe,
    autoRegister: registersItself(spec),
    captureDns: spec.captureDns,
    // one bundle for several machines names the address of none
    address: ips.length === 1 && spec.addresses.length === 1 ? canonicalIp(ips[0]!) : undefined,
    plane: planeOf(spec, plane),
    gateway,
    ...secrets,
  }
}

function planeOf(spec: NamedVm, plane: VmPlane): BundlePlane {
  return {
    systemNamespace: spec.systemNamespace,
    revision: spec.revision,
    // what a pod of this cluster would say (istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml)
    clusterName: spec.clusterName ?? plane.injectorCluster ?? plane.cluster ?? 'Kubernetes',
    trustDomain: plane.trustDomain,
    meshId: plane.meshId ?? '',
    defaultConfig: plane.defaultConfig,
  }
}
