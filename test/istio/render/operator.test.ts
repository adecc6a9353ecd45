import {expect, test} from 'vitest'
import {istioOperator} from '../../../src/istio/render/operator.ts'
import {parseRequestedValues} from '../../../src/istio/render/requested.ts'
import {tenant} from './samples.ts'

test('profile, revision and mesh config are fields of the spec, not Helm values', () => {
  expect(istioOperator(tenant)).toMatchObject({
    metadata: {name: 'usergroup-1'},
    spec: {
      profile: 'minimal',
      revision: 'usergroup-1',
      meshConfig: {discoverySelectors: [{matchLabels: {usergroup: 'usergroup-1'}}]},
      values: {global: {istioNamespace: 'usergroup-1'}},
    },
  })
  for (const key of ['profile', 'revision', 'meshConfig'])
    expect(istioOperator(tenant)).not.toHaveProperty(`spec.values.${key}`)
})

test('a control plane without revision and profile has neither field', () => {
  const operator = istioOperator({...tenant, revision: undefined, profile: undefined})
  expect(operator.metadata).toEqual({name: 'default'})
  expect(operator).not.toHaveProperty('spec.revision')
  expect(operator).not.toHaveProperty('spec.profile')
})

test('requested fields of an IstioOperator override the generated ones', () => {
  const requested = parseRequestedValues([], ['profile=demo', 'components.cni.enabled=true'])
  expect(istioOperator({...tenant, requested})).toMatchObject({
    spec: {profile: 'demo', components: {cni: {enabled: true}}},
  })
})
