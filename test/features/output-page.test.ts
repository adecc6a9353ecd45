import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {checkData} from '../../src/features/check/report.ts'
import {formatFederationReport, formatRemovalReport} from '../../src/features/federate/report.ts'
import {documentListing} from '../../src/features/files/report-documents.ts'
import {planListing} from '../../src/features/files/report-plan.ts'
import {resultListing} from '../../src/features/files/report-result.ts'
import {formatGraph} from '../../src/features/graph/graph.ts'
import {sharingListing} from '../../src/features/service/ambient/report-list.ts'
import {formatRenewal, formatVmReport} from '../../src/features/vm/report.ts'
import {formatListing} from '../../src/terminal/list/listing.ts'
import {formatJson, objectsOf} from '../../src/terminal/output/objects.ts'
import {formatVerified} from '../../src/terminal/output/verify.ts'
import {documentOf, kindOf, planned, planOf, stepOf} from './files/samples.ts'
import {finding, forecast, listed, now} from './listings.ts'
import {hello, sharedMeta, sharing} from './service/ambient/samples.ts'

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
  ...listed('json'),
  '--dry-run': formatJson([
    {cluster: 'east', objects: [{wave: 10, object}], removed: [object], leftOut: {secrets: 0, pending: 0, edits: 0}},
  ]),
  check: JSON.stringify(
    checkData({
      clusters: [{cluster: 'east', read: true}],
      expiries: [{cluster: 'east', kind: 'root CA', name: 'n', expires: now}],
      groups: [{group: 'Expiry', checks: [{id: 'c', about: 'a'}], findings: [finding]}],
      forecasts: {now: forecast, at: forecast, uncounted: []},
      now,
    }),
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
  'federate remove': formatRemovalReport(
    [{member, reached: true}],
    new Set(['east']),
    [
      {
        ...{cluster: 'east', result: 'ok'},
        step: {verdict: 'remove', ref: {apiVersion: 'v1', kind: 'Secret', name: 's', namespace: 'n'}},
      },
    ] as never,
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
          resources: [{kind: 'Tenant', name: 'a', text: 'a'}],
          problems: [{state: 'broken', check: 'c', message: 'm'}],
        },
      ],
      links: [{...{holder: 'east', target: 'west', state: 'ok', text: '9d left', check: 'c'}, expiresInSeconds: 1}],
      exports: [{service: 'a.n.global', exporters: ['east'], importers: ['west']}],
      problems: [{state: 'warning', check: 'c', message: 'm'}],
    },
    'json',
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
    supportedIstio: {oldest: '1.24', newest: '1.32'},
  }),
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

const meshDocument = documentOf(kindOf('Tenant'), 'shop')
const problem = {message: 'm', hints: ['h']}
const remote = [{service: 'demo/hello', network: 'net-west', address: '203.0.113.2', capacity: 2}]
Object.assign(outputs, {
  'service list in ambient mode': formatListing(
    sharingListing([{sharing: sharing('east', [hello(sharedMeta({with: ['west']}))]), remote}]),
    'json',
  ),
  apply: formatListing(
    resultListing([{document: meshDocument, result: 'failed', written: 1, problems: [problem], exit: 4}]),
    'json',
  ),
  diff: formatListing(planListing([planned(meshDocument, [], {after: [meshDocument], problems: [problem]})]), 'json'),
  plan: formatJson([objectsOf(planOf('east', stepOf('a', 'create'), stepOf('b', 'remove')), false)]),
  validate: formatListing(
    documentListing([meshDocument], [{...problem, file: 'mesh.yaml', line: 1, column: 1}]),
    'json',
  ),
})

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
