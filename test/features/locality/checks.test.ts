import {describe, expect, test} from 'vitest'
import {type LocalitySubject, localityChecks} from '../../../src/features/locality/checks.ts'
import {formatLocality, localityLabels, parseLocality} from '../../../src/features/locality/istio.ts'
import {effectiveBalancing} from '../../../src/features/locality/istio-balancing.ts'
import {endpointsOf, type LocalityFacts, trafficDistributionOf} from '../../../src/features/locality/read.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {localityFacts, object, planeFacts} from '../federate/samples-mesh.ts'

const spec = {systemNamespace: 'istio-system', revision: undefined}
const at = (time: string) => `2026-01-01T00:00:${time}Z`
const node = (name: string, region: string, zone: string, labelled?: string) =>
  object('Node', name, {
    metadata: {
      labels: {...(region ? {[localityLabels.region]: region} : {}), ...(zone ? {[localityLabels.zone]: zone} : {})},
      ...(labelled
        ? {
            managedFields: [
              {manager: 'kwok', time: at('59'), fieldsV1: {'f:status': {}}},
              {
                manager: 'm',
                time: at(labelled),
                fieldsV1: {'f:metadata': {'f:labels': {[`f:${localityLabels.zone}`]: {}}}},
              },
            ],
          }
        : {}),
    },
  })
const pod = (place: string, labels: Record<string, string>, more: object = {}) =>
  object('Pod', place, {metadata: {labels}, ...more})
const service = object('Service', 'shop/web', {spec: {selector: {app: 'web'}}})

/** The ids and texts of what is found. */
function found(facts: Partial<LocalityFacts>, host?: LocalitySubject['host']): string[] {
  return runChecks(localityChecks, {spec, facts: localityFacts(facts), host}).map(
    ({check, message}) => `${check}: ${message}`,
  )
}

test('nothing is found where all is well', () => {
  expect(found({nodes: [node('a', 'r', 'z'), node('b', 'r', 'y')]})).toEqual([])
})

test('nodes without a region or a zone, and with labels of old only', () => {
  const old = object('Node', 'old', {
    metadata: {
      labels: {'failure-domain.beta.kubernetes.io/region': 'r', 'failure-domain.beta.kubernetes.io/zone': 'z'},
    },
  })
  expect(found({nodes: [node('a', 'r', 'z'), node('b', 'r', ''), node('c', '', ''), old]})).toEqual([
    'unlabelled-nodes: 1 node of 4 without a region: c',
    'unlabelled-nodes: 1 node of 4 without a zone: b',
    'old-labels: 1 node with failure-domain.beta.kubernetes.io labels only: old',
  ])
})

test('a gateway without a Service', () => {
  const gateway = object('Pod', 'ingress/gw-1', {
    metadata: {labels: {app: 'gw'}, annotations: {'inject.istio.io/templates': 'gateway'}},
  })
  expect(found({pods: [gateway]})).toEqual([
    expect.stringMatching(/^gateway-service: gateway ingress\/gw \(1 pod\) has no Service/),
  ])
  expect(
    found({pods: [gateway], services: [object('Service', 'ingress/gw', {spec: {selector: {app: 'gw'}}})]}),
  ).toEqual([])
})

describe('istiod does not look again when a node gets labels', () => {
  const istiod = (started: string) =>
    pod('istio-system/istiod-1', {app: 'istiod', 'istio.io/rev': 'default'}, {status: {startTime: at(started)}})
  const web = (started: string, labels = {}) =>
    pod('shop/web-1', {app: 'web', ...labels}, {spec: {nodeName: 'a'}, status: {startTime: at(started)}})
  test.each([
    ['both before', '10', '10', {}, 1],
    ['the pod after', '10', '40', {}, 0],
    ['istiod after', '40', '10', {}, 0],
    ['a pod with a place of its own', '10', '10', {'istio-locality': 'r.z'}, 0],
  ])('%s', (_, istiodStart, podStart, labels, count) => {
    const facts = {
      nodes: [node('a', 'r', 'z', '30')],
      pods: [istiod(istiodStart), web(podStart, labels)],
      services: [service],
    }
    expect(found(facts).filter(text => text.startsWith('places-taken'))).toHaveLength(count)
  })
})

describe('a host', () => {
  const endpoints = (...places: string[]) =>
    places.map((text, index) => ({address: `10.0.0.${index}`, locality: parseLocality(text), labels: {}}))
  const nodes = [node('a', 'r', 'z1'), node('b', 'r', 'z2')]
  const host = (places: string[], rule?: object, mesh?: {enabled: boolean}) => ({
    name: 'web',
    endpoints: endpoints(...places),
    effective: effectiveBalancing({
      rule: rule && object('DestinationRule', 'shop/web', {spec: {trafficPolicy: rule}}),
      trafficDistribution: undefined,
      mesh,
    }),
    hasRule: rule !== undefined,
  })
  const well = {outlierDetection: {}}

  test.each([
    ['no outlier detection', host(['r/z1', 'r/z2']), 'outlier-detection: web has no outlier detection'],
    [
      'switched off',
      host(['r/z1', 'r/z2'], undefined, {enabled: false}),
      'outlier-detection: web: locality balancing is off',
    ],
    [
      'distribute',
      host(['r/z1', 'r/z2'], {loadBalancer: {localityLbSetting: {distribute: []}}}),
      'distribute: web is distributed',
    ],
    ['zone aware', host(['r/z1', 'r/z2'], {loadBalancer: {zoneAwareLbSetting: {}}}), 'zone-aware: web'],
    ['all in one zone', host(['r/z1', 'r/z1'], well), 'one-sided: web: all 2 endpoints are in r/z1'],
    ['none in a zone with nodes', host(['r/z1', 'q/z9'], well), 'one-sided: web: no endpoint in r/z2'],
    ['no endpoint', host([], well), 'one-sided: web has no ready endpoint'],
  ])('%s', (_, subject, text) => {
    expect(found({nodes}, subject)).toEqual([expect.stringContaining(text)])
  })

  test('one that is spread and given up when it is down', () => {
    expect(found({nodes}, host(['r/z1', 'r/z2'], well))).toEqual([])
  })
})

test('endpoints: ready ones, by pod label, node or entry', () => {
  const slice = object('EndpointSlice', 'shop/web-1', {
    metadata: {labels: {'kubernetes.io/service-name': 'web'}},
    endpoints: [
      {addresses: ['1'], nodeName: 'a', conditions: {ready: true}},
      {addresses: ['2'], nodeName: 'b', conditions: {ready: false}},
      {addresses: ['3'], nodeName: 'b', targetRef: {kind: 'Pod', name: 'web-3'}},
    ],
  })
  const facts = localityFacts({
    nodes: [node('a', 'r', 'z1'), node('b', 'r', 'z2')],
    slices: [slice, {...slice, metadata: {...slice.metadata, namespace: 'other'}}],
    pods: [pod('shop/web-3', {'istio-locality': 'q.z9'})],
    workloadEntries: [
      object('WorkloadEntry', 'shop/vm', {spec: {address: '9', labels: {app: 'web'}, locality: 'r/z3/s'}}),
    ],
  })
  expect(endpointsOf(service, facts).map(({address, locality}) => `${address} ${formatLocality(locality)}`)).toEqual([
    '1 r/z1',
    '3 q/z9',
    '9 r/z3/s',
  ])
})

test('traffic distribution by field, annotation, namespace, and not before Istio 1.25', () => {
  const annotations = {'networking.istio.io/traffic-distribution': 'PreferSameNode'}
  const namespaces = [object('Namespace', 'shop', {metadata: {annotations}})]
  const facts = localityFacts({namespaces})
  expect(trafficDistributionOf(service, facts)).toBe('PreferSameNode')
  expect(trafficDistributionOf({...service, spec: {trafficDistribution: 'PreferClose'}}, facts)).toBe('PreferClose')
  expect(
    trafficDistributionOf(service, localityFacts({namespaces, plane: planeFacts({version: '1.24.6'})})),
  ).toBeUndefined()
  expect(trafficDistributionOf(service, localityFacts())).toBeUndefined()
})
