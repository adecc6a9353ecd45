import {describe, expect, test} from 'vitest'
import {
  clusterInRecord,
  type GatewaysRecord,
  gatewaysRecordData,
  type RemoteRecord,
  readGatewaysRecord,
  readRemoteRecord,
  remoteRecordData,
} from '../../src/mesh/record.ts'

const recordWith = (data?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'r'},
  ...(data ? {data} : {}),
})

describe('a record in gateways mode', () => {
  test.each<GatewaysRecord>([
    {addresses: [], dns: 'istio', dnsForward: [], ownsDnsCapture: false},
    {addresses: ['192.0.2.1', 'lb.example'], dns: 'kube-dns', dnsForward: ['10.0.0.1'], ownsDnsCapture: true},
  ])('is read as it was written: %j', record => {
    const data = gatewaysRecordData(record)
    expect(readGatewaysRecord(recordWith(data))).toEqual(record)
    expect(readRemoteRecord(recordWith(data))).toBeUndefined()
  })

  test('with an unknown DNS server counts as Istio', () =>
    expect(readGatewaysRecord(recordWith({mode: 'gateways', dns: 'bind'}))?.dns).toBe('istio'))
})

describe('a record in primary-remote mode', () => {
  test.each<RemoteRecord>([
    {primary: undefined, ownsAnnotation: false, pilotAddress: undefined, singleNetwork: false},
    {primary: 'east', ownsAnnotation: true, pilotAddress: '192.0.2.1', singleNetwork: true},
  ])('is read as it was written: %j', record => {
    const data = remoteRecordData(record)
    expect(readRemoteRecord(recordWith(data))).toEqual(record)
    expect(readGatewaysRecord(recordWith(data))).toBeUndefined()
  })
})

test('no record, and a record in multi-primary mode', () => {
  for (const record of [undefined, recordWith(), recordWith({cluster: 'east'})]) {
    expect(readGatewaysRecord(record)).toBeUndefined()
    expect(readRemoteRecord(record)).toBeUndefined()
  }
  expect(clusterInRecord(recordWith({cluster: 'east'}))).toBe('east')
  expect(clusterInRecord(undefined)).toBeUndefined()
})
