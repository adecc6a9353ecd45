import {describe, expect, test} from 'vitest'
import {type SharingSubject, sharingChecks} from '../../../../src/features/service/ambient/checks.ts'
import {planSharing} from '../../../../src/features/service/ambient/plan.ts'
import type {SharingCluster} from '../../../../src/features/service/ambient/read.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {hello, namespace, request, sharing} from './samples.ts'

const east = sharing('east', [hello()])
const findings = (
  exporting: readonly SharingCluster[],
  importing: readonly SharingCluster[],
  more: Partial<SharingSubject> = {},
) =>
  runChecks(sharingChecks, {
    ...planSharing(request(exporting, importing)),
    exporting,
    systemNamespace: 'istio-system',
    hasSelected: ({services}) => services.size > 0,
    named: undefined,
    ...more,
  }).map(({level, check, cluster, message}) => `${level} ${check} ${cluster ?? ''}: ${message}`)

test('nothing is found in two clusters with the Service and none of its pods in the importing one', () => {
  expect(findings([east], [sharing('west', [])])).toEqual([])
})

test('a mesh config that does not select the label', () => {
  const plane = {...east.controlPlane, ambient: {multiNetwork: true, sharesServices: true, scopes: []}}
  expect(findings([east], [sharing('west', [], {controlPlane: plane})])).toEqual([
    'error service-scope west: the label istio.io/global=true has no effect on demo/hello: no entry of serviceScopeConfigs with scope GLOBAL in the mesh config selects it',
  ])
})

test('pods of a cluster that should only import', () => {
  expect(findings([east], [sharing('west', [hello()])])).toEqual([
    'warning service-both-ways west: demo/hello also has pods here: the label works in both directions, so the other clusters use them too',
  ])
})

test('a missing Service, equal names, no control plane, UDP ports', () => {
  const named = {name: 'hello', namespace: 'demo'}
  expect(findings([sharing('east', [])], [sharing('west', [])], {named})).toEqual([
    'error service-found : Service demo/hello does not exist in east',
  ])
  const twin = sharing('east', [], {context: 'other', controlPlane: undefined})
  expect(findings([east], [twin])).toEqual([
    'error cluster-names : contexts east and other have the same cluster name east',
    'error control-plane east: no istiod of this revision in the system namespace',
  ])
  const udp = hello({}, {ports: [{port: 80}, {port: 53, protocol: 'UDP'}]})
  expect(findings([sharing('east', [udp])], [sharing('west', [])])).toEqual([
    'warning service-whole east: Service demo/hello: its UDP ports (53) are not exported: ztunnel does not forward them',
  ])
})

test('refusals are errors for a Service that was requested by name', () => {
  const headless = sharing('east', [hello({}, {clusterIP: 'None', ports: [{port: 80}]})])
  const named = {name: 'hello', namespace: 'demo'}
  expect(findings([headless], [sharing('west', [])], {named})[0]).toMatch(/^error service-exportable east: /)
  expect(findings([headless], [sharing('west', [])])[0]).toMatch(/^warning service-exportable east: /)
})

describe('waypoints', () => {
  const labels = {'istio.io/use-waypoint': 'wp'}
  const wp = hello({name: 'wp', uid: 'wp', labels: {'istio.io/global': 'true'}})
  const plan = (west: SharingCluster, service = hello({labels}), more: object = {}) => {
    const from = sharing('east', [service, wp], {waypoints: new Set(['demo/wp']), ...more})
    const selected = ({name}: SharingCluster) => new Map(name === 'east' ? [['demo/hello', service]] : [])
    const {clusters, refusals} = planSharing(request([from], [west], {selected}))
    return findings([from], [west], {clusters, refusals}).filter(text => text.includes('service-waypoints'))
  }

  test('of the same name, whose Service is shared', () => {
    const inWest = [hello({labels, annotations: {}}), wp]
    expect(plan(sharing('west', inWest, {waypoints: new Set(['demo/wp'])}))).toEqual([])
    // The label of the namespace counts for a stub.
    const namespaces = new Map([['demo', namespace('demo', labels)]])
    expect(plan(sharing('west', [wp], {waypoints: new Set(['demo/wp']), namespaces}))).toEqual([])
  })

  test('in one cluster only; that do not exist; that are not shared', () => {
    expect(plan(sharing('west', []))).toEqual([
      'warning service-waypoints west: Service demo/hello has the waypoint (none), but demo/wp in east; Istio expects the same in all clusters',
    ])
    const namespaces = new Map([['demo', namespace('demo', labels)]])
    expect(plan(sharing('west', [], {namespaces}))).toEqual([
      'warning service-waypoints west: the waypoint demo/wp of Service demo/hello does not exist',
    ])
    expect(plan(sharing('west', [], {namespaces, waypoints: new Set(['demo/wp'])}))).toEqual([
      'warning service-waypoints west: the waypoint demo/wp of Service demo/hello is not shared: requests from other clusters may not reach it (istio#58064)',
    ])
  })
})
