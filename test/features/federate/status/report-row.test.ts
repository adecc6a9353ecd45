import {describe, expect, test} from 'vitest'
import {type StatusRow, statusRow} from '../../../../src/features/federate/status/report-row.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {resolveMember} from '../../../../src/mesh/members.ts'
import {gatewaysRecordData} from '../../../../src/mesh/record.ts'
import {controlPlane, gatewayService, member} from '../../../mesh/samples.ts'
import {primaryAndRemote} from '../../../mesh/samples-remote.ts'
import {createRoot, rootCa} from '../verify/samples.ts'

const gateway = (ingress: object[]) => gatewayService('net-east', {status: {loadBalancer: {ingress}}})

function rowOf(facts: Partial<FederationFacts>, all = [member('east', facts)]): StatusRow {
  return statusRow(all[0]!, all, undefined)
}

test('a cluster that is not reachable has its name and the reason', () => {
  const gone = resolveMember({clusterName: {}, revision: undefined}, 'east', undefined)
  const error = {state: 'not reachable' as const, message: 'connect ECONNREFUSED'}
  expect(statusRow(gone, [], error)).toEqual({
    context: 'east',
    cluster: 'east',
    network: '-',
    istio: '-',
    meshId: '-',
    root: '-',
    sameRoot: false,
    gateway: '-',
    caExpires: undefined,
    error,
  })
})

describe('columns', () => {
  const caSecret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {name: 'cacerts'},
    data: {'ca-cert.pem': Buffer.from(rootCa).toString('base64')},
  }
  const record = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'r'},
    data: gatewaysRecordData({addresses: [], dns: 'coredns', dnsForward: [], ownsDnsCapture: false}),
  }
  test.each<[string, Partial<FederationFacts>, Partial<StatusRow>]>([
    ['a control plane', {}, {istio: '1.30.3', meshId: 'mesh1', network: 'net-east'}],
    ['an istiod without a version', {controlPlanes: [controlPlane('east', {version: undefined})]}, {istio: 'unknown'}],
    [
      'a gateway',
      {networkGateways: [gateway([{ip: '192.0.2.1'}, {ip: '192.0.2.2'}])]},
      {gateway: '192.0.2.1,192.0.2.2'},
    ],
    ['a gateway without an address', {networkGateways: [gateway([])]}, {gateway: 'no address'}],
    ['a CA certificate', {caSecret}, {caExpires: expect.any(Date)}],
    ['gateways mode', {record}, {dns: 'coredns', imports: 0}],
  ])('%s', (_, facts, expected) => expect(rowOf(facts)).toMatchObject(expected))

  test('the root CA is compared with that of the first cluster that has one', () => {
    const [none, same, other] = [undefined, rootCa, createRoot()].map((servedRoot, at) =>
      member(`c${at}`, {servedRoot}),
    )
    const all = [none!, same!, member('c', {servedRoot: rootCa}), other!]
    expect(all.map(one => statusRow(one, all, undefined).sameRoot)).toEqual([false, true, true, false])
  })

  test('a remote cluster has a primary and no Istio version', () => {
    const {all} = primaryAndRemote()
    expect(all.map(one => statusRow(one, all, undefined)).map(({primary, istio}) => [primary, istio])).toEqual([
      [undefined, '1.30.3'],
      ['east', '-'],
    ])
  })
})
