import {addressesOf, gatewaysInto, type Joining} from '../../facts/members.ts'
import type {Change} from '../../manifests/change.ts'
import {buildDnsStub, buildDnsUnstub} from '../../manifests/dns-stub.ts'
import {type GatewaysRecord, readGatewaysRecord} from '../../manifests/federation-record.ts'
import {globalHost, readServiceImport} from '../../manifests/service-export.ts'
import type {Federation} from '../../specs/federation.ts'

/** What is to be noted of a cluster in gateways mode; undefined in another mode. */
export function gatewaysRecordOf(spec: Federation, joining: Joining): GatewaysRecord | undefined {
  if (spec.mode !== 'gateways') return undefined
  const before = readGatewaysRecord(joining.facts?.record)
  const captures = joining.controlPlane?.capturesDns ?? false
  return {
    addresses: [...new Set(gatewaysInto(joining).flatMap(addressesOf))],
    dns: spec.dns,
    dnsForward: spec.dnsForward,
    ownsDnsCapture: spec.dns === 'istio' && (before?.ownsDnsCapture || (spec.captureDns && !captures)),
  }
}

/**
 * What is to change in a cluster for names under `.global` to resolve as the Spec says, and what an earlier run did
 * otherwise is undone. Loads an editor of YAML only where the mesh config is edited.
 */
export async function dnsChangesOf(spec: Federation, joining: Joining): Promise<Change[]> {
  const {cluster, facts} = joining
  const before = readGatewaysRecord(facts?.record)
  const now = gatewaysRecordOf(spec, joining)
  const changes: Change[] = []
  const place = {cluster, systemNamespace: spec.systemNamespace, revision: spec.revision}
  if (now?.ownsDnsCapture) {
    const {buildDnsCapture} = await import('../../manifests/dns-capture.ts')
    changes.push(buildDnsCapture(place))
  }
  if (now && now.dns !== 'istio') {
    const names = new Map(
      (facts?.imports ?? []).map(entry => {
        const imported = readServiceImport(entry)
        return [globalHost(imported), imported.addresses] as const
      }),
    )
    changes.push(
      buildDnsStub({cluster, dns: now.dns, names, forward: now.dnsForward, forwardBefore: before?.dnsForward ?? []}),
    )
  }
  return [...changes, ...(await dnsFarewell(place, before, now))]
}

/** Undoes for names under `.global` what the record says that we did, as far as it is not wanted any more. */
export async function dnsFarewell(
  place: {cluster: string; systemNamespace: string; revision: string | undefined},
  before: GatewaysRecord | undefined,
  now?: GatewaysRecord,
): Promise<Change[]> {
  const changes: Change[] = []
  if (before && before.dns !== 'istio' && before.dns !== now?.dns)
    changes.push(buildDnsUnstub(place.cluster, before.dns, before.dnsForward))
  if (before?.ownsDnsCapture && !now?.ownsDnsCapture) {
    const {buildDnsUncapture} = await import('../../manifests/dns-uncapture.ts')
    changes.push(buildDnsUncapture(place))
  }
  return changes
}
