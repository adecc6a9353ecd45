import {expect, test} from 'vitest'
import {groupOf, nameOf, refKey, refOf} from '../../../src/engine/kubernetes/object.ts'

const gateway = {apiVersion: 'networking.istio.io/v1', kind: 'Gateway', namespace: 'a', name: 'x'}

test('refKey ignores the version, but not group, kind, namespace or name', () => {
  expect(refKey({...gateway, apiVersion: 'networking.istio.io/v1beta1'})).toBe(refKey(gateway))
  const others = [{apiVersion: 'gateway.networking.k8s.io/v1'}, {kind: 'Service'}, {namespace: 'b'}, {name: 'y'}]
  for (const other of others) expect(refKey({...gateway, ...other})).not.toBe(refKey(gateway))
})

test('nameOf returns the form of kubectl -o name', () => {
  expect(nameOf(gateway)).toBe('gateway.networking.istio.io/x')
  expect(nameOf({apiVersion: 'v1', kind: 'ConfigMap', name: 'istio'})).toBe('configmap/istio')
  expect(groupOf('v1')).toBe('')
})

test('the reference of a cluster-scoped object has no namespace', () => {
  expect(refOf({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'a'}})).toStrictEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    name: 'a',
  })
})
