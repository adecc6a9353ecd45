import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** Who answers for names under `.global` in a cluster. */
export type DnsServer = 'istio' | 'coredns' | 'kube-dns' | 'dnsmasq'

/** What the record of a federation (its ApplySet's parent) says of a cluster in gateways mode. */
export interface GatewaysRecord {
  /** Addresses at which the others reach the cluster's gateway; empty while there is none. */
  addresses: readonly string[]
  dns: DnsServer
  /** DNS servers that kube-dns forwards `.global` to. */
  dnsForward: readonly string[]
  /** DNS capture was turned on by us, and is turned off when the cluster leaves. */
  ownsDnsCapture: boolean
}

const dnsServers: readonly string[] = ['istio', 'coredns', 'kube-dns', 'dnsmasq'] satisfies DnsServer[]

/** As the record's data. A record of multi-primary has none of these keys. */
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

/** Reads it back; undefined when there is no record, or one of another mode. */
export function readGatewaysRecord(record: KubernetesObject | undefined): GatewaysRecord | undefined {
  const data = (record?.data ?? {}) as Record<string, string>
  if (data.mode !== 'gateways') return undefined
  return {
    addresses: listOf(data.gateway),
    dns: dnsServers.includes(data.dns ?? '') ? (data.dns as DnsServer) : 'istio',
    dnsForward: listOf(data['dns-forward']),
    ownsDnsCapture: data['dns-capture'] === 'ours',
  }
}

/** What the record says of a cluster in primary-remote mode. */
export interface RemoteRecord {
  /** Name of the cluster whose control plane serves this one; undefined for that one itself. */
  primary: string | undefined
  /** The annotation of the system namespace is of our making, and goes when the cluster leaves. */
  ownsAnnotation: boolean
  /** Where the remotes were told to reach the primary, if that was said. */
  pilotAddress: string | undefined
  /** All pods are on one network. */
  singleNetwork: boolean
}

/** As the record's data. */
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

/** Reads it back; undefined when there is no record, or one of another mode. */
export function readRemoteRecord(record: KubernetesObject | undefined): RemoteRecord | undefined {
  const data = (record?.data ?? {}) as Record<string, string>
  if (data.mode !== 'primary-remote') return undefined
  return {
    primary: data.primary,
    ownsAnnotation: data['control-plane-clusters'] === 'ours',
    pilotAddress: data['remote-pilot-address'],
    singleNetwork: data['single-network'] === 'true',
  }
}

/** Name that a cluster had in the mesh when it last joined. */
export function clusterInRecord(record: KubernetesObject | undefined): string | undefined {
  return (record?.data as Record<string, string> | undefined)?.cluster
}

function listOf(text: string | undefined): string[] {
  return text ? text.split(',') : []
}
