import {describe, expect, test} from 'vitest'
import {
  ambientSettings,
  hasAmbientLabel,
  isGlobalService,
  isZtunnel,
  namespaceLabelsOf,
  readZtunnel,
  waypointOf,
} from '../../src/istio/ambient.ts'

describe('ambientSettings', () => {
  test.each([
    [{}, [], undefined],
    [{PILOT_ENABLE_AMBIENT: 'false'}, [], undefined],
    // istiod ignores the second variable without the first.
    [{AMBIENT_ENABLE_MULTI_NETWORK: 'true'}, [], undefined],
    [{PILOT_ENABLE_AMBIENT: 'true'}, [], {multiNetwork: false, sharesServices: false}],
    [
      {PILOT_ENABLE_AMBIENT: 'T', AMBIENT_ENABLE_MULTI_NETWORK: '1'},
      [{scope: 'LOCAL'}],
      {multiNetwork: true, sharesServices: false},
    ],
    [
      {PILOT_ENABLE_AMBIENT: 'true', AMBIENT_ENABLE_MULTI_NETWORK: 'true'},
      [{scope: 'LOCAL'}, {scope: 'GLOBAL'}],
      {multiNetwork: true, sharesServices: true},
    ],
  ])('%j with scopes %j: %j', (env, scopes, expected) => {
    expect(ambientSettings(env, scopes)).toEqual(expected && {...expected, scopes})
  })
})

describe('isGlobalService', () => {
  const global = {matchExpressions: [{key: 'istio.io/global', operator: 'In', values: ['true']}]}
  const team = {matchLabels: {team: 'shop'}}
  test.each([
    ['the profile', [{scope: 'GLOBAL', servicesSelector: global}], true],
    ['no entry', [], false],
    ['another scope', [{scope: 'LOCAL', servicesSelector: global}], false],
    [
      'a later entry',
      [
        {scope: 'LOCAL', servicesSelector: global},
        {scope: 'GLOBAL', servicesSelector: global},
      ],
      true,
    ],
    ['no selector', [{scope: 'GLOBAL'}], true],
    ['a selector of namespaces', [{scope: 'GLOBAL', namespaceSelector: team, servicesSelector: null}], true],
    ['another namespace', [{scope: 'GLOBAL', namespaceSelector: global, servicesSelector: global}], false],
    ['a malformed selector', [{scope: 'GLOBAL', servicesSelector: 'all'}], false],
  ])('%s: %s', (_, scopes, expected) => {
    const labels = {service: {'istio.io/global': 'true'}, namespace: {team: 'shop'}}
    expect(isGlobalService(scopes, labels)).toBe(expected)
  })
})

test('the waypoint of a Service: its label, else that of its namespace', () => {
  const [use, within] = ['istio.io/use-waypoint', 'istio.io/use-waypoint-namespace']
  const waypoint = (labels: Record<string, string>, namespace = {}) =>
    waypointOf({apiVersion: 'v1', kind: 'Service', metadata: {name: 'a', namespace: 'demo', labels}}, namespace)
  expect(waypoint({})).toBeUndefined()
  expect(waypoint({[use]: 'wp'})).toEqual({namespace: 'demo', name: 'wp'})
  expect(waypoint({}, {[use]: 'wp', [within]: 'infra'})).toEqual({namespace: 'infra', name: 'wp'})
  expect(waypoint({[use]: 'none'}, {[use]: 'wp'})).toBeUndefined()
})

test('ambient mode: the label of a pod, else that of its namespace', () => {
  const mode = 'istio.io/dataplane-mode'
  const object = (kind: string, name: string, labels: Record<string, string>, namespace?: string) => ({
    ...{apiVersion: 'v1', kind},
    metadata: {name, labels, ...(namespace === undefined ? {} : {namespace})},
  })
  const namespaces = [object('Namespace', 'amb', {[mode]: 'ambient'}), object('Namespace', 'shop', {})]
  const isAmbient = (place: string, labels: Record<string, string>) => {
    const pod = object('Pod', 'a', labels, place)
    return hasAmbientLabel(pod, namespaceLabelsOf(pod, namespaces))
  }
  expect(isAmbient('amb', {})).toBe(true)
  expect(isAmbient('amb', {[mode]: 'none'})).toBe(false)
  expect(isAmbient('shop', {[mode]: 'ambient'})).toBe(true)
  expect(isAmbient('shop', {})).toBe(false)
  expect(isAmbient('missing', {})).toBe(false)
})

describe('ztunnel', () => {
  const daemonSet = (app: string, env: object[] = []) => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {name: 'ztunnel', namespace: 'istio-system'},
    spec: {selector: {matchLabels: {app}}, template: {spec: {containers: [{env}]}}},
  })

  test('is found by the label of its pods', () => {
    expect(isZtunnel(daemonSet('ztunnel'))).toBe(true)
    expect(isZtunnel(daemonSet('cni'))).toBe(false)
    expect(isZtunnel({apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: {name: 'x'}})).toBe(false)
  })

  test('its network and cluster; an empty network is none', () => {
    const name = 'istio-system/ztunnel'
    const env = (network: string) => [
      {name: 'NETWORK', value: network},
      {name: 'ISTIO_META_CLUSTER_ID', value: 'east'},
      {name: 'XDS_ADDRESS', value: 'istiod.istio-system.svc:15012'},
    ]
    const set = {cluster: 'east', istiod: 'istiod.istio-system.svc:15012'}
    expect(readZtunnel(daemonSet('ztunnel', env('net-east')))).toEqual({name, network: 'net-east', ...set})
    expect(readZtunnel(daemonSet('ztunnel', env('')))).toEqual({name, network: undefined, ...set})
    expect(readZtunnel(daemonSet('ztunnel'))).toEqual({
      ...{name, network: undefined, cluster: undefined, istiod: undefined},
    })
  })
})
