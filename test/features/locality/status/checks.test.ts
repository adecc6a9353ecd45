import {expect, test} from 'vitest'
import type {LocalityFacts} from '../../../../src/features/locality/read.ts'
import {type LocalitySubject, statusChecks} from '../../../../src/features/locality/status/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {localityFacts, object} from '../../federate/samples-mesh.ts'
import {at, node, pod, webService, where} from '../samples.ts'

/** `check: message` of each finding. */
function found(facts: Partial<LocalityFacts>, host?: LocalitySubject['host']): string[] {
  return runChecks(statusChecks, {spec: where, facts: localityFacts(facts), host}).map(
    ({check, message}) => `${check}: ${message}`,
  )
}

test('no findings for a cluster without problems', () => {
  expect(found({nodes: [node('a', 'r/z'), node('b', 'r/y')]})).toEqual([])
})

test('nodes without a region or a zone, and nodes with only deprecated labels', () => {
  const deprecated = object('Node', 'old', {
    metadata: {
      labels: {'failure-domain.beta.kubernetes.io/region': 'r', 'failure-domain.beta.kubernetes.io/zone': 'z'},
    },
  })
  expect(found({nodes: [node('a', 'r/z'), node('b', 'r'), node('c', ''), deprecated]})).toEqual([
    'unlabelled-nodes: 1 of 4 nodes without a region: c',
    'unlabelled-nodes: 1 of 4 nodes without a zone: b',
    'old-labels: 1 node with only the deprecated failure-domain.beta.kubernetes.io labels: old',
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

test('the checks of the mesh and of the host are included', () => {
  const start = {status: {startTime: at('10')}}
  const facts = {
    nodes: [node('a', 'r/z', '30')],
    pods: [
      pod('istio-system/istiod-1', {app: 'istiod'}, start),
      pod('shop/web-1', {app: 'web'}, {...start, spec: {nodeName: 'a'}}),
    ],
    services: [webService],
  }
  const effective = {setting: {}, failsOver: true, source: '', zoneAware: false}
  expect(found(facts, {name: 'web', endpoints: [], effective, unread: []})).toEqual([
    expect.stringMatching(/^places-taken: /),
    expect.stringMatching(/^one-sided: /),
  ])
})
