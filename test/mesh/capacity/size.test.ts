import {expect, test} from 'vitest'
import {requestedSize} from '../../../src/mesh/capacity/size.ts'

const today = {clusters: 4, endpoints: 400}

test.each([
  ['both are requested', {clusters: 100, endpoints: 40_001}, {clusters: 100, endpoints: 40_001, largest: 401}],
  [
    'more clusters like those of today',
    {clusters: 8, endpoints: undefined},
    {clusters: 8, endpoints: 800, largest: 100},
  ],
  [
    'more endpoints in the same clusters',
    {clusters: undefined, endpoints: 800},
    {clusters: 4, endpoints: 800, largest: 200},
  ],
])('%s', (_, requested, expected) => expect(requestedSize(requested, today)).toEqual(expected))

test('without a count of today, endpoints must be requested', () => {
  const uncounted = {clusters: 4, endpoints: undefined}
  expect(requestedSize({clusters: 8, endpoints: undefined}, uncounted)).toBeUndefined()
  expect(requestedSize({clusters: undefined, endpoints: 80}, uncounted)).toMatchObject({clusters: 4, endpoints: 80})
})
