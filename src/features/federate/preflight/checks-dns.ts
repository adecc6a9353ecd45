import {nameOf} from '../../../engine/kubernetes/object.ts'
import {hasReload} from '../../../mesh/dns/corefile/parse.ts'
import {dnsData, dnsPlace, type EditedDns, hasDnsConfig, noDns, nodeLocalRef} from '../../../mesh/dns/facts.ts'
import {zone} from '../../../mesh/dns/names.ts'
import {type DnsStub, stubState} from '../../../mesh/dns/objects-stub.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import type {Federation} from '../spec.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import {alternatively, controlPlaneHints, dnsCaptureValue} from './install-hint.ts'
import type {FederationCheck} from './subject.ts'

/** The DNS proxy of sidecars resolves names under `.global`. It is off by default. */
const dnsCapture: FederationCheck = {
  id: 'dns-capture',
  about: 'sidecars resolve names under .global',
  lasting: {mode: 'gateways'},
  run: forEachMember((member, {spec}) => {
    const {controlPlane} = member
    if (spec.mode !== 'gateways' || spec.dns !== 'istio' || !controlPlane) return []
    const {capturesDns, allocatesAddresses, version} = controlPlane
    const findings: MemberFinding[] = []
    if (!capturesDns && !spec.captureDns)
      findings.push({
        level: 'warning',
        message: 'sidecars do not capture DNS queries: pods cannot resolve names under .global',
        hints: [
          "add --capture-dns: it enables Istio's DNS proxying in the mesh config, and pods use it after their next restart",
          ...alternatively(controlPlaneHints(member, spec, [dnsCaptureValue])),
        ],
      })
    if (!allocatesAddresses)
      findings.push({
        level: 'warning',
        message: `istiod${version ? ` ${version}` : ''} assigns no addresses to names under .global`,
        hints: [
          'set proxyMetadata.ISTIO_META_DNS_AUTO_ALLOCATE: "true" before Istio 1.25, PILOT_ENABLE_IP_AUTOALLOCATE since 1.25',
        ],
      })
    return findings
  }),
}

/** A DNS configuration that cannot be edited is reported before the first write. */
const dnsConfig: FederationCheck = {
  id: 'dns-config',
  about: "the cluster's DNS configuration can be edited for .global",
  run: forEachMember((member, {spec}) => {
    const {dns} = spec
    if (spec.mode !== 'gateways' || dns === 'istio' || !member.facts) return []
    const {dns: found} = member.facts
    if (!hasDnsConfig(found, dns)) return missingConfig(member, dns)
    return editFindings(member, spec)
  }),
}

function missingConfig({context}: MeshMember, dns: EditedDns): MemberFinding {
  const {ref, key} = dnsPlace(dns)
  const get = `kubectl ${contextFlags(context)} get`
  if (key === undefined)
    return {
      message: `${nameOf(ref)} of ${ref.apiVersion} does not exist: the cluster's DNS is not that of OpenShift`,
      hints: [`${get} configmaps -n kube-system`],
    }
  return {
    message: `ConfigMap ${ref.namespace}/${ref.name} with the key ${key} is missing: the cluster's DNS is not ${dns}`,
    hints: [
      `${get} configmaps -n ${ref.namespace}`,
      'omit --dns: the DNS proxy of sidecars does not need this ConfigMap',
      'on OpenShift: --dns openshift --dns-forward IP',
    ],
  }
}

/** The requested DNS configuration. */
function stubOf({cluster, facts}: MeshMember, {dns, dnsForward: forward, replaceDns: replace}: Federation): DnsStub {
  const forwardBefore = readGatewaysRecord(facts?.record)?.dnsForward ?? []
  const found = facts?.dns ?? noDns
  return {cluster, dns: dns as EditedDns, names: new Map(), forward, forwardBefore, found, replace}
}

function editFindings(member: MeshMember, spec: Federation): readonly MemberFinding[] {
  const {isCurrent, problems} = stubState(stubOf(member, spec))
  if (isCurrent || problems.length > 0 || spec.dns !== 'coredns') return problems
  // Without the plugin, CoreDNS reads the Corefile, and the files that it imports, only when it starts.
  if (hasReload(dnsData(member.facts!.dns, dnsPlace('coredns').ref)!.Corefile!)) return []
  return [
    {
      level: 'warning',
      message: 'CoreDNS runs without the reload plugin: the change takes effect after a restart',
      hints: [`kubectl ${contextFlags(member.context)} -n kube-system rollout restart deployment coredns`],
    },
  ]
}

/**
 * NodeLocal DNSCache forwards only names of the cluster to CoreDNS, and all others to the DNS servers of the node. It follows the
 * stub domains of kube-dns by itself (kubernetes/dns, cmd/node-cache, 1.26).
 */
const nodeLocalDns: FederationCheck = {
  id: 'node-local-dns',
  about: 'queries for .global reach the DNS server that answers them',
  lasting: {mode: 'gateways'},
  run: forEachMember(({facts, context}, {spec}) => {
    if (spec.mode !== 'gateways' || !facts || !(spec.dns === 'coredns' || spec.dns === 'dnsmasq')) return []
    const corefile = dnsData(facts.dns, nodeLocalRef)?.Corefile
    if (corefile === undefined || new RegExp(`^\\s*${zone}\\.?(:53)?\\b`, 'm').test(corefile)) return []
    return {
      level: 'warning',
      message: `NodeLocal DNSCache (ConfigMap ${nodeLocalRef.namespace}/${nodeLocalRef.name}) forwards only cluster names to ${spec.dns}: pods that use it cannot resolve names under .global`,
      hints: [
        `kubectl ${contextFlags(context)} -n ${nodeLocalRef.namespace} edit configmap ${nodeLocalRef.name}`,
        `copy its server block for cluster.local, and set ${zone}:53 as the address of the copy`,
      ],
    }
  }),
}

/** An import without a valid name and address has no name in the cluster's DNS. */
const importsValid: FederationCheck = {
  id: 'imports-valid',
  about: 'all imported services are as kubectl-mesh wrote them',
  run: forEachMember(({facts}, {spec}) =>
    spec.mode === 'gateways'
      ? parseImports(facts?.imports ?? []).problems.map(problem => ({level: 'warning', ...problem}))
      : [],
  ),
}

/** Checks of how names under `.global` are resolved in gateways mode. */
export const dnsChecks: readonly FederationCheck[] = [dnsCapture, dnsConfig, nodeLocalDns, importsValid]
