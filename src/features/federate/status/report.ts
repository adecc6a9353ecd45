import type {ReportedFinding} from '../../../findings/check.ts'
import {readCaSecret} from '../../../mesh/ca/objects.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {nameOfPrimary, neededGateways} from '../../../mesh/primary-remote.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {shortFingerprint} from '../../../pki/fingerprint.ts'
import {fingerprintOf, readCertificates, sameRoot} from '../../../pki/read.ts'
import {formatTable} from '../../../terminal/output/table.ts'
import {formatDuration} from '../../../text/duration.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import {rootOf} from '../preflight/checks-roots.ts'

/** One cluster, as status shows it. `–` stands for what is not there. */
export interface StatusRow {
  context: string
  cluster: string
  network: string
  istio: string
  /** Of a remote: name of the cluster whose istiod serves it. */
  primary?: string
  meshId: string
  /** Fingerprint of the root, SHA-256, or `–`. */
  root: string
  /** The root is that of the first cluster that has one. */
  sameRoot: boolean
  gateway: string
  /** Time until the cluster's CA certificate ends. */
  caExpires: string
  /** In gateways mode: who answers for names under `.global`, and how many services of others are known. */
  dns?: string
  imports?: number
  /** Why the cluster could not be read. */
  unreachable?: string
}

/** What one cluster holds for another. */
export interface HeldStatus {
  holder: string
  target: string
  state: 'self' | 'missing' | 'valid' | 'refused' | 'unknown' | 'needless'
  /** Age of the credential. */
  ageMs?: number
  /** Time until its token ends; without it the token has no end. */
  leftMs?: number
}

/** All of a status. */
export interface FederationStatusReport {
  rows: readonly StatusRow[]
  held: readonly HeldStatus[]
  findings: readonly ReportedFinding[]
  mode: 'multi-primary' | 'primary-remote' | 'gateways'
}

/** The row of one cluster. `all` are those that could be read. */
export function statusRow(
  member: MeshMember,
  all: readonly MeshMember[],
  unreachable: string | undefined,
  now: Date,
): StatusRow {
  const {context, cluster, network, controlPlane} = member
  const primary = member.primary === undefined ? undefined : nameOfPrimary(member, all)
  const root = rootOf(member)?.pem
  const first = all.map(other => rootOf(other)?.pem).find(pem => pem !== undefined)
  const gateways = neededGateways(member, all)
  const record = readGatewaysRecord(member.facts?.record)
  return {
    context,
    cluster,
    network: member.facts ? network || '–' : '–',
    istio: controlPlane ? (controlPlane.version ?? 'unknown') : '–',
    ...(primary === undefined ? {} : {primary}),
    meshId: controlPlane?.meshId ?? '–',
    root: root === undefined ? '–' : fingerprintOf(root),
    sameRoot: root !== undefined && first !== undefined && sameRoot(root, first),
    gateway: gateways.flatMap(addressesOf).join(',') || (gateways.length > 0 ? 'no address' : '–'),
    caExpires: caExpiry(member, now),
    ...(record ? {dns: record.dns, imports: member.facts?.imports.length ?? 0} : {}),
    ...(unreachable === undefined ? {} : {unreachable}),
  }
}

function caExpiry(member: MeshMember, now: Date): string {
  const secret = member.facts?.caSecret
  const data = secret && readCaSecret(secret)
  const pem = data?.['ca-cert.pem'] ?? data?.['tls.crt']
  const [certificate] = pem === undefined ? [] : readCertificates(pem, 'cacerts')
  if (!certificate) return '–'
  const left = certificate.notAfter.getTime() - now.getTime()
  return left > 0 ? `in ${formatDuration(left)}` : 'expired'
}

/** The status for people (`wide` adds columns), or as data. */
export function formatFederationStatus(
  report: FederationStatusReport,
  format: 'json' | 'yaml' | 'wide' | undefined,
): string {
  if (format === 'json') return `${JSON.stringify(dataOf(report), null, 2)}\n`
  if (format === 'yaml') return dumpYaml(dataOf(report))
  const {rows, findings, mode} = report
  return [
    clustersTable(rows, format === 'wide'),
    mode === 'gateways' ? '' : heldTable(report, format === 'wide'),
    findingLines(rows, findings),
  ]
    .filter(part => part !== '')
    .join('\n')
}

function dataOf({rows, held, findings, mode}: FederationStatusReport) {
  return {
    mode,
    clusters: [...rows],
    credentials: held.filter(({state}) => state !== 'self' && state !== 'needless'),
    findings: [...findings],
  }
}

function clustersTable(rows: readonly StatusRow[], wide: boolean): string {
  const heads = [
    'cluster',
    'network',
    'Istio',
    'root CA',
    'gateway',
    'CA expires',
    ...(rows.some(({dns}) => dns !== undefined) ? ['DNS', 'imports'] : []),
    ...(wide ? ['context', 'mesh ID'] : []),
  ]
  return formatTable(
    heads,
    rows.map(row => {
      if (row.unreachable !== undefined) return [row.cluster, 'not reachable']
      const root =
        row.root === '–' ? '–' : `${wide ? row.root : shortFingerprint(row.root)} ${row.sameRoot ? '✔' : '✘'}`
      return [
        row.cluster,
        row.network,
        row.primary === undefined ? row.istio : `of ${row.primary}`,
        root,
        row.gateway,
        row.caExpires,
        ...(rows.some(({dns}) => dns !== undefined) ? [row.dns ?? '–', String(row.imports ?? '–')] : []),
        ...(wide ? [row.context, row.meshId] : []),
      ]
    }),
  )
}

function heldTable({rows, held}: FederationStatusReport, wide: boolean): string {
  if (rows.length < 2) return ''
  const cell = (holder: string, target: string) =>
    heldText(
      held.find(one => one.holder === holder && one.target === target),
      wide,
    )
  const names = rows.map(({cluster}) => cluster)
  return formatTable(
    ['holds a credential for', ...names],
    names.map(holder => [holder, ...names.map(target => cell(holder, target))]),
    {keepHeads: true},
  )
}

function heldText(held: HeldStatus | undefined, wide: boolean): string {
  if (!held || held.state === 'unknown') return '?'
  if (held.state === 'self') return '·'
  // a remote holds none
  if (held.state === 'needless') return '–'
  if (held.state === 'missing') return '✘'
  const age = wide && held.ageMs !== undefined ? `, ${formatDuration(held.ageMs)} old` : ''
  if (held.state === 'refused') return `✘ refused${age}`
  return `${held.leftMs === undefined ? '✔' : `${formatDuration(held.leftMs)} left`}${age}`
}

function findingLines(rows: readonly StatusRow[], findings: readonly ReportedFinding[]): string {
  const unreachable = rows.flatMap(({cluster, unreachable: reason}) =>
    reason === undefined ? [] : [`✘ ${cluster}  ${reason}`],
  )
  const found = findings.flatMap(({level, cluster, message, hints = []}) => [
    `${level === 'error' ? '✘' : '‼'} ${cluster === undefined ? '' : `${cluster}  `}${message}`,
    ...hints.map(hint => `    hint: ${hint}`),
  ])
  return [...unreachable, ...found].map(line => `${line}\n`).join('')
}
