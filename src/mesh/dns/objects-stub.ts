import type {Apply, Change, Edit, IfReverted} from '../../engine/kubernetes/change.ts'
import type {Manager} from '../../engine/kubernetes/manager.ts'
import type {ObjectRef} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {editObject} from '../../engine/plan/edit.ts'
import {MeshError, type Problem} from '../../errors.ts'
import {count} from '../../text/count.ts'
import {type CorefileFiles, managedKeys, stubFile} from './corefile/files.ts'
import {putGlobalBlock, removeGlobalBlock} from './corefile/global-block.ts'
import {putDnsmasqSection, removeDnsmasqSection} from './dnsmasq.ts'
import {corednsCustomRef, type DnsFacts, dnsData, dnsObject, dnsPlace, type EditedDns, noDns} from './facts.ts'
import {putStubDomain, removeStubDomain} from './kube-dns.ts'
import {type DnsNames, zone} from './names.ts'
import {buildOpenshiftStub, buildOpenshiftUnstub} from './objects-openshift.ts'

/** How the DNS server of a cluster resolves `.global`. */
export interface DnsStub {
  cluster: string
  dns: EditedDns
  /** IP addresses by host name. */
  names: DnsNames
  /** Only for kube-dns and OpenShift, which cannot answer themselves: the DNS servers that they forward to. */
  forward: readonly string[]
  /** The DNS servers that an earlier run set. */
  forwardBefore: readonly string[]
  /** The configuration as it is. Without it, that of kubeadm is assumed. */
  found?: DnsFacts
  /** Replace an existing block of CoreDNS for the zone. */
  replace?: boolean
}

/**
 * Configures the DNS server of a cluster to resolve names under `.global`. The rest of its configuration is kept.
 *
 * @throws MeshError (exit 3) if the configuration of CoreDNS cannot be edited
 */
export function buildDnsStub(stub: DnsStub): Change {
  const {cluster, dns, names, forward, forwardBefore} = stub
  switch (dns) {
    case 'coredns':
      return buildCorednsStub(stub)
    case 'kube-dns':
      return stubEdit(cluster, dns, `global: forwards to ${forward.join(', ')}`, text =>
        putStubDomain(text, forward, forwardBefore),
      )
    case 'dnsmasq':
      return stubEdit(cluster, dns, `global: answers ${count(names.size, 'name')}`, text =>
        putDnsmasqSection(text, names),
      )
    case 'openshift':
      return buildOpenshiftStub(cluster, forward, stub.found ?? noDns)
  }
}

/** The state of the configuration of a DNS server. */
export interface StubState {
  /** It is what `buildDnsStub` would write. */
  isCurrent: boolean
  /** Why it cannot be edited. */
  problems: readonly Problem[]
}

/** Compares the configuration of a DNS server with what `buildDnsStub` would write. */
export function stubState(stub: DnsStub): StubState {
  try {
    const change = buildDnsStub(stub)
    const live = change.action === 'edit' ? dnsObject(stub.found ?? noDns, change.target) : undefined
    const isCurrent = change.action === 'edit' && live !== undefined && !editObject(live, change.edits, '').patch
    return {isCurrent, problems: []}
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    return {isCurrent: false, problems: error.problems}
  }
}

function buildCorednsStub({cluster, names, found = noDns, replace = false}: DnsStub): Change {
  const {map, key, port} = stubFile(corefileFiles(found), replace)
  const put = (text: string) => putGlobalBlock(text, names, {port, replace})
  const about = `${zone}${port && `:${port}`}: answers ${count(names.size, 'name')}`
  if (map === 'coredns') return {...textEdit(cluster, dnsPlace('coredns').ref, key, about, put), ifReverted}
  if (dnsData(found, corednsCustomRef)) return {...textEdit(cluster, corednsCustomRef, key, about, put), ifReverted}
  return newCustomMap(cluster, {[key]: put('')})
}

/**
 * The ConfigMap for server blocks, which is mounted where the Corefile imports it. It stays when the cluster leaves, because
 * others may have added keys to it.
 */
function newCustomMap(cluster: string, data: Record<string, string>): Apply {
  const {apiVersion, kind, name, namespace} = corednsCustomRef
  const metadata = {name, namespace: namespace!}
  return {action: 'apply', cluster, wave: waves.exposure, object: {apiVersion, kind, metadata, data}, stays: true}
}

const ifReverted: IfReverted = {effect: 'names under .global do not resolve', instead: durableWay}

function durableWay({name}: Manager): string[] {
  return [`add the server block to the Corefile where ${name} reads it; --dry-run=server shows the block`]
}

/**
 * Reverts `buildDnsStub`.
 *
 * @param forwardBefore only for kube-dns: the DNS servers that an earlier run set
 * @param found the configuration as it is
 */
export function buildDnsUnstub(
  cluster: string,
  dns: EditedDns,
  forwardBefore: readonly string[],
  found: DnsFacts,
): Edit[] {
  if (dns === 'openshift') return [buildOpenshiftUnstub(cluster)]
  const {ref, key} = dnsPlace(dns)
  const remove = {
    coredns: removeGlobalBlock,
    'kube-dns': (text: string) => removeStubDomain(text, forwardBefore),
    dnsmasq: removeDnsmasqSection,
  }[dns]
  const custom = dns === 'coredns' ? managedKeys(corefileFiles(found).custom) : []
  return [
    restore(textEdit(cluster, ref, key!, 'global: removed', remove)),
    // An empty key is removed: kubectl-mesh has added it.
    ...custom.map(name =>
      restore(
        textEdit(cluster, corednsCustomRef, name, 'global: removed', text => removeGlobalBlock(text) || undefined),
      ),
    ),
  ]
}

function restore(edit: Edit): Edit {
  return {...edit, undoes: true}
}

/** The Corefile and the ConfigMap that it may import. */
function corefileFiles(found: DnsFacts): CorefileFiles {
  const {ref, key} = dnsPlace('coredns')
  return {corefile: dnsData(found, ref)?.[key!] ?? '', custom: dnsData(found, corednsCustomRef)}
}

function stubEdit(cluster: string, dns: EditedDns, about: string, change: (text: string) => string): Edit {
  const {ref, key} = dnsPlace(dns)
  return {...textEdit(cluster, ref, key!, about, change), ifReverted}
}

function textEdit(
  cluster: string,
  target: ObjectRef,
  key: string,
  about: string,
  change: (text: string) => string | undefined,
): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.exposure,
    target,
    edits: [{at: 'text', path: ['data', key], about, edit: change}],
  }
}
