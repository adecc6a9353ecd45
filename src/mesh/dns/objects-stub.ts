import type {Edit} from '../../engine/kubernetes/change.ts'
import type {ObjectRef} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {DnsServer} from '../record.ts'
import {putGlobalBlock, removeGlobalBlock} from './corefile.ts'
import {putDnsmasqPart, putStubDomain, removeDnsmasqPart, removeStubDomain} from './dns-text.ts'

/** A DNS server of the cluster whose configuration can be edited. */
export type EditedDns = Exclude<DnsServer, 'istio'>

/** Where a DNS server has its configuration: the ConfigMap, and the key of the text. */
export interface DnsPlace {
  ref: ObjectRef
  key: string
}

/** Kubernetes' own names (kubeadm's `coredns`, the addon `kube-dns`); for dnsmasq there is no custom but this. */
export function dnsPlace(dns: EditedDns): DnsPlace {
  const configMap = (name: string) => ({apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name})
  switch (dns) {
    case 'coredns':
      return {ref: configMap('coredns'), key: 'Corefile'}
    case 'kube-dns':
      return {ref: configMap('kube-dns'), key: 'stubDomains'}
    case 'dnsmasq':
      return {ref: configMap('dnsmasq'), key: 'dnsmasq.conf'}
  }
}

/** What a cluster's DNS is to say of `.global`. */
export interface DnsStub {
  cluster: string
  dns: EditedDns
  /** IP addresses by host name. */
  names: ReadonlyMap<string, readonly string[]>
  /** For kube-dns, which answers nothing itself: where to. */
  forward: readonly string[]
  /** What it forwarded to by an earlier run. */
  forwardBefore: readonly string[]
}

/** Lets the cluster's DNS answer for names under `.global`. All else in its configuration is kept. */
export function buildDnsStub({cluster, dns, names, forward, forwardBefore}: DnsStub): Edit {
  switch (dns) {
    case 'coredns':
      return edit(cluster, dns, `global:53: answers ${names.size} names`, text => putGlobalBlock(text, names))
    case 'kube-dns':
      return edit(cluster, dns, `global: forwards to ${forward.join(', ')}`, text =>
        putStubDomain(text, forward, forwardBefore),
      )
    case 'dnsmasq':
      return edit(cluster, dns, `global: answers ${names.size} names`, text => putDnsmasqPart(text, names))
  }
}

/** Takes it out again. */
export function buildDnsUnstub(cluster: string, dns: EditedDns, forwardBefore: readonly string[]): Edit {
  const remove = {
    coredns: removeGlobalBlock,
    'kube-dns': (text: string) => removeStubDomain(text, forwardBefore),
    dnsmasq: removeDnsmasqPart,
  }[dns]
  return edit(cluster, dns, 'global: nothing any more', remove)
}

function edit(cluster: string, dns: EditedDns, about: string, change: (text: string) => string): Edit {
  const {ref, key} = dnsPlace(dns)
  return {
    action: 'edit',
    cluster,
    wave: waves.exposure,
    target: ref,
    edits: [{at: 'text', path: ['data', key], about, edit: change}],
  }
}
