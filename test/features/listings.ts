import {addonListing} from '../../src/features/addon/report.ts'
import type {AuthorizerRow} from '../../src/features/authz/report.ts'
import {authorizerListing} from '../../src/features/authz/report.ts'
import {caListing} from '../../src/features/ca/report.ts'
import type {FederationStatusReport} from '../../src/features/federate/status/report.ts'
import {statusListing} from '../../src/features/federate/status/report.ts'
import type {CertificateRow} from '../../src/features/ingress/tls/report-list.ts'
import {certificateListing} from '../../src/features/ingress/tls/report-list.ts'
import type {Installed} from '../../src/features/install/read.ts'
import {controlPlaneListing} from '../../src/features/install/report.ts'
import {localityListing} from '../../src/features/locality/status/report.ts'
import type {ListedImport} from '../../src/features/service/report-list.ts'
import {serviceListing} from '../../src/features/service/report-list.ts'
import type {StrayProxy, TenantRow} from '../../src/features/tenant/report-list.ts'
import {tenantListing} from '../../src/features/tenant/report-list.ts'
import {vmListing} from '../../src/features/vm/list/report.ts'
import type {VmRow} from '../../src/features/vm/list/report-rows.ts'
import type {ReportedFinding} from '../../src/findings/check.ts'
import type {CaComparison} from '../../src/pki/status.ts'
import type {ListFormat} from '../../src/terminal/list/list-format.ts'
import {formatListing} from '../../src/terminal/list/listing.ts'
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

/** The time of all samples. */
export const now = new Date('2026-11-28T12:00:00Z')
export const finding = {level: 'error' as const, check: 'c', cluster: 'east', message: 'm', hints: ['h']}

/** What a mesh needs, with a value for every key. */
export const forecast = {
  clusters: 2,
  endpoints: 9,
  largest: 5,
  secrets: 4,
  watches: 9,
  memory: {withoutProxies: 9, withProxies: 99},
  requests: 5,
}

/** The lists of all commands, with a sample in which every key of the data has a value. */
export const listed = (format: ListFormat): Record<string, string> => ({
  'addon list': formatListing(
    addonListing(
      [
        {
          ...{name: 'kiali', namespace: 'istio-system', version: '2.27.0', ready: 1, replicas: 1, auth: 'token'},
          ...{managedBy: 'kubectl mesh', created: '2026-01-01T00:00:00Z'},
        },
      ],
      now,
    ),
    format,
  ),
  'authz list': formatAuthorizers(
    [
      {
        ...{name: 'opa', type: 'grpc', service: 'a.b', port: 1, timeout: '5s', fail: 'closed', from: 'mesh-config'},
        ...{usedBy: ['a/b'], notRead: ['a/c'], ours: true, created: '2026-01-01T00:00:00Z'},
      },
    ],
    format,
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
            created: now.toISOString(),
            roots: ['AB'],
            sameRoot: true,
          },
          ...{differsFrom: ['west'], problems: [{message: 'm', hints: ['h']}]},
          rotation: {stage: 'trust', proxies: 2, incomplete: ['a/b']},
        } as never,
      ],
      share: true,
    },
    now,
    format,
  ),
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
      forecasts: {now: forecast, at: forecast, uncounted: []},
    },
    format,
  ),
  'ingress tls --list': formatCertificates(
    [
      {
        ...{hosts: ['a'], gateway: 'n/g', port: 443, mode: 'SIMPLE', secret: 'n/s', subject: 's', issuer: 'i'},
        ...{expires: now, created: now.toISOString()},
      },
    ],
    [finding],
    now,
    format,
  ),
  'install status': formatControlPlanes(
    [{controlPlane: {...controlPlane(), created: '2026-01-01T00:00:00Z'}, via: 'helm'}],
    format,
  ),
  'locality status': formatListing(
    localityListing(
      {
        localities: [
          {
            ...{locality: {region: 'r', zone: 'z', subzone: 's'}, nodes: 1, endpoints: 1, nodeNames: ['a']},
            created: now.toISOString(),
          },
        ],
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
      now,
    ),
    format,
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
    format,
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
    format,
    [{proxy: 'n/p', istiod: 'i'}],
  ),
  'vm list': formatVmList(
    [
      {
        ...{namespace: 'n', group: 'g', entry: 'e', auto: true, health: 'healthy', address: '192.0.2.1', network: 'n'},
        ...{locality: 'r/z', connected: true, since: now, controlPlane: 'i', created: '2026-01-01T00:00:00Z'},
        tokenExpires: now,
      },
    ],
    format,
    now,
  ),
})
