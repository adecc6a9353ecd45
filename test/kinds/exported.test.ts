import {join} from 'node:path'
import {expect, test} from 'vitest'
import type {Raw} from '../../src/spec/field.ts'
import {roundTrip} from '../support/round-trip.ts'

const addons = join(import.meta.dirname, '../fixtures/addons')

/** Inputs in the form that `mesh export` writes: with namespaces, and with full host names. */
const inputs: readonly (readonly [kind: string, raw: Record<string, Raw>])[] = [
  ['Addons', {names: ['prometheus'], from: addons}],
  ['Addons', {names: ['prometheus'], from: addons, systemNamespace: 'mesh', namespace: 'ops', revision: 'a'}],
  ['ControlPlane', {via: 'sail'}],
  [
    'ControlPlane',
    {via: 'sail', systemNamespace: 'mesh', revision: '1-31', meshId: 'm', network: 'n', set: ['values.pilot.x=2,3']},
  ],
  ['ExternalAuthorizer', {name: 'opa', service: 'opa.opa:9191', to: 'gateway/edge', namespace: 'edge'}],
  [
    'ExternalAuthorizer',
    {
      ...{name: 'opa', service: 'opa.opa:9191', selector: {app: 'web'}, namespace: 'shop', type: 'http', timeout: '2s'},
      ...{notPaths: ['/healthz'], methods: ['GET'], headersToCheck: ['x-a'], includeBody: '1024', fail: 'open'},
    },
  ],
  ['Federation', {contexts: ['east', 'west']}],
  [
    'Federation',
    {
      ...{contexts: ['east', 'west'], systemNamespace: 'mesh', network: {east: 'net-a', west: 'net-b'}, meshId: 'm'},
      ...{server: {west: 'https://west:6443'}, expose: ['shop/*'], credentialDuration: '720h', credentials: 'bundled'},
      ...{gateway: {east: {type: 'NodePort', nodePorts: {'15443': '32443'}}}, gatewayServiceType: 'ClusterIP'},
    },
  ],
  ['Federation', {contexts: ['east', 'west'], mode: 'gateways', dns: 'coredns'}],
  ['IngressGateway', {name: 'edge', namespace: 'edge'}],
  [
    'IngressGateway',
    {
      ...{name: 'istio-ingressgateway', namespace: 'edge', systemNamespace: 'mesh', kind: 'daemonset', revision: 'a'},
      ...{hostPorts: ['80:8080'], nodeSelector: {role: 'edge'}},
    },
  ],
  ['IngressTls', {host: 'shop.example.com', secret: 'shop', namespace: 'edge', redirect: true}],
  ['LocalityBalance', {hosts: ['a.shop.svc.cluster.local', 'b.shop.svc.cluster.local'], failover: {eu: 'us'}}],
  ['LocalityBalance', {hosts: ['a.shop.svc.corp.example'], clusterDomain: 'corp.example', failoverPriority: ['app']}],
  ['LocalityBalance', {hosts: ['a.shop.svc.cluster.local'], distribute: ['eu/*=eu:80,us:20']}],
  ['NodeLocalities', {nodes: ['node-1', 'node-2'], region: 'eu', zone: 'eu-1', subzone: 'rack-1'}],
  ['Tenant', {name: 'shop', via: 'none', namespaces: ['shop-a', 'shop-b']}],
  [
    'Tenant',
    {
      ...{name: 'shop', via: 'none', systemNamespace: 'shop-system', revision: 'shop-1', selectorLabel: 'team=shop'},
      mtls: 'PERMISSIVE',
    },
  ],
  [
    'VirtualMachine',
    {name: 'web', namespace: 'vms', serviceAccount: 'web', ports: ['http:8080'], gatewayAddress: '192.0.2.1'},
  ],
  [
    'VirtualMachine',
    {
      ...{name: 'web', namespace: 'vms', systemNamespace: 'mesh', serviceAccount: 'web', ports: ['http:80:HTTP:8080']},
      ...{addresses: ['10.0.0.5'], labels: {tier: 'db'}, tokenDuration: '2h', weight: '3', captureDns: false},
      ...{gatewayAddress: '192.0.2.1', locality: 'eu/eu-1', hosts: ['db.example.com'], probe: 'tcp:8080'},
    },
  ],
]

test.each(inputs)('%s: what was applied is exported as the same document (%j)', async (kind, raw) => {
  const {written, expected} = await roundTrip(kind, raw)
  expect(written.map(({spec}) => spec)).toEqual([expected.spec])
  expect(written[0]!.gaps).toEqual([])
  expect(JSON.stringify(written[0]!.spec)).toBe(JSON.stringify(expected.spec))
})
