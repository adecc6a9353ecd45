import {describe, expect, test} from 'vitest'
import type {Change} from '../../../src/engine/kubernetes/change.ts'
import {type Wave, waves} from '../../../src/engine/kubernetes/waves.ts'
import type {Outcome} from '../../../src/engine/plan/apply.ts'
import type {Verdict} from '../../../src/engine/plan/plan.ts'
import {federationRows, formatFederationReport, formatRemovalReport} from '../../../src/features/federate/report.ts'
import {interruptedWait, type StageProblem} from '../../../src/features/federate/stages/stage.ts'
import {facts, gatewayService, member, remoteSecret} from '../../mesh/samples.ts'
import {injector, primaryAndRemote} from '../../mesh/samples-remote.ts'

function outcome(cluster: string, wave: Wave, result: Outcome['result'], verdict: Verdict = 'update'): Outcome {
  const target = {apiVersion: 'v1', kind: 'Secret', name: 'any'}
  const change: Change = {action: 'remove', cluster, wave, target}
  return {cluster, result, step: {change, ref: target, verdict, live: undefined, merged: undefined}}
}

const gateway = gatewayService('net-east', {status: {loadBalancer: {ingress: [{ip: '203.0.113.11'}]}}})
const peers = [
  member('east', {networkGateways: [gateway], remoteSecrets: [remoteSecret('s', {west: 'k'})]}),
  member('west', {caSecret: {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'cacerts'}}}),
]

describe('rows', () => {
  test('a cluster has joined when it holds all credentials; the others show what they wait for', () => {
    expect(federationRows(peers, [outcome('west', waves.listeners, 'ok')], new Map())).toEqual([
      {cluster: 'east', ca: '-', gateway: '203.0.113.11', exposed: '-', credentials: '1 of 1', result: 'joined'},
      {cluster: 'west', ca: 'unchanged', gateway: '-', exposed: 'ok', credentials: '0 of 1', result: 'waits for east'},
    ])
  })

  test('a cluster with a finding has joined, with findings', () => {
    const rows = federationRows(peers, [], new Map(), [{cluster: 'east'}])
    expect(rows.map(({result}) => result)).toEqual(['joined, with findings', 'waits for east'])
    expect(federationRows(peers, [], new Map(), 'not checked')[0]?.result).toBe('joined, not checked')
  })

  const late = {message: 'east: not ready after 5m'}
  const stopped = interruptedWait('east', 'its gateway')
  test.each<[string, Outcome[], StageProblem[], string]>([
    ['a failed write', [outcome('east', waves.gateways, 'failed')], [late], 'failed: gateway'],
    [
      'Ctrl-C before a write',
      [outcome('east', waves.ca, 'ok'), outcome('east', waves.gateways, 'not tried')],
      [stopped],
      'interrupted: gateway',
    ],
    ['Ctrl-C during a wait', [outcome('east', waves.gateways, 'ok')], [stopped], 'interrupted: not ready'],
    ['a timeout', [outcome('east', waves.gateways, 'ok')], [late, stopped], 'failed: not ready'],
  ])('a failure after %s', (_, outcomes, problems, result) => {
    expect(federationRows(peers, outcomes, new Map([['east', problems]]))[0]?.result).toBe(result)
  })

  test('a cluster without a link to a cluster outside the run', () => {
    const kubeconfig = `{clusters: [{name: us, cluster: {server: 'https://us'}}], contexts: [{name: us, context: {cluster: us}}], current-context: us}`
    const all = [
      member('eu', {remoteSecrets: [remoteSecret('s', {sa: 'k', us: kubeconfig})]}),
      member('sa', {remoteSecrets: [remoteSecret('s', {eu: 'k'})]}),
    ]
    const rows = federationRows(all, [], new Map())
    expect(rows.map(({result, unlinked}) => [result, unlinked])).toEqual([
      ['joined', undefined],
      ['partly linked: not with us', ['us']],
    ])
  })

  test('the worst result of a wave is shown', () => {
    const outcomes = (['ok', 'not tried', 'unchanged'] as const).map(result => outcome('east', waves.ca, result))
    expect(federationRows(peers, outcomes, new Map())[0]?.ca).toBe('not tried')
  })

  test.each([
    ['a webhook that works', undefined, 'joined'],
    ['a webhook without a CA', injector('west', 'net-west', null), 'waits for east'],
  ])('a remote with %s', (_, webhook, result) => {
    const {all} = primaryAndRemote(webhook ? {westRemote: {injector: webhook}} : {})
    const rows = federationRows(all, [], new Map())
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
    expect(federationRows([east], [], new Map())[0]).toMatchObject({dns, result: 'joined'})
  })
})

test('formats', () => {
  const rows = federationRows(peers, [], new Map())
  expect(formatFederationReport(rows, undefined)).toMatch(/^east +- +203\.0\.113\.11 +- +1 of 1 +joined$/m)
  expect(JSON.parse(formatFederationReport(rows, 'json'))).toEqual({clusters: rows})
  expect(formatFederationReport(rows, 'yaml')).toContain('result: waits for east')
})

test('a removal shows who leaves, who stays, and what was not reached', () => {
  const [east, west] = peers as [(typeof peers)[0], (typeof peers)[0]]
  const clusters = [east, west, member('south')].map((one, at) => ({member: one, reached: at < 2}))
  const edited = outcome('east', waves.namespaces, 'ok')
  const outcomes = [
    edited,
    outcome('east', waves.remoteSecrets, 'ok', 'remove'),
    outcome('west', waves.gateways, 'failed', 'remove'),
  ]
  expect(JSON.parse(formatRemovalReport(clusters, new Set(['east', 'west']), outcomes, 'json'))).toEqual({
    clusters: [
      {
        cluster: 'east',
        removed: 2,
        objects: [{apiVersion: 'v1', kind: 'Secret', metadata: {name: 'any'}}],
        result: 'left',
      },
      {cluster: 'west', removed: 0, objects: [], result: 'failed'},
      {cluster: 'south', removed: null, objects: [], result: 'not reached: its objects stay'},
    ],
  })
})
