import {expect, test} from 'vitest'
import {
  portIsGrpc,
  type ServiceSubject,
  serviceDiscovered,
  serviceExists,
  serviceReady,
  serviceTrusted,
  serviceUsesMtls,
} from '../../../src/features/authz/checks-service.ts'
import type {AuthzFacts} from '../../../src/features/authz/read.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {authzFacts, object} from '../federate/samples-mesh.ts'
import {extService, healthy, host, webPod} from './samples.ts'

const checks = [serviceExists, serviceDiscovered, portIsGrpc, serviceUsesMtls, serviceReady]
const grpc = {host, port: 9000, type: 'grpc' as const}

function found(facts: Partial<AuthzFacts>, service: ServiceSubject['service'] = grpc): string[] {
  const subject = {facts: authzFacts({...healthy, ...facts}), clusterDomain: 'cluster.local', service}
  return runChecks(checks, subject).map(({level, check, message}) => `${level} ${check}: ${message}`)
}

const withPort = (name: string) => ({
  services: [{...extService, spec: {...(extService.spec as object), ports: [{name, port: 9000}]}}],
})
const entries = ['a', 'b'].map(namespace =>
  object('ServiceEntry', `${namespace}/api`, {
    spec: {hosts: ['api.example.com'], ports: [{number: 443, protocol: 'GRPC'}]},
  }),
)

test.each<[string, Partial<AuthzFacts>, ServiceSubject['service'], string[]]>([
  ['healthy', {}, grpc, []],
  ['no service', {services: []}, grpc, [`error service: ${host} is neither a Service nor a host of a ServiceEntry`]],
  ['no port', {}, {...grpc, port: 1}, [`error service: ${host} has no port 1`]],
  [
    'several namespaces',
    {serviceEntries: entries},
    {...grpc, host: 'api.example.com', port: 443},
    ['error service: several namespaces define api.example.com: a, b'],
  ],
  ['one of several namespaces', {serviceEntries: entries}, {...grpc, host: 'b/api.example.com', port: 443}, []],
  [
    'a namespace that istiod does not watch',
    {mesh: {discoverySelectors: [{matchLabels: {mesh: 'yes'}}]}},
    grpc,
    [
      'error discovered: namespace authz is not selected by discoverySelectors of the mesh config, so istiod cannot find the authorizer',
    ],
  ],
  ['a port without gRPC', withPort('tcp-x'), grpc, [`warning protocol: port 9000 of ${host} is not declared as gRPC`]],
  ['a port without gRPC for HTTP', withPort('tcp-x'), {...grpc, type: 'http'}, []],
  ['a port with HTTP/2', withPort('http2'), grpc, []],
  [
    'no sidecar',
    {pods: [object('Pod', 'authz/ext-1', {metadata: {labels: {app: 'ext'}}}), webPod]},
    grpc,
    [`warning mtls: 1 of 1 pods of ${host} have no sidecar: requests to them are plain text, with cookies and tokens`],
  ],
  ['no endpoint', {slices: []}, grpc, [`error endpoints: ${host} has no ready endpoint`]],
])('%s', (_, facts, service, expected) => {
  expect(found(facts, service)).toEqual(expected)
})

test('a host that only a ServiceEntry of some namespace defines has to be named with it', () => {
  const checked = (host: string, serviceEntries: AuthzFacts['serviceEntries'], mesh = {}) => {
    const facts = authzFacts({...healthy, serviceEntries, mesh})
    const subject = {facts, clusterDomain: 'cluster.local', service: {...grpc, host, port: 443}}
    return runChecks([serviceTrusted('error')], subject).map(({level, hints}) => `${level} ${hints?.join()}`)
  }
  const [a] = entries
  expect(checked('api.example.com', [a!])).toEqual(['error if that is intended: --service a/api.example.com:443'])
  expect(checked('a/api.example.com', [a!])).toEqual([])
  expect(checked('api.example.com', [a!], {rootNamespace: 'a'})).toEqual([])
  expect(checked('api.example.com', [object('ServiceEntry', 'istio-system/api', {spec: a!.spec})])).toEqual([])
  expect(checked(host, [a!])).toEqual([])
})

test('no findings without a provider', () => {
  const subject = {facts: authzFacts(), clusterDomain: 'cluster.local', service: undefined}
  expect(runChecks(checks, subject)).toEqual([])
})
