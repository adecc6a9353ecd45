import type {Change} from '../../engine/kubernetes/change.ts'
import {type DnsFacts, noDns} from '../../mesh/dns/facts.ts'
import {buildDnsStub, buildDnsUnstub} from '../../mesh/dns/objects-stub.ts'
import {addressesOf, trustedGatewaysOf} from '../../mesh/gateway-services.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {type GatewaysRecord, readGatewaysRecord} from '../../mesh/record.ts'
import {entryAddresses, withFixedAddresses} from '../../mesh/services/addresses.ts'
import {buildServiceImport, globalHost, servicesApplySet} from '../../mesh/services/objects.ts'
import {dnsNamesOf, parseImports} from '../../mesh/services/parse-import.ts'
import type {Federation} from './spec.ts'

/** Returns the record of a cluster in gateways mode; undefined in another mode. */
export function gatewaysRecordOf(spec: Federation, member: MeshMember): GatewaysRecord | undefined {
  if (spec.mode !== 'gateways') return undefined
  const before = readGatewaysRecord(member.facts?.record)
  const gateways = trustedGatewaysOf(member)
  const captures = member.controlPlane?.capturesDns ?? false
  return {
    addresses: [...new Set(gateways.flatMap(addressesOf))],
    dns: spec.dns,
    dnsForward: spec.dnsForward,
    ownsDnsCapture: spec.dns === 'istio' && (before?.ownsDnsCapture || (spec.captureDns && !captures)),
  }
}

/** Returns the changes with which a cluster resolves names under `.global` as specified, and cleans up after an earlier run. */
export async function dnsChangesOf(spec: Federation, member: MeshMember): Promise<Change[]> {
  const {cluster, facts} = member
  const before = readGatewaysRecord(facts?.record)
  const now = gatewaysRecordOf(spec, member)
  const changes: Change[] = []
  const place = {cluster, systemNamespace: spec.systemNamespace, revision: member.revision}
  if (now?.ownsDnsCapture) {
    // Loads a YAML editor, which most runs do not need.
    const {buildDnsCapture} = await import('../../mesh/dns/objects-capture.ts')
    changes.push(buildDnsCapture(place))
  }
  if (now && now.dns !== 'istio') {
    const imports = addressedImports(spec, member)
    changes.push(
      ...imports.changes,
      buildDnsStub({
        cluster,
        dns: now.dns,
        names: imports.names,
        forward: now.dnsForward,
        forwardBefore: before?.dnsForward ?? [],
        found: facts?.dns ?? noDns,
        replace: spec.replaceDns,
      }),
    )
  }
  return [...changes, ...(await dnsCleanup(place, facts?.dns ?? noDns, before, now))]
}

/**
 * The names of imported services, and the changes of those without an address: they were exported while istiod resolved their
 * names.
 */
function addressedImports(spec: Federation, {cluster, revision, facts}: MeshMember) {
  const {imports, invalid} = parseImports(facts?.imports ?? [])
  const before = imports.map(({imported}) => imported)
  const after = withFixedAddresses(before, invalid.flatMap(entryAddresses))
  const place = {cluster, systemNamespace: spec.systemNamespace, revision, isTenant: facts?.isTenant ?? false}
  const set = servicesApplySet(spec)
  const changes = after
    .filter(imported => !before.includes(imported))
    .flatMap(imported => buildServiceImport(place, imported).map(change => ({...change, memberOf: set})))
  const names = new Map([
    ...dnsNamesOf(invalid),
    ...after.map(imported => [globalHost(imported), imported.addresses] as const),
  ])
  return {names, changes}
}

/**
 * Returns the changes that undo what an earlier run configured for names under `.global`. What no longer exists is not restored.
 *
 * @param found configuration of the DNS servers
 * @param before record of the earlier run
 * @param now record of this run, whose settings are kept; undefined for a cluster that leaves
 */
export async function dnsCleanup(
  place: {cluster: string; systemNamespace: string; revision: string | undefined},
  found: DnsFacts,
  before: GatewaysRecord | undefined,
  now?: GatewaysRecord,
): Promise<Change[]> {
  const changes: Change[] = []
  if (before && before.dns !== 'istio' && before.dns !== now?.dns)
    changes.push(...buildDnsUnstub(place.cluster, before.dns, before.dnsForward, found))
  if (before?.ownsDnsCapture && !now?.ownsDnsCapture) {
    const {buildDnsUncapture} = await import('../../mesh/dns/objects-capture.ts')
    changes.push(buildDnsUncapture(place))
  }
  return changes
}
