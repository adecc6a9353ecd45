import {type Wave, waves} from '../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import {readInjector} from '../../istio/remote.ts'
import {gatewayText} from '../../mesh/gateways/text.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {nameOfPrimary, primaryAmong} from '../../mesh/primary-remote.ts'
import {readGatewaysRecord} from '../../mesh/record.ts'
import {credentialsIn} from '../../mesh/remote-secrets.ts'
import {removedBy} from '../../terminal/output/objects.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {dumpYaml} from '../../text/yaml.ts'
import {unlinkedClusters} from './report-links.ts'
import type {StageProblem} from './stages/stage.ts'

/** The result of one cluster of a federation. */
export interface FederationRow {
  cluster: string
  ca: string
  gateway: string
  exposed: string
  /** Not in gateways mode, in which no cluster holds credentials. */
  credentials?: string
  /** In primary-remote mode: the istiod that serves the cluster. */
  istiod?: string
  /** In gateways mode: the DNS server that resolves names under `.global`. */
  dns?: string
  /** `joined`, the clusters that it is not linked with or waits for, or what failed. `, with findings` if a check found something, `, not checked` without waiting. */
  result: string
  /** Clusters of the mesh outside the run with which it has no link. */
  unlinked?: readonly string[]
}

/**
 * Returns one row per cluster.
 *
 * @param after clusters as they are after the last write; without facts if they cannot be read
 * @param failures the problems of each cluster with a failure
 * @param found what the checks after the last write found
 */
export function federationRows(
  after: readonly MeshMember[],
  outcomes: readonly Outcome[],
  failures: ReadonlyMap<string, readonly StageProblem[]>,
  found: readonly Pick<ReportedFinding, 'cluster'>[] | 'not checked' = [],
): FederationRow[] {
  const primary = primaryAmong(after)
  const unlinkedBy = unlinkedClusters(after)
  return after.map(member => {
    const own = outcomes.filter(({cluster}) => cluster === member.cluster)
    const waveResult = (wave: Wave) => resultOf(own.filter(({step}) => step.change.wave === wave))
    const unlinked = unlinkedBy.get(member.cluster) ?? []
    return {
      cluster: member.cluster,
      ca: caText(member, waveResult(waves.ca)),
      gateway: gatewayText(member, after) || '-',
      exposed: waveResult(waves.listeners),
      ...(isInGatewaysMode(member)
        ? {dns: dnsText(member)}
        : {credentials: credentialsText(member, after, waveResult(waves.remoteSecrets))}),
      ...(primary ? {istiod: member.primary === undefined ? 'own' : `of ${primary.cluster}`} : {}),
      result:
        failureText(own, failures.get(member.cluster)) ??
        withChecks(joinedText(member, after, unlinked), member, found),
      ...(unlinked.length > 0 ? {unlinked} : {}),
    }
  })
}

function withChecks(
  result: string,
  {cluster}: MeshMember,
  found: readonly Pick<ReportedFinding, 'cluster'>[] | 'not checked',
): string {
  if (result !== 'joined') return result
  if (found === 'not checked') return 'joined, not checked'
  return found.some(one => one.cluster === cluster) ? 'joined, with findings' : result
}

function isInGatewaysMode({facts}: MeshMember): boolean {
  return readGatewaysRecord(facts?.record) !== undefined
}

/** The worst result; `–` without any. */
function resultOf(outcomes: readonly Outcome[]): string {
  const results = new Set(outcomes.map(({result}) => result))
  return (['failed', 'not tried', 'ok', 'unchanged'] as const).find(result => results.has(result)) ?? '-'
}

/** For a `cacerts` with the right root, no change is planned. */
function caText(member: MeshMember, result: string): string {
  return result === '-' && member.facts?.caSecret ? 'unchanged' : result
}

function credentialsText(member: MeshMember, all: readonly MeshMember[], result: string): string {
  if (result === 'unchanged' || !member.facts || member.primary !== undefined) return result
  const held = new Set(credentialsIn(member.facts).map(({target}) => target))
  const others = all.filter(({cluster}) => cluster !== member.cluster)
  return `${others.filter(({cluster}) => held.has(cluster)).length} of ${others.length}`
}

/** Istio's DNS proxy must be enabled. */
function dnsText({facts, controlPlane}: MeshMember): string {
  const dns = readGatewaysRecord(facts?.record)?.dns ?? '-'
  return dns === 'istio' && !controlPlane?.capturesDns ? 'istio (off)' : dns
}

/**
 * A cluster has joined when it is linked with every other cluster of the mesh, and a remote when its webhook works. In
 * gateways mode there is nothing to wait for.
 */
function joinedText(member: MeshMember, all: readonly MeshMember[], unlinked: readonly string[]): string {
  if (isInGatewaysMode(member)) return 'joined'
  if (member.primary !== undefined) {
    const {trusted} = readInjector(member.facts?.primaryRemote?.injector)
    return trusted ? 'joined' : `waits for ${nameOfPrimary(member, all)}`
  }
  const held = new Set(member.facts ? credentialsIn(member.facts).map(({target}) => target) : [])
  const missing = all.map(({cluster}) => cluster).filter(cluster => cluster !== member.cluster && !held.has(cluster))
  if (missing.length > 0) return `waits for ${missing.join(', ')}`
  return unlinked.length === 0 ? 'joined' : `partly linked: not with ${unlinked.join(', ')}`
}

/** Names of the waves in the report. */
const waveNames: Record<number, string> = {
  [waves.namespaces]: 'namespace',
  [waves.ca]: 'CA',
  [waves.controlPlane]: 'control plane',
  [waves.listeners]: 'exposure',
  [waves.gateways]: 'gateway',
  [waves.exposure]: 'exposure',
  [waves.credentials]: 'credentials',
  [waves.remoteSecrets]: 'remote Secrets',
  [waves.remoteControlPlane]: 'control plane',
  [waves.remoteGateways]: 'gateway',
}

/**
 * The first wave with a failed write, or the first that Ctrl-C prevented. Without one, a wait has failed. Undefined for a cluster
 * without a failure.
 */
function failureText(outcomes: readonly Outcome[], problems: readonly StageProblem[] | undefined): string | undefined {
  if (!problems) return undefined
  const first = (wanted: Outcome['result']) => {
    const outcome = outcomes.find(({result}) => result === wanted)
    return outcome && (waveNames[outcome.step.change.wave] ?? 'apply')
  }
  const failed = first('failed')
  if (failed) return `failed: ${failed}`
  const interrupted = first('not tried')
  if (interrupted) return `interrupted: ${interrupted}`
  return problems.every(problem => problem.interrupted) ? 'interrupted: not ready' : 'failed: not ready'
}

/** Formats the rows as a table, or as data for `-o json|yaml`. */
export function formatFederationReport(rows: readonly FederationRow[], format: string | undefined): string {
  if (format === 'json') return `${JSON.stringify({clusters: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml({clusters: rows})
  const gateways = rows.some(({dns}) => dns !== undefined)
  const remotes = rows.some(({istiod}) => istiod !== undefined)
  const cells = rows.map(({cluster, ca, istiod, gateway, exposed, credentials, dns, result}) => [
    cluster,
    ca,
    ...(remotes ? [istiod ?? '-'] : []),
    gateway,
    exposed,
    (gateways ? dns : credentials) ?? '-',
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
  return formatTable(heads, cells)
}

/**
 * Formats the result of a removal as a table, or as data for `-o json|yaml`, with the deleted objects.
 *
 * @param clusters with the other clusters that still hold a credential for them
 * @param gone names of the clusters that leave
 */
export function formatRemovalReport(
  clusters: readonly {member: MeshMember; reached: boolean; holders?: readonly string[]}[],
  gone: ReadonlySet<string>,
  outcomes: readonly Outcome[],
  format: string | undefined,
): string {
  const rows = clusters.map(({member: {cluster}, reached, holders = []}) => {
    if (!reached) return {cluster, removed: null, objects: [], result: 'not reached: its objects stay'}
    const own = outcomes.filter(outcome => outcome.cluster === cluster)
    const done = own.filter(({result}) => result === 'ok').map(({step}) => step)
    const hasFailed = own.some(({result}) => result === 'failed' || result === 'not tried')
    const left = holders.length > 0 ? `left, but still registered in ${holders.join(', ')}` : 'left'
    const result = hasFailed ? 'failed' : gone.has(cluster) ? left : 'stays'
    return {cluster, removed: done.length, objects: removedBy(done), result}
  })
  if (format === 'json') return `${JSON.stringify({clusters: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml({clusters: rows})
  return formatTable(
    ['cluster', 'changes', 'result'],
    rows.map(({cluster, removed, result}) => [cluster, String(removed ?? '-'), result]),
  )
}
