import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {ingressTlsChecks} from '../../../../src/features/ingress/tls/checks.ts'
import type {IngressTlsFacts} from '../../../../src/features/ingress/tls/read.ts'
import {ingressTlsFields} from '../../../../src/features/ingress/tls/spec.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'
import {cluster, object} from '../samples.ts'
import {gateway, workload} from './samples.ts'

type RawTls = RawSpec<typeof ingressTlsFields>

function service(selector: object, ...numbers: number[]): KubernetesObject {
  const ports = numbers.map(port => ({port}))
  return object('Service', 's', {spec: {selector, ports}}, {namespace: 'edge'})
}

/** Findings before `a.example.com` is served. `facts` replace those of a cluster without conflicts. */
function findingsOf(raw: RawTls, facts: Partial<IngressTlsFacts> = {}): string[] {
  const spec = readSpec(ingressTlsFields, raw)
  const healthy: IngressTlsFacts = {
    cluster,
    workloads: [workload],
    gateways: [],
    services: [service(workload.labels, 80, 443)],
  }
  const subject = {
    spec: {...spec, host: 'a.example.com'},
    facts: {...healthy, ...facts},
    workload,
    secrets: new Map(),
    now: new Date(),
    mutualIsSet: raw.mutual !== undefined,
    isOurs: ({metadata}: KubernetesObject) => metadata.uid === 'ours',
  }
  return runChecks(ingressTlsChecks, subject).map(({check, message}) => `${check}: ${message}`)
}

test('a Gateway that no revision of the gateway reads is no conflict', () => {
  const other = gateway('other', {...https, tls: {mode: 'SIMPLE'}})
  expect(findingsOf({}, {gateways: [other]})).toEqual([expect.stringMatching(/^host: /)])
  other.metadata.labels = {'istio.io/rev': '1-30'}
  expect(findingsOf({}, {gateways: [other]})).toEqual([])
})

const https = {hosts: ['./a.example.com'], port: {name: 'x', number: 443, protocol: 'HTTPS'}}
const http = {hosts: ['a.example.com'], port: {name: 'x', number: 80, protocol: 'HTTP'}}

/** The existing Gateway of the host, managed by kubectl-mesh. */
function ownGateway(server: object, selector?: object): KubernetesObject {
  const metadata = {name: 'a-example-com', namespace: 'edge', uid: 'ours'}
  return {...gateway('a-example-com', server, selector), metadata}
}

const mutual = ownGateway({...https, tls: {mode: 'MUTUAL'}})

test('client certificates can be made optional with --no-mutual', () => {
  expect(findingsOf({mutual: false}, {gateways: [mutual]})).toEqual([])
})

test('other hosts, other ports and other gateways are no conflict', () => {
  const others = [
    gateway('other-host', {...https, hosts: ['b.example.com', '*.example.com']}),
    gateway('other-gateway', https, {istio: 'eastwestgateway'}),
    gateway('other-port', http),
  ]
  expect(findingsOf({}, {gateways: others})).toEqual([])
})

test.each<[string, RawTls, Partial<IngressTlsFacts>, RegExp]>([
  [
    'a host that another Gateway serves',
    {},
    {gateways: [gateway('g', https)]},
    /^host: Gateway apps\/g already serves a.example.com on port 443/,
  ],
  ['a host that another Gateway redirects', {redirect: true}, {gateways: [gateway('g', http)]}, /^host: .* on port 80/],
  [
    'another protocol on the port',
    {},
    {gateways: [gateway('g', {...https, port: {number: 443, protocol: 'HTTP'}})]},
    /^host: .*port 443 with protocol HTTP/,
  ],
  ['a gateway without a Service', {}, {services: []}, /^ports: no Service selects/],
  ['a Service without port 443', {}, {services: [service({app: 'istio-ingressgateway'}, 80)]}, /^ports: .*no port 443/],
  ['a missing Secret', {secret: 'x'}, {}, /^secret: Secret edge\/x does not exist/],
  [
    'client certificates that would no longer be required',
    {},
    {gateways: [mutual]},
    /^mutual: a.example.com requires client certificates/,
  ],
  [
    'a Gateway of another owner with the same name',
    {},
    {gateways: [object('Gateway', 'a-example-com', {spec: {selector: {istio: 'x'}}}, {namespace: 'edge'})]},
    /^name: Gateway edge\/a-example-com already exists/,
  ],
  [
    'a managed Gateway that selects another gateway',
    {},
    {gateways: [ownGateway(https, {istio: 'x'})]},
    /^name: Gateway edge\/a-example-com serves a.example.com at another gateway/,
  ],
])('reports %s', (_name, raw, facts, message) => {
  expect(findingsOf(raw, facts)).toEqual([expect.stringMatching(message)])
})
