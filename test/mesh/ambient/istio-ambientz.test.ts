import {expect, test} from 'vitest'
import {readAmbientz, readRemoteWorkloads} from '../../../src/mesh/ambient/istio-ambientz.ts'

test('gateways and shared Services of other networks', () => {
  const host = 'demo/hello.demo.svc.cluster.local'
  const ids = [
    'NetworkGateway/net-west/203.0.113.12/0',
    `net-west/SplitHorizonWorkload/istio-system/gw/203.0.113.12/${host}`,
    'east//Pod/demo/hello-1',
  ]
  const {gateways, services} = readAmbientz(JSON.stringify({workloads: [...ids.map(uid => ({uid})), null, {}]}))
  expect(gateways).toEqual(new Map([['net-west', new Set(['203.0.113.12'])]]))
  expect(services).toEqual(new Map([['net-west', new Set([host])]]))
})

test.each(['', 'null', '[]', '{"workloads": {}}'])('%s is an error', body => {
  expect(() => readAmbientz(body)).toThrow('has no list of workloads')
})

test('workloads of other networks, with how many pods they stand for', () => {
  const uid = 'net-west/SplitHorizonWorkload/istio-system/gw/203.0.113.12/demo/hello.demo.svc.cluster.local'
  const workloads = [{uid, capacity: 3}, {uid}, {uid: 'east//Pod/demo/hello-1', capacity: 1}]
  const remote = {service: 'demo/hello', network: 'net-west', address: '203.0.113.12'}
  expect(readRemoteWorkloads(JSON.stringify({workloads}))).toEqual([
    {...remote, capacity: 3},
    {...remote, capacity: 1},
  ])
})

test('what ztunnels learn about a Service: addresses, identities, capacity, and single workloads by cluster', () => {
  const host = 'demo/hello.demo.svc.cluster.local'
  const services = {[host]: {}}
  const workloads = [
    {uid: `net-west/SplitHorizonWorkload/istio-system/gw/203.0.113.12/${host}`, capacity: 3, services},
    {uid: 'east//Pod/demo/hello-1', clusterId: 'east', namespace: 'demo', serviceAccount: 'hello', services},
    {uid: 'east//Pod/demo/other-1', clusterId: 'east', namespace: 'demo', serviceAccount: 'other', services: null},
  ]
  const addresses = [{network: 'net-east', address: 'MTAuOTYuMC4x'}, {address: 'MTAuOTYuMC4y'}]
  const service = {
    ...{namespace: 'demo', hostname: 'hello.demo.svc.cluster.local', addresses},
    subjectAltNames: ['spiffe://cluster.local/ns/demo/sa/hello'],
  }
  const {details} = readAmbientz(JSON.stringify({workloads, services: [service, null, {namespace: 1}]}))
  expect(details).toEqual(
    new Map([
      [
        host,
        {
          addresses: new Map([
            ['net-east', new Set(['MTAuOTYuMC4x'])],
            ['', new Set(['MTAuOTYuMC4y'])],
          ]),
          identities: new Set(['spiffe://cluster.local/ns/demo/sa/hello']),
          capacity: new Map([['net-west', 3]]),
          workloads: new Map([['east', ['ns/demo/sa/hello']]]),
        },
      ],
    ]),
  )
})
