import {expect, test} from 'vitest'
import {
  controlPlaneChecks,
  count,
  localitiesCurrent,
  localityBalancingAfterSwitch,
  localityBalancingOn,
  restartCommand,
} from '../../../src/features/locality/checks-mesh.ts'
import type {LocalityFacts} from '../../../src/features/locality/read.ts'
import {type Check, runChecks} from '../../../src/findings/check.ts'
import {localityFacts, planeFacts} from '../federate/samples-mesh.ts'
import {at, node, pod, webService, where} from './samples.ts'

const found = (check: Check<{spec: typeof where; facts: LocalityFacts}>, facts: Partial<LocalityFacts>) =>
  runChecks([check], {spec: where, facts: localityFacts(facts)}).map(({level, message}) => `${level}: ${message}`)

test('the control plane exists and its mesh config is readable', () => {
  const ids = (controlPlane: LocalityFacts['controlPlane']) =>
    runChecks(controlPlaneChecks, {spec: where, facts: localityFacts({controlPlane})}).map(({check}) => check)
  expect(ids(planeFacts())).toEqual([])
  expect(ids({...planeFacts({meshText: 'a: ['}), controlPlane: undefined})).toEqual(['control-plane', 'mesh-config'])
})

test('an outdated locality is a warning with the command that updates it', () => {
  const start = {status: {startTime: at('10')}}
  const facts = {
    nodes: [node('a', 'r/z', '30')],
    pods: [
      pod('istio-system/istiod-1', {app: 'istiod'}, start),
      pod('shop/web-1', {app: 'web'}, {...start, spec: {nodeName: 'a'}}),
    ],
    services: [webService],
  }
  expect(found(localitiesCurrent, facts)).toEqual([
    expect.stringContaining('warning: istiod uses an outdated locality for 1 pod'),
  ])
  expect(restartCommand({systemNamespace: 'mesh'})).toContain('kubectl -n mesh rollout restart')
})

test('locality load balancing is off in the mesh config, or an obsolete variable is set', () => {
  const off = {mesh: {localityLbSetting: {enabled: false}}}
  expect(found(localityBalancingOn, {})).toEqual([])
  expect(found(localityBalancingOn, off)).toEqual([expect.stringContaining('localityLbSetting.enabled: false')])
  expect(found(localityBalancingAfterSwitch, off)).toEqual([])
  const obsolete = {controlPlane: planeFacts({env: {PILOT_ENABLE_LOCALITY_LOAD_BALANCING: 'true'}})}
  for (const check of [localityBalancingOn, localityBalancingAfterSwitch])
    expect(found(check, obsolete)).toEqual([expect.stringContaining('no effect since Istio 1.5')])
})

test('counted nouns', () => {
  expect([count(1, 'pod'), count(2, 'pod'), count(0, 'pod')]).toEqual(['1 pod', '2 pods', '0 pods'])
})
