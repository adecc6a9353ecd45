import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import type {AuthorizerRow} from '../../src/features/authz/report.ts'
import {authorizerListing} from '../../src/features/authz/report.ts'
import {caListing} from '../../src/features/ca/report.ts'
import {checkData} from '../../src/features/check/report.ts'
import {formatFederationReport, formatRemovalReport} from '../../src/features/federate/report.ts'
import type {FederationStatusReport} from '../../src/features/federate/status/report.ts'
import {statusListing} from '../../src/features/federate/status/report.ts'
import {formatGraph} from '../../src/features/graph/graph.ts'
import type {CertificateRow} from '../../src/features/ingress/tls/report-list.ts'
import {certificateListing} from '../../src/features/ingress/tls/report-list.ts'
import type {Installed} from '../../src/features/install/read.ts'
import {controlPlaneListing} from '../../src/features/install/report.ts'
import {formatLocalityStatus} from '../../src/features/locality/status/report.ts'
import type {ListedImport} from '../../src/features/service/report-list.ts'
import {serviceListing} from '../../src/features/service/report-list.ts'
import type {StrayProxy, TenantRow} from '../../src/features/tenant/report-list.ts'
import {tenantListing} from '../../src/features/tenant/report-list.ts'
import {vmListing} from '../../src/features/vm/list/report.ts'
import type {VmRow} from '../../src/features/vm/list/report-rows.ts'
import {formatRenewal, formatVmReport} from '../../src/features/vm/report.ts'
import type {ReportedFinding} from '../../src/findings/check.ts'
import type {CaComparison} from '../../src/pki/status.ts'
import type {ListFormat} from '../../src/terminal/list/list-format.ts'
import {formatListing} from '../../src/terminal/list/listing.ts'
import {formatJson} from '../../src/terminal/output/objects.ts'
import {formatVerified} from '../../src/terminal/output/verify.ts'
import {controlPlane} from './install/samples.ts'

const formatTenants = (rows: TenantRow[], format: ListFormat, strays: StrayProxy[] = []) =>
  formatListing(tenantListing(rows, new Date(0), strays), format)
const formatAuthorizers = (rows: AuthorizerRow[], format: ListFormat) =>
  formatListing(authorizerListing(rows, new Date(0)), format)
const formatCaStatus = (found: CaComparison, at: Date, format: ListFormat) =>
  formatListing(caListing(found, at), format)
const formatControlPlanes = (all: Installed[], format: ListFormat) =>
  formatListing(controlPlaneListing(all, new Date(0)), format)
const formatServiceList = (imports: ListedImport[], at: Date, format: ListFormat) =>
  formatListing(serviceListing(imports, at), format)
const formatVmList = (all: readonly VmRow[], format: ListFormat, at: Date) => formatListing(vmListing(all, at), format)
const formatCertificates = (all: CertificateRow[], found: ReportedFinding[], at: Date, format: ListFormat) =>
  formatListing(certificateListing(all, found, at), format)
const formatFederationStatus = (report: FederationStatusReport, format: ListFormat) =>
  formatListing(statusListing(report), format)

const now = new Date('2026-11-28T12:00:00Z')
const finding = {level: 'error' as const, check: 'c', cluster: 'east', message: 'm', hints: ['h']}
const object = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a', namespace: 'n'}}
const member = {
  revision: undefined,

  context: 'east',
  cluster: 'east',
  network: '',
  server: undefined,
  facts: undefined,
  controlPlane: undefined,
}

/** The output of each command for a sample in which every key has a value. */
const outputs: Record<string, string> = {
  '--dry-run': formatJson([
    {cluster: 'east', objects: [{wave: 10, object}], removed: [object], leftOut: {secrets: 0, pending: 0, edits: 0}},
  ]),
  'authz list': formatAuthorizers(
    [
      {
        ...{name: 'opa', type: 'grpc', service: 'a.b', port: 1, timeout: '5s', fail: 'closed', from: 'mesh-config'},
        ...{usedBy: ['a/b'], notRead: ['a/c'], ours: true, created: '2026-01-01T00:00:00Z'},
      },
    ],
    'json',
  ),
  check: JSON.stringify(
    checkData({
      clusters: [{cluster: 'east', read: true}],
      expiries: [{cluster: 'east', kind: 'root CA', name: 'n', expires: now}],
      groups: [{group: 'Expiry', checks: [{id: 'c', about: 'a'}], findings: [finding]}],
      now,
    }),
  ),
  'ca status': formatCaStatus(
    {
      rows: [
        {
          ...{
            cluster: 'east',
            source: 'cacerts',
            subject: 's',
            issuer: 'i',
            expires: now,
            roots: ['AB'],
            sameRoot: true,
          },
          ...{differsFrom: ['west'], problems: [{message: 'm', hints: ['h']}]},
        } as never,
      ],
      share: true,
    },
    now,
    'json',
  ),
  federate: formatFederationReport(
    [
      {
        ...{cluster: 'east', ca: 'ok', istiod: 'ok', gateway: '192.0.2.1', exposed: 'all', credentials: '1 of 1'},
        ...{dns: 'istio', unlinked: ['south'], result: 'joined'},
      } as never,
    ],
    'json',
  ),
  'federate remove': formatRemovalReport([{member, reached: true}], new Set(['east']), [], 'json'),
  'federate status': formatFederationStatus(
    {
      rows: [
        {
          ...{context: 'east', cluster: 'east', network: 'n', istio: '1.31.0', primary: 'west', meshId: 'm'},
          ...{
            root: 'AB',
            sameRoot: true,
            gateway: '192.0.2.1',
            caExpires: now,
            joined: '2026-01-01T00:00:00Z',
            dns: 'istio',
            imports: 1,
          },
          error: {state: 'not reachable', message: 'm', hints: ['h']},
        },
      ],
      held: [
        {holder: 'east', target: 'west', state: 'unusable', ageMs: 1000, leftMs: 1000, secret: 's', problems: ['p']},
      ],
      findings: [finding],
      mode: 'multi-primary',
      now,
    },
    'json',
  ),
  graph: await formatGraph(
    {
      ...{mode: 'gateways', time: now.toISOString()},
      clusters: [
        {
          ...{name: 'east', context: 'east', network: 'n', istio: '1.31.0', primary: 'west', state: 'broken'},
          ca: {root: '3a:91', sameRoot: true, expires: now.toISOString(), daysLeft: 9, state: 'ok'},
          gateways: [{name: 'g', namespace: 'n', addresses: ['192.0.2.1']}],
          tenants: [
            {...{name: 'a', namespace: 'a', revision: 'a', istio: '1.31.0', ready: 1}, ...{replicas: 1, namespaces: 2}},
          ],
          vms: [{name: 'web', namespace: 'n', address: '192.0.2.2', health: 'healthy', connected: true}],
          localities: [{locality: 'r/z', nodes: 1, endpoints: 1}],
          problems: [{state: 'broken', check: 'c', message: 'm'}],
        },
      ],
      links: [{...{holder: 'east', target: 'west', state: 'ok', text: '9d left', check: 'c'}, expiresInSeconds: 1}],
      exports: [{service: 'a.n.global', exporters: ['east'], importers: ['west']}],
      problems: [{state: 'warning', check: 'c', message: 'm'}],
    },
    'json',
  ),
  'ingress tls --list': formatCertificates(
    [
      {
        ...{hosts: ['a'], gateway: 'n/g', port: 443, mode: 'SIMPLE', secret: 'n/s', subject: 's', issuer: 'i'},
        expires: now,
      },
    ],
    [finding],
    now,
    'json',
  ),
  'install status': formatControlPlanes(
    [{controlPlane: {...controlPlane(), created: '2026-01-01T00:00:00Z'}, via: 'helm'}],
    'json',
  ),
  'locality status': formatLocalityStatus(
    {
      localities: [{locality: {region: 'r', zone: 'z', subzone: 's'}, nodes: 1, endpoints: 1}],
      host: {
        ...{host: 'a.n.svc.cluster.local', source: 'DestinationRule n/a'},
        from: [
          {
            from: {region: 'r', zone: 'z', subzone: 's'},
            served: [
              {
                group: {locality: {region: 'r', zone: 'z', subzone: 's'}, labels: {LABEL: 'v'}, count: 1},
                ...{priority: 0, share: 80, why: 'w'},
              },
            ],
          },
        ],
      },
      findings: [finding],
    },
    'json',
  ),
  'service list': formatServiceList(
    [
      {
        importer: 'west',
        imported: {
          ...{name: 'a', namespace: 'n', addresses: ['240.0.0.1']},
          exporters: {
            east: {addresses: ['192.0.2.1'], port: 15443, ports: [{number: 80, protocol: 'HTTP'}], identities: ['i']},
          },
        } as never,
        since: now,
      },
    ],
    now,
    'json',
  ),
  'tenant list': formatTenants(
    [
      {
        ...{tenant: 'a', namespace: 'a', revision: 'a', version: '1.31.0', ready: 1, replicas: 1, via: 'helm'},
        ...{selector: 'a=b', namespaces: ['n'], pods: 1, proxies: ['n/p']},
        created: '2026-01-01T00:00:00Z',
        connections: [
          {proxy: 'n/p', cluster: 'c', istiod: 'i', state: 'SYNCED', types: [{type: 'LDS', state: 'SYNCED'}]},
        ],
      },
    ],
    'json',
    [{proxy: 'n/p', istiod: 'i'}],
  ),
  verify: formatVerified(
    [{title: 't', checks: [{id: 'c', about: 'a', from: 'this machine'}], findings: [finding]}],
    'json',
  ),
  version: JSON.stringify({
    ...{
      clientVersion: '0.1.0',
      gitCommit: 'ab',
      commitDate: now,
      platform: 'linux/x64',
      node: '24.15.0',
      kubectl: 'v1.36.0',
    },
    supportedIstio: {oldest: '1.24', newest: '1.31'},
  }),
  'vm list': formatVmList(
    [
      {
        ...{namespace: 'n', group: 'g', entry: 'e', auto: true, health: 'healthy', address: '192.0.2.1', network: 'n'},
        ...{locality: 'r/z', connected: true, since: now, controlPlane: 'i', created: '2026-01-01T00:00:00Z'},
      },
    ],
    'json',
    now,
  ),
}

/** The output of commands that write and have a report besides `--dry-run`. */
const reports: Record<string, string> = {
  'vm register': formatVmReport(
    {
      ...{name: 'web', namespace: 'n', format: 'files', identity: 'spiffe://t/ns/n/sa/web', istiod: 'i:15012'},
      ...{folder: 'web-vm', files: ['web-vm/a'], tokenEnds: now},
    },
    'json',
  ),
  'vm renew --ssh': formatRenewal({name: 'web', namespace: 'n', host: 'admin@host', tokenEnds: now}, 'json'),
}
Object.assign(outputs, reports)

/** One line per value: its path and type. Dates are RFC 3339. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [`${path}[]: empty`] : shapeOf(value[0], `${path}[]`)
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, one]) => shapeOf(one, path === '' ? key : `${path}.${key}`))
  return [`${path}: ${/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(String(value)) ? 'date' : typeof value}`]
}

test.each(Object.keys(outputs))('docs/output.md describes the JSON of %s', command => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'output.md'), 'utf8')
  const block = page.split(`\n### ${command}\n`)[1]?.split('```')[1]
  expect(block?.trim().split('\n')).toEqual(shapeOf(JSON.parse(outputs[command]!)))
})

/** Texts that a person reads and a program cannot compare: `in 364d`, `3m`, `5s ago`. */
const humanTime = /^(in )?\d+(\.\d+)?(ms|s|m|h|d|y)( ago)?$|^expired$|^never$/

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

test.each(Object.keys(outputs))('the JSON of %s has no durations for people', command => {
  expect(textsIn(JSON.parse(outputs[command]!)).filter(text => humanTime.test(text))).toEqual([])
})

test('docs/output.md describes every command with JSON output', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'oclif.manifest.json'), 'utf8'))
  const described = Object.keys(outputs)
  const missing = Object.entries<{flags: Record<string, {options?: string[]} | undefined>}>(manifest.commands)
    .filter(([, {flags}]) => (flags.output?.options?.includes('json') || flags['sort-by']) && !flags['dry-run'])
    .map(([id]) => id.replaceAll(':', ' '))
    .filter(id => !id.endsWith(' verify') && !described.some(one => one === id || one.startsWith(`${id} `)))
  expect(missing).toEqual([])
})
