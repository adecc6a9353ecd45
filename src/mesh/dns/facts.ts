import type {KubernetesObject, ObjectRef} from '../../engine/kubernetes/object.ts'
import type {DnsServer} from '../record.ts'

/** A DNS server of the cluster whose configuration is edited. */
export type EditedDns = Exclude<DnsServer, 'istio'>

/** The configuration of the DNS servers of a cluster. */
export interface DnsFacts {
  /** The DNS servers whose objects were read. */
  read: readonly DnsServer[]
  /** The objects that exist. */
  objects: readonly KubernetesObject[]
}

/** Nothing was read. */
export const noDns: DnsFacts = {read: [], objects: []}

/** Where a DNS server has its configuration. */
export interface DnsPlace {
  ref: ObjectRef
  /** Key of the configuration in `data` of a ConfigMap; undefined for OpenShift, whose operator has a resource. */
  key: string | undefined
}

/** The resource of OpenShift's DNS operator, which writes the Corefile (config.openshift.io, operator/v1, 4.18). */
export const openshiftRef: ObjectRef = {apiVersion: 'operator.openshift.io/v1', kind: 'DNS', name: 'default'}

/** Names as in kubeadm (`coredns`) and the kube-dns addon. dnsmasq has no standard installation. */
const places: Readonly<Record<EditedDns, DnsPlace>> = {
  coredns: {ref: mapRef('coredns'), key: 'Corefile'},
  'kube-dns': {ref: mapRef('kube-dns'), key: 'stubDomains'},
  dnsmasq: {ref: mapRef('dnsmasq'), key: 'dnsmasq.conf'},
  openshift: {ref: openshiftRef, key: undefined},
}

/** The object and key with the configuration of a DNS server. */
export function dnsPlace(dns: EditedDns): DnsPlace {
  return places[dns]
}

/** Further server blocks of CoreDNS, which the Corefile imports in AKS, DigitalOcean, Gardener and k3s. */
export const corednsCustomRef = mapRef('coredns-custom')

/** The configuration of NodeLocal DNSCache, which answers the queries of pods before CoreDNS (kubernetes/dns, 1.26). */
export const nodeLocalRef = mapRef('node-local-dns')

/** The objects that the configuration of a DNS server consists of. */
export function dnsRefs(dns: EditedDns): ObjectRef[] {
  const {ref} = dnsPlace(dns)
  if (dns === 'coredns') return [ref, corednsCustomRef, nodeLocalRef]
  return dns === 'dnsmasq' ? [ref, nodeLocalRef] : [ref]
}

/** An object of the configuration; undefined if it does not exist. */
export function dnsObject({objects}: DnsFacts, ref: ObjectRef): KubernetesObject | undefined {
  return objects.find(({kind, metadata}) => kind === ref.kind && metadata.name === ref.name)
}

/** The data of a ConfigMap of the configuration; undefined if it does not exist. */
export function dnsData(facts: DnsFacts, ref: ObjectRef): Record<string, string> | undefined {
  const found = dnsObject(facts, ref)
  return found && ((found.data ?? {}) as Record<string, string>)
}

/** Whether the configuration of a DNS server exists, so that it can be edited. */
export function hasDnsConfig(facts: DnsFacts, dns: EditedDns): boolean {
  const {ref, key} = dnsPlace(dns)
  const found = dnsObject(facts, ref)
  // kube-dns works with an empty ConfigMap too.
  if (!found || key === undefined || dns === 'kube-dns') return found !== undefined
  return (found.data as Record<string, string> | undefined)?.[key] !== undefined
}

function mapRef(name: string): ObjectRef {
  return {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name}
}
