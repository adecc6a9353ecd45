import {expect, test} from 'vitest'
import {injectionChecks} from '../../../src/features/ingress/checks-injection.ts'
import type {IngressFacts} from '../../../src/features/ingress/read.ts'
import {controlPlaneFacts, findingsOf, object, type RawDeploy} from './samples.ts'

const labelled = (labels: Record<string, string>) => ({namespace: object('Namespace', 'edge', {}, {labels})})

test.each<[string, RawDeploy, Partial<IngressFacts>, RegExp]>([
  [
    'no control plane',
    {},
    {controlPlane: {...controlPlaneFacts(), controlPlane: undefined}},
    /^error control-plane: no istiod/,
  ],
  ['no injector', {}, {injectors: []}, /^error injection: no injector of revision default/],
  ['disabled injection', {}, labelled({'istio-injection': 'disabled'}), /^error injection: .*istio-injection=disabled/],
  ['another revision', {}, labelled({'istio.io/rev': 'x'}), /^error injection: no injector of revision default/],
  [
    'a namespace that istiod does not watch',
    {},
    {controlPlane: controlPlaneFacts('discoverySelectors: [{matchLabels: {a: b}}]')},
    /^error discovered: istiod does not watch namespace edge/,
  ],
])('reports %s', (_name, raw, facts, message) => {
  expect(findingsOf(injectionChecks, raw, facts)).toEqual([expect.stringMatching(message)])
})

test('an injector of another revision that matches is named', () => {
  const [findings] = [findingsOf(injectionChecks, {revision: 'canary'}, labelled({'istio-injection': 'enabled'}))]
  expect(findings.join('\n')).toContain('in namespace edge, revision default injects the gateway; expected canary')
})
