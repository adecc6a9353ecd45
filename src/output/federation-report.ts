import {addressesOf, credentialsIn, type Joining} from '../facts/members.ts'
import {nameOfPrimary, neededGateways, primaryAmong} from '../facts/primary-remote.ts'
import {readInjector} from '../istio/remote.ts'
import {readGatewaysRecord} from '../manifests/federation-record.ts'
import {type Wave, waves} from '../manifests/waves.ts'
import type {Outcome} from '../plan/apply.ts'
import {dumpYaml} from '../yaml.ts'
import {formatTable} from './table.ts'

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
  after: readonly Joining[],
  outcomes: readonly Outcome[],
  failed: ReadonlySet<string>,
): FederationRow[] {
  const primary = primaryAmong(after)
  return after.map(joining => {
    const gateways = readGatewaysRecord(joining.facts?.record) !== undefined
    const own = outcomes.filter(({cluster}) => cluster === joining.cluster)
    const waveResult = (wave: Wave) => resultOf(own.filter(({step}) => step.change.wave === wave))
    return {
      cluster: joining.cluster,
      ca: caText(joining, waveResult(waves.ca)),
      gateway: neededGateways(joining, after).flatMap(addressesOf).join(',') || '–',
      exposed: waveResult(waves.exposure),
      ...(gateways
        ? {dns: dnsText(joining)}
        : {credentials: credentialsText(joining, after, waveResult(waves.remoteSecrets))}),
      ...(primary ? {istiod: joining.primary === undefined ? 'own' : `of ${primary.cluster}`} : {}),
      result: failed.has(joining.cluster)
        ? `failed${failedStage(own)}`
        : gateways
          ? 'joined'
          : joinedText(joining, after),
    }
  })
}

/** The worst of some results; `–` for none. */
function resultOf(outcomes: readonly Outcome[]): string {
  const results = new Set(outcomes.map(({result}) => result))
  return (['failed', 'not tried', 'ok', 'unchanged'] as const).find(result => results.has(result)) ?? '–'
}

/** Nothing is planned for a `cacerts` that fits. */
function caText(joining: Joining, result: string): string {
  return result === '–' && joining.facts?.caSecret ? 'unchanged' : result
}

function credentialsText(joining: Joining, all: readonly Joining[], result: string): string {
  if (result === 'unchanged' || !joining.facts || joining.primary !== undefined) return result
  const held = new Set(credentialsIn(joining.facts).map(({target}) => target))
  const others = all.filter(({cluster}) => cluster !== joining.cluster)
  return `${others.filter(({cluster}) => held.has(cluster)).length} of ${others.length}`
}

/** Istio's own DNS proxy only answers where it is turned on. */
function dnsText({facts, controlPlane}: Joining): string {
  const dns = readGatewaysRecord(facts?.record)?.dns ?? '–'
  return dns === 'istio' && !controlPlane?.capturesDns ? 'istio (off)' : dns
}

/** Who holds no credential for another cluster does not see it yet; a remote is seen, and served, by its primary. */
function joinedText(joining: Joining, all: readonly Joining[]): string {
  if (joining.primary !== undefined) {
    const {trusted} = readInjector(joining.facts?.primaryRemote?.injector)
    return trusted ? 'joined' : `waits for ${nameOfPrimary(joining, all)}`
  }
  const held = new Set(joining.facts ? credentialsIn(joining.facts).map(({target}) => target) : [])
  const missing = all.map(({cluster}) => cluster).filter(cluster => cluster !== joining.cluster && !held.has(cluster))
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
  clusters: readonly {joining: Joining; reached: boolean}[],
  gone: ReadonlySet<string>,
  outcomes: readonly Outcome[],
  format: string | undefined,
): string {
  const rows = clusters.map(({joining: {cluster}, reached}) => {
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
