import type {KubernetesObject} from './object.ts'

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

function listOf(text: string | undefined): string[] {
  return text ? text.split(',') : []
}
