import {expect, test} from 'vitest'
import {sailResources} from '../../../src/istio/render/sail.ts'
import {tenant} from './samples.ts'

test('values that the Sail operator sets itself are left out', () => {
  const [istio, ...others] = sailResources(tenant)
  expect(istio).toMatchObject({
    kind: 'Istio',
    metadata: {name: 'usergroup-1'},
    spec: {namespace: 'usergroup-1', updateStrategy: {type: 'InPlace'}},
  })
  const {values} = istio!.spec as {values: object}
  for (const key of ['revision', 'defaultRevision', 'revisionTags', 'global', 'profile'])
    expect(values).not.toHaveProperty(key)
  expect(others).toEqual([])
})

test('an Istio without values has no field for them', () => {
  const [istio] = sailResources({...tenant, discoverySelectors: undefined})
  expect(istio!.spec).not.toHaveProperty('values')
})

test('other global values and the profile are kept', () => {
  const [istio] = sailResources({...tenant, network: 'net-a', profile: 'ambient'})
  expect(istio!.spec).toMatchObject({profile: 'ambient', values: {global: {network: 'net-a'}}})
  expect(istio!.spec).not.toHaveProperty('values.global.istioNamespace')
})

test('the default control plane gets the tag default', () => {
  expect(sailResources({...tenant, isDefault: true}).at(-1)).toMatchObject({
    kind: 'IstioRevisionTag',
    metadata: {name: 'default'},
    spec: {targetRef: {kind: 'Istio', name: 'usergroup-1'}},
  })
})
