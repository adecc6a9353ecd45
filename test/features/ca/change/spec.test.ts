import {expect, test} from 'vitest'
import {caChangeFields} from '../../../../src/features/ca/change/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test('the folder is optional, and the namespace is that of Istio', () => {
  expect(readSpec(caChangeFields, {contexts: 'east,west'})).toMatchObject({
    contexts: ['east', 'west'],
    dir: undefined,
    systemNamespace: 'istio-system',
  })
})
