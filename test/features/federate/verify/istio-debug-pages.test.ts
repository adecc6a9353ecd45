import {describe, expect, test} from 'vitest'
import {readClusterz, readEndpointz, readNetworkz} from '../../../../src/features/federate/verify/istio-debug-pages.ts'

// As istiod 1.31 returned them in the lab.
const clusterz =
  '[{"id":"east","secretName":"","syncStatus":"synced"},{"id":"west","secretName":"istio-system/istio-remote-secret-west","syncStatus":"synced"}]'
const networkz =
  '[{"Network":"net-east","Cluster":"east","Addr":"203.0.113.11","Port":15443,"HBONEPort":0,"ServiceAccount":{"Namespace":"","Name":""}}]'

describe('readClusterz', () => {
  test('returns all clusters', () =>
    expect(readClusterz(clusterz)).toEqual([
      {id: 'east', secretName: '', syncStatus: 'synced'},
      {id: 'west', secretName: 'istio-system/istio-remote-secret-west', syncStatus: 'synced'},
    ]))

  test.each(['no JSON', '{}', '[1]', '[{"id":1}]'])('%s is an error', text =>
    expect(() => readClusterz(text)).toThrow(),
  )
})

describe('readNetworkz', () => {
  test('returns all gateways', () =>
    expect(readNetworkz(networkz)).toEqual([
      {network: 'net-east', cluster: 'east', address: '203.0.113.11', port: 15443},
    ]))

  test('null means no gateways', () => expect(readNetworkz('null')).toEqual([]))

  test.each(['', '{}', '[{}]'])('"%s" is an error', text => expect(() => readNetworkz(text)).toThrow())
})

describe('readEndpointz', () => {
  test('returns the hosts that have endpoints, by cluster, and those of ServiceEntries', () => {
    const shards = (all: object) => ({Shards: all, ServiceAccounts: {}})
    const page = {
      'a.sample.svc.cluster.local': {sample: shards({'Kubernetes/east': [{}], 'Kubernetes/west': [{}, {}]})},
      'b.sample.svc.cluster.local': {sample: shards({'Kubernetes/west': [], 'Kubernetes/east': null})},
      'c.example.com': {sample: shards({'External/east': [{}]})},
      'd.sample.svc.cluster.local': null,
      'e.example.com': {sample: shards({'External/east': []})},
    }
    const {endpoints, external} = readEndpointz(JSON.stringify(page))
    expect([...external]).toEqual(['c.example.com'])
    expect([...endpoints].map(([cluster, hosts]) => [cluster, [...hosts]])).toEqual([
      ['east', ['a.sample.svc.cluster.local']],
      ['west', ['a.sample.svc.cluster.local']],
    ])
  })

  test.each(['[]', 'null', 'x'])('%s is an error', text => expect(() => readEndpointz(text)).toThrow())
})
