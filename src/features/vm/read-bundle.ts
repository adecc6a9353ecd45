import {isIP} from 'node:net'
import type {BundleControlPlane, BundleGateway, BundleSource} from './bundle/source.ts'
import type {VmControlPlane} from './istio.ts'
import {canonicalIp, registersItself, vmLabels} from './objects.ts'
import type {VmRegister} from './spec.ts'

/** A registration with what is always there once the Spec was checked. */
export type NamedVm = VmRegister & {name: string; namespace: string; serviceAccount: string}

/** Everything the files for a machine are made from. */
export function bundleSourceOf(
  spec: NamedVm,
  plane: VmControlPlane,
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

function planeOf(spec: NamedVm, plane: VmControlPlane): BundleControlPlane {
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
