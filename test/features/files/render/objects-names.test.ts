import fc from 'fast-check'
import {expect, test} from 'vitest'
import {engineNameOf, objectNameOf, waveNameOf} from '../../../../src/features/files/render/objects-names.ts'

test('a valid name stays; other names are made valid, and stay different', () => {
  expect(objectNameOf('eu-1.prod', 20)).toBe('eu-1.prod')
  expect(objectNameOf('EU_1', 20)).toMatch(/^eu-1-[0-9a-f]{8}$/)
  expect(objectNameOf('EU 1', 20)).toMatch(/^eu-1-[0-9a-f]{8}$/)
  expect(objectNameOf('EU_1', 20)).not.toBe(objectNameOf('EU 1', 20))
  expect(objectNameOf('arn:aws:eks:eu-central-1:1:cluster/a', 20)).toMatch(/^arn-aws-eks-[0-9a-f]{8}$/)
  expect(objectNameOf('../..', 20)).toMatch(/^[0-9a-f]{8}$/)
})

test('any text gives a name that Kubernetes accepts', () => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), text => {
      const name = objectNameOf(text, 34)
      expect(name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
      expect(name.length).toBeLessThanOrEqual(34)
    }),
  )
})

test('two folders and clusters never share a name of the objects of an engine', () => {
  expect(engineNameOf('fleet', 'east', 39)).toBe('fleet.east')
  expect(engineNameOf('', 'east', 39)).toBe('mesh.east')
  expect(engineNameOf('clusters/prod', undefined, 39)).toMatch(/^clusters-prod-[0-9a-f]{8}$/)
  const names = [
    ['a', 'b.c'],
    ['a.b', 'c'],
    ['a/b', 'c'],
    ['a-b', 'c'],
    ['a', 'b-c'],
  ].map(([path, cluster]) => engineNameOf(path!, cluster, 39))
  expect(new Set(names).size).toBe(5)
})

test('waves have the names of their constants', () => {
  expect([10, 30, 90].map(waveNameOf)).toEqual(['10-namespaces', '30-control-plane', '90-remote-gateways'])
})
