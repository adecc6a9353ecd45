import {expect, test} from 'vitest'
import {whereFields} from '../../../src/features/locality/spec-where.ts'
import {readSpec} from '../../../src/spec/read.ts'

test('the defaults of Istio, and a namespace that is a DNS label', () => {
  expect(readSpec(whereFields, {})).toEqual({
    namespace: undefined,
    systemNamespace: 'istio-system',
    revision: undefined,
    clusterDomain: 'cluster.local',
  })
  expect(() => readSpec(whereFields, {namespace: 'a.b'})).toThrow('--namespace a.b is not a DNS label')
})
