import {expect, test} from 'vitest'
import {type ServiceExportSubject, serviceExportChecks} from '../../../src/features/service/checks.ts'
import {runChecks} from '../../../src/findings/check.ts'
import type {GatewaysRecord} from '../../../src/mesh/record.ts'
import {east, west} from './samples.ts'

const named = {name: 'hello', namespace: 'sample'}
const healthy: ServiceExportSubject = {
  exporting: [east],
  importing: [{...west, controlPlane: {...west.controlPlane!, capturesDns: true}}],
  offers: [],
  refusals: [],
  notes: [],
  after: [[]],
  systemNamespace: 'sample',
  named,
}
const refusal = {...named, cluster: 'east', reason: 'has no ports', hint: 'add a TCP port'}
const note = {...named, text: 'port 81 of east is omitted'}

const recorded = (dns: GatewaysRecord['dns'], more: Partial<typeof west> = {}) => ({
  importing: [{...west, record: {addresses: [], dns, dnsForward: ['10.0.0.53'], ownsDnsCapture: false}, ...more}],
})
const dns = {read: [], objects: [{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'kube-dns'}}]}

function findingsOf(more: Partial<ServiceExportSubject>): string[] {
  return runChecks(serviceExportChecks, {...healthy, ...more}).map(
    ({level, check, cluster = '-', message}) => `${level} ${check} ${cluster}: ${message}`,
  )
}

test('no findings in a healthy mesh', () => {
  expect(findingsOf({})).toEqual([])
})

test.each<[string, Partial<ServiceExportSubject>, RegExp]>([
  [
    'two clusters of one name',
    {importing: [{...west, name: 'east', controlPlane: {...west.controlPlane!, capturesDns: true}}]},
    /^error cluster-names -: contexts east and west have the same cluster name east/,
  ],
  [
    'a missing control plane',
    {exporting: [{...east, controlPlane: undefined}]},
    /^error control-plane east: no istiod/,
  ],
  [
    'a Service that exists nowhere',
    {exporting: [{...east, services: []}]},
    /^error service-found -: Service sample\/hello does not exist in east/,
  ],
  [
    'a Service that one cluster lacks',
    {exporting: [east, {...east, context: 'south', name: 'south', services: []}]},
    /^warning service-found south: Service sample\/hello does not exist/,
  ],
  [
    'clusters that share all Services',
    {
      exporting: [{...east, sharesEndpoints: true}],
      importing: [{...healthy.importing[0]!, sharesEndpoints: true}],
    },
    /^warning not-shared -: east, west already share all Services: .* hello\.sample\.svc\.cluster\.local$/,
  ],
  [
    'a refused Service that was named',
    {refusals: [refusal]},
    /^error service-exportable east: Service sample\/hello has no ports/,
  ],
  ['a refused Service that was not named', {refusals: [refusal], named: undefined}, /^warning service-exportable/],
  [
    'a note of several importers once',
    {notes: [note, note]},
    /^warning service-whole -: Service sample\/hello: port 81/,
  ],
  [
    'DNS capture that is off',
    {importing: [{...west, controlPlane: {...west.controlPlane!, capturesDns: false}}]},
    /^warning names-resolve west: DNS capture is off/,
  ],
  [
    'kube-dns, which only forwards',
    recorded('kube-dns', {dns}),
    /^warning names-resolve west: kube-dns forwards \.global to 10\.0\.0\.53/,
  ],
  [
    'a missing ConfigMap of CoreDNS',
    recorded('coredns'),
    /^error dns-config west: configmap\/coredns of coredns does not exist/,
  ],
  [
    'a gateway outside of the system namespace',
    {exporting: [{...east, networkGateways: [], otherGateways: east.networkGateways}]},
    /^warning gateway-namespace east: Service gw in namespace sample is labelled as a gateway of network net-east, but is not used/,
  ],
  ['nodes that may not be listed', {exporting: [{...east, nodes: undefined}]}, /^warning nodes east: no permission/],
])('reports %s', (_name, more, message) => {
  expect(findingsOf(more)).toEqual([expect.stringMatching(message)])
})

test('the hints contain the contexts of the clusters', () => {
  const hintsFor = (more: Partial<ServiceExportSubject>) =>
    runChecks(serviceExportChecks, {...healthy, ...more}).flatMap(({hints}) => hints)
  expect(hintsFor(recorded('istio', {controlPlane: {...west.controlPlane!, capturesDns: false}}))).toEqual([
    'kubectl mesh federate --mode gateways --contexts east,west --capture-dns',
  ])
  expect(hintsFor(recorded('coredns'))).toEqual([
    'to use the DNS proxy of the sidecars: kubectl mesh federate --mode gateways --contexts east,west --dns istio --capture-dns',
  ])
})

test('clusters of which one joined in gateways mode share no Services', () =>
  expect(findingsOf({exporting: [{...east, sharesEndpoints: true}]})).toEqual([]))
