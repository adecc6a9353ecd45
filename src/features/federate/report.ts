import {type Wave, waves} from '../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import {readInjector} from '../../istio/remote.ts'
import {addressesOf} from '../../mesh/gateway-services.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {credentialsIn} from '../../mesh/remote-secrets.ts'
import {nameOfPrimary, neededGateways, primaryAmong} from '../../mesh/primary-remote.ts'
import {readGatewaysRecord} from '../../mesh/record.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {dumpYaml} from '../../text/yaml.ts'

/** What came of one cluster of a federation. */
export interface FederationRow {
  cluster: string
  ca: string
  gateway: string
  exposed: string
  /** Not in gateways mode, where nobody holds one. */
  credentials?: string
  /** In primary-remote mode: whose istiod serves the cluster. */
  istiod?: string
  /** In gateways mode: who answers for names under `.global`. */
  dns?: string
  /** `joined`, for whom it waits, or what failed. */
  result: string
}

/** One row a cluster. `after` is what was read after the last write; without facts where that failed. */
export function federationRows(
  after: readonly MeshMember[],
  outcomes: readonly Outcome[],
  failed: ReadonlySet<string>,
): FederationRow[] {
  const primary = primaryAmong(after)
  return after.map(member => {
    const gateways = readGatewaysRecord(member.facts?.record) !== undefined
    const own = outcomes.filter(({cluster}) => cluster === member.cluster)
    const waveResult = (wave: Wave) => resultOf(own.filter(({step}) => step.change.wave === wave))
    return {
      cluster: member.cluster,
      ca: caText(member, waveResult(waves.ca)),
      gateway: neededGateways(member, after).flatMap(addressesOf).join(',') || '–',
      exposed: waveResult(waves.exposure),
      ...(gateways
        ? {dns: dnsText(member)}
        : {credentials: credentialsText(member, after, waveResult(waves.remoteSecrets))}),
      ...(primary ? {istiod: member.primary === undefined ? 'own' : `of ${primary.cluster}`} : {}),
      result: failed.has(member.cluster)
        ? `failed${failedStage(own)}`
        : gateways
          ? 'joined'
          : joinedText(member, after),
    }
  })
}

/** The worst of some results; `–` for none. */
function resultOf(outcomes: readonly Outcome[]): string {
  const results = new Set(outcomes.map(({result}) => result))
  return (['failed', 'not tried', 'ok', 'unchanged'] as const).find(result => results.has(result)) ?? '–'
}

/** Nothing is planned for a `cacerts` that fits. */
function caText(member: MeshMember, result: string): string {
  return result === '–' && member.facts?.caSecret ? 'unchanged' : result
}

function credentialsText(member: MeshMember, all: readonly MeshMember[], result: string): string {
  if (result === 'unchanged' || !member.facts || member.primary !== undefined) return result
  const held = new Set(credentialsIn(member.facts).map(({target}) => target))
  const others = all.filter(({cluster}) => cluster !== member.cluster)
  return `${others.filter(({cluster}) => held.has(cluster)).length} of ${others.length}`
}

/** Istio's own DNS proxy only answers where it is turned on. */
function dnsText({facts, controlPlane}: MeshMember): string {
  const dns = readGatewaysRecord(facts?.record)?.dns ?? '–'
  return dns === 'istio' && !controlPlane?.capturesDns ? 'istio (off)' : dns
}

/** Who holds no credential for another cluster does not see it yet; a remote is seen, and served, by its primary. */
function joinedText(member: MeshMember, all: readonly MeshMember[]): string {
  if (member.primary !== undefined) {
    const {trusted} = readInjector(member.facts?.primaryRemote?.injector)
    return trusted ? 'joined' : `waits for ${nameOfPrimary(member, all)}`
  }
  const held = new Set(member.facts ? credentialsIn(member.facts).map(({target}) => target) : [])
  const missing = all.map(({cluster}) => cluster).filter(cluster => cluster !== member.cluster && !held.has(cluster))
  return missing.length === 0 ? 'joined' : `waits for ${missing.join(', ')}`
}

const stages: Record<number, string> = {
  [waves.namespaces]: 'namespace',
  [waves.ca]: 'CA',
  [waves.controlPlane]: 'control plane',
  [waves.gateways]: 'gateway',
  [waves.exposure]: 'exposure',
  [waves.credentials]: 'credentials',
  [waves.remoteSecrets]: 'remote Secrets',
  [waves.remoteControlPlane]: 'control plane',
  [waves.remoteGateways]: 'gateway',
}

/** Where nothing failed to be written, it is the wait for the gateway or its token that failed. */
function failedStage(outcomes: readonly Outcome[]): string {
  const failed = outcomes.find(({result}) => result === 'failed')
  return failed ? `: ${stages[failed.step.change.wave] ?? 'apply'}` : ': not ready'
}

/** The report for people, or as data for `-o json|yaml`. */
export function formatFederationReport(rows: readonly FederationRow[], format: string | undefined): string {
  if (format === 'json') return `${JSON.stringify({clusters: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml({clusters: rows})
  const gateways = rows.some(({dns}) => dns !== undefined)
  const remotes = rows.some(({istiod}) => istiod !== undefined)
  const cells = rows.map(({cluster, ca, istiod, gateway, exposed, credentials, dns, result}) => [
    cluster,
    ca,
    ...(remotes ? [istiod ?? '–'] : []),
    gateway,
    exposed,
    (gateways ? dns : credentials) ?? '–',
    result,
  ])
  const heads = [
    'cluster',
    'CA',
    ...(remotes ? ['istiod'] : []),
    'gateway',
    'exposed',
    gateways ? 'DNS' : 'credentials',
    'result',
  ]
  return `\n${formatTable(heads, cells)}`
}

/** The report of a removal: who forgot, who left. */
export function formatRemovalReport(
  clusters: readonly {member: MeshMember; reached: boolean}[],
  gone: ReadonlySet<string>,
  outcomes: readonly Outcome[],
  format: string | undefined,
): string {
  const rows = clusters.map(({member: {cluster}, reached}) => {
    const own = outcomes.filter(outcome => outcome.cluster === cluster)
    const removed = own.filter(({result}) => result === 'ok').length
    const result = own.some(({result}) => result === 'failed' || result === 'not tried')
      ? 'failed'
      : gone.has(cluster)
        ? 'left'
        : 'stays'
    return {
      cluster,
      removed: reached ? String(removed) : '–',
      result: reached ? result : 'not reached: what was made there stays',
    }
  })
  if (format === 'json') return `${JSON.stringify({clusters: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml({clusters: rows})
  return `\n${formatTable(
    ['cluster', 'changes', 'result'],
    rows.map(({cluster, removed, result}) => [cluster, removed, result]),
  )}`
}
