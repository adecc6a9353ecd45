import {messageOf} from '../../../errors.ts'
import {putGlobalBlock} from '../../../mesh/dns/corefile/global-block.ts'
import {hasReload} from '../../../mesh/dns/corefile/parse.ts'
import {buildDnsStub, dnsPlace} from '../../../mesh/dns/objects-stub.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Federation} from '../spec.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** The DNS proxy of sidecars resolves names under `.global`. It is off by default. */
const dnsCapture: FederationCheck = {
  id: 'dns-capture',
  about: 'sidecars resolve names under .global',
  lasting: {mode: 'gateways'},
  run: forEachMember(({controlPlane}, {spec}) => {
    if (spec.mode !== 'gateways' || spec.dns !== 'istio' || !controlPlane) return []
    const {capturesDns, allocatesAddresses, version} = controlPlane
    const findings: MemberFinding[] = []
    if (!capturesDns && !spec.captureDns)
      findings.push({
        level: 'warning',
        message: 'sidecars do not capture DNS queries: pods cannot resolve names under .global',
        hints: [
          "add --capture-dns: it enables Istio's DNS proxying in the mesh config, and pods use it after their next restart",
          'or set meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE: "true" where you install Istio from',
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
    const {ref, key} = dnsPlace(dns)
    const {dnsConfig: config} = member.facts
    const text = (config?.data as Record<string, string> | undefined)?.[key]
    // kube-dns works with an empty ConfigMap too.
    if (text === undefined && !(dns === 'kube-dns' && config))
      return {
        message: `ConfigMap ${ref.namespace}/${ref.name} with the key ${key} is missing: the cluster's DNS is not ${dns}`,
        hints: [
          `kubectl --context ${shellWord(member.context)} -n ${ref.namespace} get configmaps`,
          'omit --dns: the DNS proxy of sidecars does not need this ConfigMap',
        ],
      }
    return [...editFindings(member, text ?? '', spec), ...(dns === 'coredns' ? reloadFindings(member, text ?? '') : [])]
  }),
}

function editFindings({cluster, facts}: MeshMember, text: string, spec: Federation): MemberFinding[] {
  const forwardBefore = readGatewaysRecord(facts?.record)?.dnsForward ?? []
  const {dns, dnsForward: forward} = spec
  if (dns === 'istio') return []
  const [edit] = buildDnsStub({cluster, dns, names: new Map(), forward, forwardBefore}).edits
  try {
    if (edit?.at === 'text') edit.edit(text)
    return []
  } catch (error) {
    return [{message: messageOf(error)}]
  }
}

function reloadFindings({context}: MeshMember, corefile: string): MemberFinding[] {
  try {
    if (hasReload(corefile) || putGlobalBlock(corefile, new Map()) === corefile) return []
  } catch {
    // The finding of the edit reports a Corefile that cannot be parsed.
    return []
  }
  return [
    {
      level: 'warning',
      message: 'CoreDNS runs without the reload plugin: the change takes effect after a restart',
      hints: [`kubectl --context ${shellWord(context)} -n kube-system rollout restart deployment coredns`],
    },
  ]
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
export const dnsChecks: readonly FederationCheck[] = [dnsCapture, dnsConfig, importsValid]
