import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {
  injectionPath,
  injectorName,
  isControlledBy,
  istiodAddressesOf,
  readInjector,
  remoteValues,
  withSliceOfFamily,
  withWebhookPort,
} from '../../src/istio/remote.ts'
import {injector} from '../mesh/samples-remote.ts'

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/)

describe('the injection webhook of a remote cluster', () => {
  test('cluster and network are read from the path', () => {
    fc.assert(
      fc.property(label, fc.option(label, {nil: undefined}), (cluster, network) => {
        expect(readInjector(injector(cluster, network))).toEqual({cluster, network, port: 443, trusted: true})
      }),
    )
  })

  test.each<[string, KubernetesObject | undefined]>([
    ['a missing configuration', undefined],
    ['a configuration without webhooks', {...injector('a', 'b'), webhooks: []}],
    ['a webhook without a client configuration', {...injector('a', 'b'), webhooks: [{name: 'x'}]}],
  ])('%s has no cluster and is not trusted', (_, configuration) =>
    expect(readInjector(configuration)).toMatchObject({cluster: undefined, network: undefined, trusted: false}),
  )

  test('the webhook of a primary has no cluster in its path', () => {
    const own = injector('a', 'b')
    for (const {clientConfig} of own.webhooks as {clientConfig: {service: {path: string}}}[])
      clientConfig.service.path = '/inject'
    expect(readInjector(own)).toMatchObject({cluster: undefined, network: undefined})
  })

  test('a cluster named net, and a URL, are read correctly', () => {
    expect(readInjector(injector('net', 'cluster'))).toMatchObject({cluster: 'net', network: 'cluster'})
    const url = 'https://istiod.example:15017/inject/net/n1/cluster/c1'
    const webhooks = [{name: 'x', clientConfig: {url, caBundle: 'Q0E='}}]
    expect(readInjector({...injector('a', 'b'), webhooks})).toMatchObject({cluster: 'c1', network: 'n1', trusted: true})
  })

  test('one missing CA bundle is enough for not trusted', () => {
    const half = injector('a', 'b')
    ;(half.webhooks as {clientConfig: {caBundle?: string}}[])[1]!.clientConfig.caBundle = ''
    expect(readInjector(half).trusted).toBe(false)
  })

  test.each([
    [undefined, 'istio-system', 'istio-sidecar-injector'],
    ['default', 'istio-system', 'istio-sidecar-injector'],
    ['1-31', 'istio-system', 'istio-sidecar-injector-1-31'],
    [undefined, 'mesh', 'istio-sidecar-injector-mesh'],
    ['1-31', 'mesh', 'istio-sidecar-injector-1-31-mesh'],
  ])('of revision %s in namespace %s has the name %s', (revision, systemNamespace, name) =>
    expect(injectorName({revision, systemNamespace})).toBe(name),
  )
})

describe('a primary with a host name', () => {
  test('every webhook gets the port of the gateway', () => {
    const {webhooks} = withWebhookPort(injector('a', 'b'), 'lb.example.com') as unknown as {webhooks: unknown[]}
    expect(webhooks).toEqual([
      expect.objectContaining({
        clientConfig: expect.objectContaining({service: expect.objectContaining({port: 15017})}),
      }),
      expect.objectContaining({
        clientConfig: expect.objectContaining({service: expect.objectContaining({port: 15017})}),
      }),
    ])
  })

  test.each(['203.0.113.11', '2001:db8::1'])('the IP address %s changes nothing', address =>
    expect(withWebhookPort(injector('a', 'b'), address)).toEqual(injector('a', 'b')),
  )

  test('other objects are unchanged', () => {
    const service = {apiVersion: 'v1', kind: 'Service', metadata: {name: 'istiod'}}
    expect(withWebhookPort(service, 'lb.example.com')).toBe(service)
  })
})

describe('addresses of the Service istiod', () => {
  const service = (spec: object) => ({apiVersion: 'v1', kind: 'Service', metadata: {name: 'istiod'}, spec})
  const slice = (...addresses: string[]) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {name: 'istiod'},
    endpoints: [{addresses}],
  })
  test.each<[string, KubernetesObject | undefined, KubernetesObject[], string[]]>([
    ['no Service', undefined, [slice('203.0.113.11')], []],
    ['a host name', service({type: 'ExternalName', externalName: 'lb.example.com'}), [], ['lb.example.com']],
    ['an address', service({}), [slice('203.0.113.11')], ['203.0.113.11']],
    ['a selector', service({selector: {app: 'istiod'}}), [slice('10.0.0.1')], []],
    ['no endpoints', service({}), [{...slice(), endpoints: undefined}], []],
  ])('%s', (_, of, slices, addresses) => expect(istiodAddressesOf(of, slices)).toEqual(addresses))
})

test.each([
  ['east', true],
  ['north,east', true],
  ['*', true],
  ['northeast', false],
  ['', false],
  [undefined, false],
])('controlPlaneClusters %s includes east: %s', (annotation, expected) =>
  expect(isControlledBy(annotation, 'east')).toBe(expected),
)

test('values contain the address, the cluster and the network', () => {
  expect(remoteValues('203.0.113.11', 'west', 'net-west')).toEqual({
    defaultRevision: '',
    global: {remotePilotAddress: '203.0.113.11'},
    istiodRemote: {injectionPath: '/inject/cluster/west/net/net-west'},
  })
  expect(injectionPath('west', undefined)).toBe('/inject/cluster/west')
})

test.each([
  ['EndpointSlice', '2001:db8::1', 'istiod-ipv6'],
  ['EndpointSlice', '203.0.113.11', 'istiod'],
  ['Service', '2001:db8::1', 'istiod'],
])('%s for address %s has the name %s', (kind, address, name) => {
  const object = {apiVersion: 'v1', kind, metadata: {name: 'istiod', labels: {a: 'b'}}}
  expect(withSliceOfFamily(object, address)).toEqual({...object, metadata: {...object.metadata, name}})
})
