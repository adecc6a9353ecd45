import {expect, test} from 'vitest'
import type {StrayProxy, TenantRow} from '../../../src/features/tenant/report-list.ts'
import {formatUnproved, strayProxies, tenantListing, tenantRows} from '../../../src/features/tenant/report-list.ts'
import type {ListFormat} from '../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'
import {labelsOf, namespaceOf, podOf, tenantOf} from './samples.ts'

const formatTenants = (rows: TenantRow[], format: ListFormat, strays: StrayProxy[] = []) =>
  formatListing(tenantListing(rows, new Date(0), strays), format)

const facts = {
  tenants: [tenantOf('a'), tenantOf('b', {version: undefined, label: undefined, via: undefined, ready: 0})],
  namespaces: [namespaceOf('app-1', labelsOf('a')), namespaceOf('app-2', labelsOf('a'))],
  tags: new Map<string, string>(),
}
const pods = [podOf('app-1', 'web', 'a'), podOf('app-2', 'old', 'b'), podOf('app-2', 'lost', 'c')]

test('rows count the pods of namespaces and list the proxies of istiod', () => {
  expect(tenantRows(facts, pods)).toMatchObject([
    {tenant: 'a', selector: 'usergroup=a', namespaces: ['app-1', 'app-2'], pods: 3, proxies: ['app-1/web']},
    {tenant: 'b', selector: undefined, namespaces: [], pods: 0, proxies: ['app-2/old']},
  ])
  expect(strayProxies(facts, pods)).toEqual([{proxy: 'app-2/lost', istiod: 'istiod-c.c.svc:15012'}])
})

test('the table has a row per tenant and a warning per stray proxy', () => {
  const lines = formatTenants(tenantRows(facts, pods), 'wide', strayProxies(facts, pods)).split('\n')
  expect(lines[1]).toMatch(/^a +a +a +1\.31\.0 +1\/1 +2 +3 +1 +- +- +usergroup=a +istioctl +app-1,app-2$/)
  expect(lines[2]).toMatch(/^b +b +b +- +0\/1 +0 +0 +1 +- +- +- +- +-$/)
  expect(lines.slice(3, 7).map(line => line.replace(/ +/g, ' '))).toEqual([
    '',
    'PROXY TENANT STATE OUT OF SYNC ISTIOD',
    'app-1/web a UNKNOWN - -',
    'app-2/old b UNKNOWN - -',
  ])
  expect(lines[7]).toBe('‼ app-2/lost is connected to istiod-c.c.svc:15012, which belongs to no tenant')
})

test('the table counts the proxies in sync, and names each of the rest in a warning', () => {
  const [a, b] = [facts.tenants[0]!, {...facts.tenants[1]!, ready: 1}]
  const stale = {name: 'web', namespace: 'app-1', cluster: 'c', types: [{type: 'LDS', state: 'STALE' as const}]}
  const observed = new Map([
    [
      a,
      {
        istiods: [
          {pod: 'istiod-1', proxies: [stale, {...stale, name: 'vm', types: [{type: 'LDS', state: 'SYNCED' as const}]}]},
        ],
        unread: [],
      },
    ],
    [b, {istiods: [{pod: 'istiod-2', proxies: []}], unread: []}],
  ])
  const rows = tenantRows({...facts, tenants: [a, b]}, pods, observed)
  expect(rows.map(({proxies}) => proxies)).toEqual([['app-1/vm', 'app-1/web'], []])
  const lines = formatTenants(rows, undefined).split('\n')
  expect(lines[1]).toMatch(/ 2 +1\/2 +-$/)
  expect(lines[2]).toMatch(/ 0 +0\/1 +-$/)
  expect(lines.slice(3)).toEqual([
    '‼ app-1/web is not in sync with istiod-1: LDS STALE',
    '‼ app-2/old is not connected to an istiod of b',
    '',
  ])
})

test('JSON contains stray proxies only if there are any', () => {
  expect(Object.keys(JSON.parse(formatTenants([], 'json')))).toEqual(['tenants'])
  expect(JSON.parse(formatTenants([], 'json', strayProxies(facts, pods))).strayProxies).toHaveLength(1)
})

test('warns of records and control planes that nothing proves', () => {
  const record = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'kubectl-mesh-tenant', namespace: 'team-a'}}
  const tenants = [tenantOf('a'), tenantOf('forged', {namespace: 'team-a', proved: false})]
  expect(formatUnproved({tenants, unprovedRecords: [record]}).map(line => line.split(',')[0])).toEqual([
    'warning: ConfigMap kubectl-mesh-tenant in namespace team-a is ignored',
    'warning: control plane forged in namespace team-a is ignored',
  ])
})
