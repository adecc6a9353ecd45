import type {Edit} from '../../engine/kubernetes/change.ts'
import type {ObjectRef} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {count} from '../../text/count.ts'
import type {DnsServer} from '../record.ts'
import {putGlobalBlock, removeGlobalBlock} from './corefile/global-block.ts'
import {putDnsmasqSection, removeDnsmasqSection} from './dnsmasq.ts'
import {putStubDomain, removeStubDomain} from './kube-dns.ts'
import type {DnsNames} from './names.ts'

/** A DNS server of the cluster whose configuration is edited. */
export type EditedDns = Exclude<DnsServer, 'istio'>

/** Where a DNS server has its configuration. */
export interface DnsPlace {
  /** The ConfigMap. */
  ref: ObjectRef
  /** Key of the configuration in `data`. */
  key: string
}

/** Names as in kubeadm (`coredns`) and the kube-dns addon. dnsmasq has no standard installation. */
const places: Readonly<Record<EditedDns, {name: string; key: string}>> = {
  coredns: {name: 'coredns', key: 'Corefile'},
  'kube-dns': {name: 'kube-dns', key: 'stubDomains'},
  dnsmasq: {name: 'dnsmasq', key: 'dnsmasq.conf'},
}

/** The ConfigMap and key with the configuration of a DNS server. */
export function dnsPlace(dns: EditedDns): DnsPlace {
  const {name, key} = places[dns]
  return {ref: {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name}, key}
}

/** How the DNS server of a cluster resolves `.global`. */
export interface DnsStub {
  cluster: string
  dns: EditedDns
  /** IP addresses by host name. */
  names: DnsNames
  /** Only for kube-dns, which cannot answer itself: the DNS servers that it forwards to. */
  forward: readonly string[]
  /** The DNS servers that an earlier run set. */
  forwardBefore: readonly string[]
}

/** Configures the DNS server of a cluster to resolve names under `.global`. The rest of its configuration is kept. */
export function buildDnsStub({cluster, dns, names, forward, forwardBefore}: DnsStub): Edit {
  switch (dns) {
    case 'coredns':
      return edit(cluster, dns, `global:53: answers ${count(names.size, 'name')}`, text => putGlobalBlock(text, names))
    case 'kube-dns':
      return edit(cluster, dns, `global: forwards to ${forward.join(', ')}`, text =>
        putStubDomain(text, forward, forwardBefore),
      )
    case 'dnsmasq':
      return edit(cluster, dns, `global: answers ${count(names.size, 'name')}`, text => putDnsmasqSection(text, names))
  }
}

/**
 * Reverts `buildDnsStub`.
 *
 * @param forwardBefore only for kube-dns: the DNS servers that an earlier run set
 */
export function buildDnsUnstub(cluster: string, dns: EditedDns, forwardBefore: readonly string[]): Edit {
  const remove = {
    coredns: removeGlobalBlock,
    'kube-dns': (text: string) => removeStubDomain(text, forwardBefore),
    dnsmasq: removeDnsmasqSection,
  }[dns]
  return edit(cluster, dns, 'global: removed', remove)
}

function edit(cluster: string, dns: EditedDns, about: string, change: (text: string) => string | undefined): Edit {
  const {ref, key} = dnsPlace(dns)
  return {
    action: 'edit',
    cluster,
    wave: waves.exposure,
    target: ref,
    edits: [{at: 'text', path: ['data', key], about, edit: change}],
  }
}
