import {expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {type IngressSubject, ingressDeployChecks} from '../../../src/features/ingress/checks-deploy.ts'
import {ingressTlsChecks} from '../../../src/features/ingress/checks-tls.ts'
import {ingressApplySet} from '../../../src/features/ingress/objects.ts'
import {ingressTlsApplySet} from '../../../src/features/ingress/objects-tls.ts'
import type {IngressFacts} from '../../../src/features/ingress/read.ts'
import type {IngressTlsFacts} from '../../../src/features/ingress/read-tls.ts'
import {ingressDeployFields} from '../../../src/features/ingress/spec-deploy.ts'
import {ingressTlsFields} from '../../../src/features/ingress/spec-tls.ts'
import {runChecks} from '../../../src/findings/check.ts'
import type {ControlPlane} from '../../../src/istio/control-plane.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'
import {injector} from '../../integration/ingress/support.ts'

const cluster = {context: 'east'} as Cluster
const plane = {revision: 'default', replicas: 1, ready: 1} as ControlPlane

function object(kind: string, name: string, more: object = {}, metadata: object = {}): KubernetesObject {
  return {apiVersion: 'v1', kind, metadata: {name, ...metadata}, ...more}
}

function node(name: string, labels: Record<string, string> = {}, spec: object = {}): KubernetesObject {
  return object('Node', name, {spec, status: {conditions: [{type: 'Ready', status: 'True'}]}}, {labels})
}

function pod(name: string, nodeName: string, hostPort: number, more: object = {}, metadata: object = {}) {
  const containers = [{name: 'a', ports: [{containerPort: hostPort, hostPort}]}]
  return object('Pod', name, {spec: {nodeName, containers}, ...more}, {namespace: 'other', ...metadata})
}

const hostPort: RawSpec<typeof ingressDeployFields> = {hostPorts: ['80:8080'], kind: 'daemonset'}

/** What is found for a deployment; what is given takes the place of a cluster where all is well. */
function found(raw: RawSpec<typeof ingressDeployFields>, facts: Partial<IngressFacts> = {}): string[] {
  const spec = readSpec(ingressDeployFields, {namespace: 'edge', ...raw}) as IngressSubject['spec']
  const well: IngressFacts = {
    cluster,
    plane: {plane, revisions: ['default'], meshMap: undefined, meshText: '', shared: undefined, env: {}},
    injectors: [injector() as unknown as KubernetesObject],
    namespace: object('Namespace', 'edge'),
    existing: [],
    nodes: [node('n1', {front_end: 'true'}), node('n2')],
    pods: [],
    services: [],
  }
  const findings = runChecks(ingressDeployChecks, {spec, facts: {...well, ...facts}})
  return findings.map(({level, check, message}) => `${level} ${check}: ${message}`)
}

test('nothing where all is well, also when the namespace is to be made', () => {
  expect(found(hostPort)).toEqual([])
  expect(found({nodeSelector: ['front_end=true']}, {namespace: undefined})).toEqual([])
  expect(found({}, {namespace: object('Namespace', 'edge', {}, {labels: {'istio-injection': 'enabled'}})})).toEqual([])
})

const labelled = (labels: Record<string, string>) => ({namespace: object('Namespace', 'edge', {}, {labels})})
const own = {namespace: 'edge', labels: {app: 'istio-ingressgateway', istio: 'ingressgateway'}}

test.each<[string, RawSpec<typeof ingressDeployFields>, Partial<IngressFacts>, RegExp]>([
  ['no injector', {}, {injectors: []}, /^error injection: no injector of revision default/],
  ['injection off', {}, labelled({'istio-injection': 'disabled'}), /^error injection: .*istio-injection=disabled/],
  ['another revision', {}, labelled({'istio.io/rev': 'x'}), /^error injection: no injector of revision default/],
  [
    'not discovered',
    {},
    {
      plane: {
        plane,
        revisions: ['default'],
        meshMap: undefined,
        meshText: 'discoverySelectors: [{matchLabels: {a: b}}]',
        shared: undefined,
        env: {},
      },
    },
    /^error discovered: istiod does not watch namespace edge/,
  ],
  [
    "others' Deployment",
    {},
    {existing: [object('Deployment', 'istio-ingressgateway', {}, {managedFields: [{manager: 'helm'}]})]},
    /^error name: Deployment edge\/istio-ingressgateway is there already, made by helm/,
  ],
  ['no node', {nodeSelector: ['a=b']}, {}, /^error nodes: none of the 2 nodes has a=b/],
  [
    'a taint on all',
    {nodeSelector: ['front_end=true']},
    {nodes: [node('n1', {front_end: 'true'}, {taints: [{key: 'x', effect: 'NoSchedule'}]})]},
    /^error nodes: 1 of 1 chosen nodes has a taint/,
  ],
  ['a host port taken', hostPort, {pods: [pod('p', 'n2', 80)]}, /^error host-ports: .*1 of 2.*pod other\/p on n2/],
  [
    'a host port taken where a Deployment has room elsewhere',
    {hostPorts: ['80:8080']},
    {pods: [pod('p', 'n2', 80)]},
    /^warning host-ports/,
  ],
  [
    'a port of the host network',
    hostPort,
    {
      pods: [
        object(
          'Pod',
          'p',
          {spec: {nodeName: 'n1', hostNetwork: true, containers: [{ports: [{containerPort: 80}]}]}},
          {namespace: 'o'},
        ),
      ],
    },
    /^error host-ports: .*pod o\/p on n1/,
  ],
  [
    'a node port',
    {hostPorts: ['31080:8080']},
    {services: [object('Service', 's', {spec: {ports: [{nodePort: 31_080}]}}, {namespace: 'o'})]},
    /^error node-ports: .*Service o\/s/,
  ],
  [
    'the label of others',
    {},
    {pods: [pod('p', 'n1', 1, {}, {labels: {istio: 'ingressgateway'}})]},
    /^warning label: 1 pods of others carry istio=ingressgateway/,
  ],
])('finds %s', (_name, raw, facts, message) => {
  expect(found(raw, facts)).toEqual([expect.stringMatching(message)])
})

test('does not stand in its own way', () => {
  const set = {name: 'istio-ingressgateway', namespace: 'edge'}
  const labels = {[partOfLabel]: applySetId(ingressApplySet(set))}
  const existing = [object('Deployment', 'istio-ingressgateway', {}, {labels})]
  expect(found(hostPort, {existing, pods: [pod('own', 'n1', 80, {}, own)]})).toEqual([])
  const ended = pod('p', 'n1', 80, {status: {phase: 'Succeeded'}})
  expect(found({...hostPort, nodeSelector: ['front_end=true']}, {pods: [ended, pod('q', 'n2', 80)]})).toEqual([])
})

function gateway(name: string, server: object, selector: object = {istio: 'ingressgateway'}): KubernetesObject {
  return object('Gateway', name, {spec: {selector, servers: [server]}}, {namespace: 'apps'})
}

/** What is found before a host gets its certificate. */
function foundTls(raw: RawSpec<typeof ingressTlsFields>, facts: Partial<IngressTlsFacts> = {}): string[] {
  const spec = readSpec(ingressTlsFields, {host: 'a.example.com', ...raw})
  const labels = {app: 'istio-ingressgateway', istio: 'ingressgateway'}
  const workload = {kind: 'Deployment', name: 'istio-ingressgateway', namespace: 'edge', labels}
  const ports = [{port: 80}, {port: 443}]
  const services = [object('Service', 's', {spec: {selector: labels, ports}}, {namespace: 'edge'})]
  const well: IngressTlsFacts = {cluster, workloads: [workload], gateways: [], services, injectors: []}
  const subject = {spec: {...spec, host: spec.host!}, facts: {...well, ...facts}, workload, secrets: new Map()}
  return runChecks(ingressTlsChecks, {...subject, now: new Date(), saidMutual: raw.mutual !== undefined}).map(
    ({check, message}) => `${check}: ${message}`,
  )
}

const https = {hosts: ['./a.example.com'], port: {name: 'x', number: 443, protocol: 'HTTPS'}}
const http = {hosts: ['a.example.com'], port: {name: 'x', number: 80, protocol: 'HTTP'}}

const mutual: KubernetesObject = {
  ...gateway('a-example-com', {...https, tls: {mode: 'MUTUAL'}}),
  metadata: {
    name: 'a-example-com',
    namespace: 'edge',
    labels: {[partOfLabel]: applySetId(ingressTlsApplySet('edge'))},
  },
}

test('who is to be asked no more can be said', () => {
  expect(foundTls({mutual: false}, {gateways: [mutual]})).toEqual([])
})

test('other hosts, other ports and other gateways are no conflict', () => {
  const others = [
    gateway('other-host', {...https, hosts: ['b.example.com', '*.example.com']}),
    gateway('other-gateway', https, {istio: 'eastwestgateway'}),
    gateway('other-port', http),
  ]
  expect(foundTls({}, {gateways: others})).toEqual([])
})

test.each<[string, RawSpec<typeof ingressTlsFields>, Partial<IngressTlsFacts>, RegExp]>([
  [
    'the host elsewhere',
    {},
    {gateways: [gateway('g', https)]},
    /^host: Gateway apps\/g serves a.example.com on port 443/,
  ],
  ['the redirect elsewhere', {redirect: true}, {gateways: [gateway('g', http)]}, /^host: .* on port 80/],
  [
    'another protocol',
    {},
    {gateways: [gateway('g', {...https, port: {number: 443, protocol: 'HTTP'}})]},
    /^host: .*port 443 with protocol HTTP/,
  ],
  ['no Service', {}, {services: []}, /^ports: no Service selects/],
  [
    'a Service without 443',
    {},
    {
      services: [
        object(
          'Service',
          's',
          {spec: {selector: {app: 'istio-ingressgateway'}, ports: [{port: 80}]}},
          {namespace: 'edge'},
        ),
      ],
    },
    /^ports: .*no port 443/,
  ],
  ['no Secret', {secret: 'x'}, {}, /^secret: Secret edge\/x is not there/],
  ['clients that are asked no more', {}, {gateways: [mutual]}, /^mutual: clients of a.example.com have to show/],
  [
    "others' Gateway of its name",
    {},
    {gateways: [object('Gateway', 'a-example-com', {spec: {selector: {istio: 'x'}}}, {namespace: 'edge'})]},
    /^name: Gateway edge\/a-example-com is there already/,
  ],
])('finds %s', (_name, raw, facts, message) => {
  expect(foundTls(raw, facts)).toEqual([expect.stringMatching(message)])
})
