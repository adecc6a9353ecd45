import {isIP} from 'node:net'
import type {EditedDns} from '../../../mesh/dns/facts.ts'
import {stubState} from '../../../mesh/dns/objects-stub.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {clientRuleProblems} from '../../../mesh/services/client-rules.ts'
import {globalHost, type ServiceImport} from '../../../mesh/services/objects.ts'
import {dnsNamesOf, parseImports} from '../../../mesh/services/parse-import.ts'
import {unreadProblems} from '../../../mesh/services/unread.ts'
import {someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {outdatedImports} from './checks-exports.ts'
import {
  fromApiServer,
  fromApiServers,
  fromDebugPages,
  hasIstiodState,
  isReachable,
  istiodStates,
  kubectlInSystem,
  type VerifySubject,
  verifyCheck,
} from './subject.ts'

export const importsCurrent = verifyCheck({
  id: 'imports-current',
  about: 'imported services match the current exports',
  applies: hasImports,
  from: fromApiServers,
  run: ({current, all, controlPlaneFlags}) => [
    ...unreadProblems(current.member.facts?.imports ?? [], current.member.revision),
    ...outdatedImports(current, all, controlPlaneFlags),
  ],
})

export const importsKnown = verifyCheck({
  id: 'imports-known',
  about: 'istiod knows the endpoints of imported services',
  applies: subject => hasIstiodState(subject) && subject.gateways && fixedHosts(subject).length > 0,
  from: fromDebugPages,
  run: subject =>
    istiodStates(subject.current).flatMap(({pod, external}) =>
      fixedHosts(subject)
        .filter(host => !external.has(host))
        .map(host => ({
          message: `${pod} has no endpoints for ${host}`,
          hints: [`${kubectlInSystem(subject)} logs ${pod} | grep ${shellWord(host)}`],
        })),
    ),
})

export const rulesUsed = verifyCheck({
  id: 'client-rules',
  about: 'no other DestinationRule replaces that of an imported service',
  applies: hasImports,
  from: fromApiServer,
  run: ({current, systemNamespace}) => {
    const {imports} = parseImports(current.member.facts?.imports ?? [])
    const {context} = current.member
    return clientRuleProblems(
      imports.map(({imported}) => imported),
      current.rules,
      {systemNamespace, context},
    )
  },
})

/** The names in the DNS configuration differ if an export was made while another DNS server was set, or if it was reverted. */
export const namesCurrent = verifyCheck({
  id: 'dns-names',
  about: "the cluster's DNS has the names of imported services",
  applies: subject => hasImports(subject) && editedDnsOf(subject) !== undefined,
  from: fromApiServer,
  run: subject => {
    const {facts, cluster} = subject.current.member
    const {dns, dnsForward: forward} = readGatewaysRecord(facts!.record)!
    const names = dnsNamesOf(facts!.imports)
    const without = [...names].filter(([, addresses]) => addresses.length === 0).map(([name]) => name)
    const hints = [subject.repairCommand]
    if (without.length > 0)
      return [{message: `${dns} cannot resolve ${someOf(without)}: no address is allocated`, hints}]
    const found = facts!.dns
    const stub = {cluster, dns: dns as EditedDns, names, forward, forwardBefore: forward, found}
    const {isCurrent, problems} = stubState(stub)
    if (isCurrent || problems.length > 0) return [...problems]
    return [{message: `the configuration of ${dns} does not have the current names`, hints}]
  },
})

function hasImports(subject: VerifySubject): boolean {
  return isReachable(subject) && subject.gateways && (subject.current.member.facts?.imports ?? []).length > 0
}

/** The DNS server whose configuration is edited; undefined if the sidecars resolve the names. */
function editedDnsOf({current}: VerifySubject): EditedDns | undefined {
  const dns = readGatewaysRecord(current.member.facts?.record)?.dns
  return dns === 'istio' ? undefined : dns
}

/** Imported hosts whose endpoints istiod takes from the ServiceEntry. */
function fixedHosts({current}: VerifySubject): string[] {
  const {imports} = parseImports(current.member.facts?.imports ?? [])
  return imports.filter(({imported}) => hasIpAddresses(imported)).map(({imported}) => globalHost(imported))
}

/** Host names of gateways are resolved by the proxies, so that istiod has no endpoints for them. */
function hasIpAddresses({exporters}: ServiceImport): boolean {
  return Object.values(exporters).every(({addresses}) => addresses.every(address => isIP(address)))
}
