import {expect, test} from 'vitest'
import {namedGatewaysIn} from '../../../src/mesh/gateways/named.ts'

const recordWith = (settings?: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-federation'},
  ...(settings === undefined ? {} : {data: {settings}}),
})

test.each([
  ['two named gateways', {gateway: ['east=existing=edge/gw', 'east=type=NodePort', 'east=existing=edge/b']}, 2],
  ['other settings', {gateway: ['east=type=NodePort']}, 0],
  ['no settings of gateways', {mode: 'gateways'}, 0],
  ['invalid settings', {gateway: ['east=existing=a/b/c']}, 0],
])('%s', (_name, settings, count) => {
  expect(namedGatewaysIn(recordWith(JSON.stringify(settings)))).toEqual(['edge/gw', 'edge/b'].slice(0, count))
})

test('no record, and a record without settings', () => {
  expect(namedGatewaysIn(undefined)).toEqual([])
  expect(namedGatewaysIn(recordWith())).toEqual([])
  expect(namedGatewaysIn(recordWith('no JSON'))).toEqual([])
})
