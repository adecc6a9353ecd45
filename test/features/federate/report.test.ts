import {describe, expect, test} from 'vitest'
import type {Change} from '../../../src/engine/kubernetes/change.ts'
import {type Wave, waves} from '../../../src/engine/kubernetes/waves.ts'
import type {Outcome} from '../../../src/engine/plan/apply.ts'
import {federationRows, formatFederationReport, formatRemovalReport} from '../../../src/features/federate/report.ts'
import {facts, gatewayService, member, remoteSecret} from '../../mesh/samples.ts'
import {injector, primaryAndRemote} from '../../mesh/samples-remote.ts'

function outcome(cluster: string, wave: Wave, result: Outcome['result']): Outcome {
  const target = {apiVersion: 'v1', kind: 'Secret', name: 'any'}
  const change: Change = {action: 'remove', cluster, wave, target}
  return {cluster, result, step: {change, ref: target, verdict: 'update', live: undefined, merged: undefined}}
}

const gateway = gatewayService('net-east', {status: {loadBalancer: {ingress: [{ip: '203.0.113.11'}]}}})
const peers = [
  member('east', {networkGateways: [gateway], remoteSecrets: [remoteSecret('s', {west: 'k'})]}),
  member('west', {caSecret: {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'cacerts'}}}),
]

describe('rows', () => {
  test('a cluster has joined when it holds all credentials; the others show what they wait for', () => {
    expect(federationRows(peers, [outcome('west', waves.listeners, 'ok')], new Set())).toEqual([
      {cluster: 'east', ca: '-', gateway: '203.0.113.11', exposed: '-', credentials: '1 of 1', result: 'joined'},
      {cluster: 'west', ca: 'unchanged', gateway: '-', exposed: 'ok', credentials: '0 of 1', result: 'waits for east'},
    ])
  })

  test('a cluster with a finding has joined, with findings', () => {
    const rows = federationRows(peers, [], new Set(), [{cluster: 'east'}])
    expect(rows.map(({result}) => result)).toEqual(['joined, with findings', 'waits for east'])
    expect(federationRows(peers, [], new Set(), 'not checked')[0]?.result).toBe('joined, not checked')
  })

  test.each<[string, Outcome[], string]>([
    ['a failed write', [outcome('east', waves.gateways, 'failed')], 'failed: gateway'],
    ['Ctrl-C', [outcome('east', waves.ca, 'ok'), outcome('east', waves.gateways, 'not tried')], 'interrupted: gateway'],
    ['no failed write', [outcome('east', waves.gateways, 'ok')], 'failed: not ready'],
  ])('a failure after %s', (_, outcomes, result) => {
    expect(federationRows(peers, outcomes, new Set(['east']))[0]?.result).toBe(result)
  })

  test('a cluster without a link to a cluster outside the run', () => {
    const kubeconfig = `{clusters: [{name: us, cluster: {server: 'https://us'}}], contexts: [{name: us, context: {cluster: us}}], current-context: us}`
    const all = [
      member('eu', {remoteSecrets: [remoteSecret('s', {sa: 'k', us: kubeconfig})]}),
      member('sa', {remoteSecrets: [remoteSecret('s', {eu: 'k'})]}),
    ]
    const rows = federationRows(all, [], new Set())
    expect(rows.map(({result, unlinked}) => [result, unlinked])).toEqual([
      ['joined', undefined],
      ['partly linked: not with us', ['us']],
    ])
  })

  test('the worst result of a wave is shown', () => {
    const outcomes = (['ok', 'not tried', 'unchanged'] as const).map(result => outcome('east', waves.ca, result))
    expect(federationRows(peers, outcomes, new Set())[0]?.ca).toBe('not tried')
  })

  test.each([
    ['a webhook that works', undefined, 'joined'],
    ['a webhook without a CA', injector('west', 'net-west', null), 'waits for east'],
  ])('a remote with %s', (_, webhook, result) => {
    const {all} = primaryAndRemote(webhook ? {westRemote: {injector: webhook}} : {})
    const rows = federationRows(all, [], new Set())
    expect(rows.map(({istiod}) => istiod)).toEqual(['own', 'of east'])
    expect(rows[1]?.result).toBe(result)
  })

  test.each([
    [true, 'istio'],
    [false, 'istio (off)'],
  ])('gateways mode with DNS capture %s', (capturesDns, dns) => {
    const data = {mode: 'gateways', dns: 'istio'}
    const record = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data}
    const {controlPlanes} = facts('east')
    const east = member('east', {record, controlPlanes: controlPlanes.map(one => ({...one, capturesDns}))})
    expect(federationRows([east], [], new Set())[0]).toMatchObject({dns, result: 'joined'})
  })
})

test('formats', () => {
  const rows = federationRows(peers, [], new Set())
  expect(formatFederationReport(rows, undefined)).toMatch(/^east +- +203\.0\.113\.11 +- +1 of 1 +joined$/m)
  expect(JSON.parse(formatFederationReport(rows, 'json'))).toEqual({clusters: rows})
  expect(formatFederationReport(rows, 'yaml')).toContain('result: waits for east')
})

test('a removal shows who leaves, who stays, and what was not reached', () => {
  const [east, west] = peers as [(typeof peers)[0], (typeof peers)[0]]
  const clusters = [east, west, member('south')].map((one, at) => ({member: one, reached: at < 2}))
  const outcomes = [outcome('east', waves.remoteSecrets, 'ok'), outcome('west', waves.gateways, 'failed')]
  expect(JSON.parse(formatRemovalReport(clusters, new Set(['east', 'west']), outcomes, 'json'))).toEqual({
    clusters: [
      {cluster: 'east', removed: 1, result: 'left'},
      {cluster: 'west', removed: 0, result: 'failed'},
      {cluster: 'south', removed: null, result: 'not reached: its objects stay'},
    ],
  })
})
