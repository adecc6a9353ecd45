import {expect, test} from 'vitest'
import {graphFields} from '../../../src/features/graph/spec.ts'
import {readSpec} from '../../../src/spec/read.ts'

test('without flags, the record of the current cluster names the clusters', () => {
  expect(readSpec(graphFields, {})).toEqual({
    ...{contexts: [], clusterName: {}, systemNamespace: 'istio-system', revision: undefined},
  })
})
