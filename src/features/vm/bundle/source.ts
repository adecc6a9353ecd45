import {isIP} from 'node:net'
import type {VmControlPlane} from '../istio-control-plane.ts'
import {canonicalIp} from '../istio-workloads.ts'
import {registersItself, vmLabels} from '../objects.ts'
import type {VmRegistration} from '../spec.ts'
import type {VmPort} from '../spec-port.ts'
import type {VmProbe} from '../spec-probe.ts'

/** The input of all files for one machine. */
export interface BundleSource {
  name: string
  namespace: string
  serviceAccount: string
  /** Labels of the workload. */
  labels: Record<string, string>
  ports: readonly VmPort[]
  network: string | undefined
  /** `region/zone/subzone` */
  locality: string | undefined
  probe: VmProbe | undefined
  /** The VM registers itself when it connects. */
  autoRegister: boolean
  captureDns: boolean
  /** IP address of the machine, if it is known. */
  address: string | undefined
  controlPlane: BundleControlPlane
  gateway: BundleGateway
  /** Root certificate that the machine trusts, PEM. */
  rootCert: string
  /** A secret. Its audience is `istio-ca`. */
  token: string
}

/** The control plane that the machine connects to. */
export interface BundleControlPlane {
  systemNamespace: string
  revision: string | undefined
  /** Cluster ID, as the pods of the cluster have it. */
  clusterName: string
  trustDomain: string
  meshId: string
  /** `defaultConfig` of the mesh config. */
  defaultConfig: Record<string, unknown>
}

/** The addresses at which the machine reaches istiod. */
export interface BundleGateway {
  /** Current IP addresses. */
  addresses: readonly string[]
  /** Host name of the load balancer, if it has one. The machine resolves it again every hour. */
  hostName: string | undefined
}

/** The input of the files for the machines of a registration. */
export function bundleSourceOf(
  spec: VmRegistration,
  controlPlane: VmControlPlane,
  gateway: BundleGateway,
  secrets: {rootCert: string; token: string},
): BundleSource {
  const {rootCert, token} = secrets
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
    address: singleAddressOf(spec),
    controlPlane: {
      systemNamespace: spec.systemNamespace,
      revision: spec.revision,
      // The order that the injector uses for pods (manifests/charts/istio-control/istio-discovery/files/injection-template.yaml).
      clusterName: spec.clusterName ?? controlPlane.injectorCluster ?? controlPlane.cluster ?? 'Kubernetes',
      trustDomain: controlPlane.trustDomain,
      meshId: controlPlane.meshId ?? '',
      defaultConfig: controlPlane.defaultConfig,
    },
    gateway,
    rootCert,
    token,
  }
}

/** A bundle for several machines contains no address. */
function singleAddressOf({addresses}: VmRegistration): string | undefined {
  const [address] = addresses
  return addresses.length === 1 && address !== undefined && isIP(address) ? canonicalIp(address) : undefined
}
