import {expect, test} from 'vitest'
import type {PodFacts} from '../../../../src/features/tenant/istio-pods.ts'
import {podChecks} from '../../../../src/features/tenant/verify/checks-pods.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {podOf, tenantOf} from '../samples.ts'
import {factsOf} from './samples.ts'

test.each<[string, PodFacts[], string[]]>([
  ['its sidecar', [podOf('app-1', 'web', 'a')], []],
  ['one outdated', [podOf('app-1', 'x', 'b')], ['1 pod in namespace app-1 still uses revision b; restart it']],
  [
    'two outdated',
    [podOf('app-1', 'x', 'b'), podOf('app-1', 'y', 'b')],
    ['2 pods in namespace app-1 still use revision b; restart them'],
  ],
  ['no sidecar', [podOf('app-1', 'x', 'a', {proxy: undefined})], ['1 pod in namespace app-1 has no sidecar']],
  ['injection refused', [podOf('app-1', 'x', 'a', {proxy: undefined, refuses: true})], []],
  ['the network of the host', [podOf('app-1', 'x', 'a', {proxy: undefined, hostNetwork: true})], []],
  ['another namespace', [podOf('app-2', 'x', 'b')], []],
])('%s', (_, pods, messages) => {
  const findings = runChecks(podChecks, {tenant: tenantOf('a'), facts: factsOf({pods})})
  expect(findings.map(({message}) => message)).toEqual(messages)
})
