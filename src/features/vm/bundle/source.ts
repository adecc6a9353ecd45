import type {VmPort, VmProbe} from '../spec-texts.ts'

/** All that the files for one machine are made from. */
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
  /** Address that the VM serves at, where one is known (IP). */
  address: string | undefined
  plane: BundleControlPlane
  gateway: BundleGateway
  /** PEM of what the VM has to trust. */
  rootCert: string
  /** A secret: audience `istio-ca`. */
  token: string
}

/** The control plane that the machine connects to. */
export interface BundleControlPlane {
  systemNamespace: string
  revision: string | undefined
  /** Name of the cluster, as its istiod has it. */
  clusterName: string
  trustDomain: string
  meshId: string
  /** `defaultConfig` of the mesh config, as it stands there. */
  defaultConfig: Record<string, unknown>
}

/** Where the machine reaches istiod. */
export interface BundleGateway {
  /** IP addresses, as they are now. */
  addresses: readonly string[]
  /** Name that stands for them, where the load balancer has one: the machine asks for it again from time to time. */
  hostName: string | undefined
}
