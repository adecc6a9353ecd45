import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {buildIstiodExposure, isIstiodExposed} from '../../src/mesh/objects-expose-istiod.ts'
import {expectGolden, textOfChanges} from '../support/golden.ts'

const where = {
  cluster: 'east',
  systemNamespace: 'istio-system',
  revision: undefined,
  clusterDomain: 'cluster.local',
  stays: true,
}
const objects = (at = where as Parameters<typeof buildIstiodExposure>[0]) =>
  buildIstiodExposure(at).map(({object}) => object)

test.each([
  ['default', where],
  ['revision', {...where, revision: 'r1', systemNamespace: 'mesh', clusterDomain: 'corp.example'}],
])('%s', async (name, at) => {
  await expectGolden(`expose-istiod/${name}.yaml`, textOfChanges(buildIstiodExposure(at)))
})

test('isIstiodExposed accepts the created objects for their control plane only', () => {
  expect(isIstiodExposed(objects(), where)).toBe(true)
  const r1 = {...where, revision: 'r1'}
  expect(isIstiodExposed(objects(r1), r1)).toBe(true)
  expect(isIstiodExposed(objects(r1), where)).toBe(false)
  expect(isIstiodExposed(objects(r1), {...where, revision: 'r2'})).toBe(false)
})

test.each([0, 1])('isIstiodExposed needs both objects (without object %d)', at => {
  expect(isIstiodExposed(objects().toSpliced(at, 1), where)).toBe(false)
})

test('isIstiodExposed accepts a Gateway with another name', () => {
  const [gateway, service] = structuredClone(objects()) as [KubernetesObject, KubernetesObject]
  gateway.metadata.name = 'mine'
  expect(isIstiodExposed([gateway, service], where)).toBe(false)
  ;(service.spec as {gateways: string[]}).gateways = ['istio-system/mine']
  expect(isIstiodExposed([gateway, service], where)).toBe(true)
})
