import {expect, test} from 'vitest'
import {sharingListing} from '../../../../src/features/service/ambient/report-list.ts'
import {formatListing} from '../../../../src/terminal/list/listing.ts'
import {hello, membership, sharedMeta, sharing} from './samples.ts'

const stub = hello({uid: 'stub', ...sharedMeta({with: ['east']})})
const remote = [{service: 'demo/hello', network: 'net-east', address: '203.0.113.1', capacity: 2}]
const listing = sharingListing([
  {sharing: sharing('east', [hello(sharedMeta({with: ['west']}))]), remote: []},
  {sharing: sharing('west', [stub], {stubs: membership([stub])}), remote},
  {sharing: sharing('south', [hello()]), remote: undefined},
  {sharing: sharing('north', []), remote: undefined},
])

test('a row for each cluster of a shared Service, with what its ztunnels know', () => {
  expect(formatListing(listing, undefined)).toBe(
    [
      'SERVICE      CLUSTER   STATE         REMOTE ENDPOINTS',
      'demo/hello   east      shared        -',
      'demo/hello   west      client only   net-east: 2 behind 203.0.113.1',
      'demo/hello   south     not shared    -',
      'demo/hello   north     missing       -',
      '',
    ].join('\n'),
  )
  expect(formatListing(listing, 'wide')).toMatch(/west +client only .* east$/m)
  expect(JSON.parse(formatListing(listing, 'json')).services[1]).toEqual({
    service: 'demo/hello',
    cluster: 'west',
    state: 'client only',
    remote: [{network: 'net-east', address: '203.0.113.1', workloads: 2}],
    sharedWith: ['east'],
  })
})

test('Services that no cluster shares are left out', () => {
  expect(sharingListing([{sharing: sharing('east', [hello()]), remote: []}]).rows).toEqual([])
})
