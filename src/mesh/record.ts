import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** The component that resolves names under `.global` in a cluster. */
export type DnsServer = 'istio' | 'coredns' | 'kube-dns' | 'dnsmasq' | 'openshift'

/** The record of a cluster in gateways mode, kept in the parent of the federation's ApplySet. */
export interface GatewaysRecord {
  /** Addresses of the cluster's gateway for the other clusters; empty if it has none yet. */
  addresses: readonly string[]
  dns: DnsServer
  /** DNS servers to which kube-dns or OpenShift's DNS forwards `.global`. */
  dnsForward: readonly string[]
  /** kubectl-mesh turned on DNS capture, and turns it off when the cluster leaves. */
  ownsDnsCapture: boolean
}

const dnsServers: readonly string[] = ['istio', 'coredns', 'kube-dns', 'dnsmasq', 'openshift'] satisfies DnsServer[]

/** Returns the data of a record in gateways mode. A record in multi-primary mode has none of these keys. */
export function gatewaysRecordData(record: GatewaysRecord): Record<string, string> {
  const {addresses, dns, dnsForward, ownsDnsCapture} = record
  return {
    mode: 'gateways',
    dns,
    ...(addresses.length > 0 ? {gateway: addresses.join(',')} : {}),
    ...(dnsForward.length > 0 ? {'dns-forward': dnsForward.join(',')} : {}),
    ...(ownsDnsCapture ? {'dns-capture': 'ours'} : {}),
  }
}

/** Reads a record in gateways mode. Returns undefined without a record, or for another mode. */
export function readGatewaysRecord(record: KubernetesObject | undefined): GatewaysRecord | undefined {
  const data = dataOf(record)
  if (data.mode !== 'gateways') return undefined
  return {
    addresses: listOf(data.gateway),
    dns: dnsServers.includes(data.dns ?? '') ? (data.dns as DnsServer) : 'istio',
    dnsForward: listOf(data['dns-forward']),
    ownsDnsCapture: data['dns-capture'] === 'ours',
  }
}

/** The record of a cluster in primary-remote mode. */
export interface RemoteRecord {
  /** Name in the mesh of the remote's primary; undefined for the primary itself. */
  primary: string | undefined
  /** kubectl-mesh set the annotation of the system namespace, and removes it when the cluster leaves. */
  ownsAnnotation: boolean
  /** The `--remote-pilot-address` of the run that joined the cluster. */
  pilotAddress: string | undefined
  /** All pods are on one network. */
  singleNetwork: boolean
}

/** Returns the data of a record in primary-remote mode. */
export function remoteRecordData(record: RemoteRecord): Record<string, string> {
  const {primary, ownsAnnotation, pilotAddress, singleNetwork} = record
  return {
    mode: 'primary-remote',
    ...(primary === undefined ? {} : {primary}),
    ...(ownsAnnotation ? {'control-plane-clusters': 'ours'} : {}),
    ...(pilotAddress === undefined ? {} : {'remote-pilot-address': pilotAddress}),
    ...(singleNetwork ? {'single-network': 'true'} : {}),
  }
}

/** Reads a record in primary-remote mode. Returns undefined without a record, or for another mode. */
export function readRemoteRecord(record: KubernetesObject | undefined): RemoteRecord | undefined {
  const data = dataOf(record)
  if (data.mode !== 'primary-remote') return undefined
  return {
    primary: data.primary,
    ownsAnnotation: data['control-plane-clusters'] === 'ours',
    pilotAddress: data['remote-pilot-address'],
    singleNetwork: data['single-network'] === 'true',
  }
}

/** Returns the name that a cluster had in the mesh when it last joined. */
export function clusterInRecord(record: KubernetesObject | undefined): string | undefined {
  return dataOf(record).cluster
}

function dataOf(record: KubernetesObject | undefined): Partial<Record<string, string>> {
  return (record?.data ?? {}) as Record<string, string>
}

function listOf(text: string | undefined): string[] {
  return text ? text.split(',') : []
}
