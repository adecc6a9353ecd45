import {expect, test} from 'vitest'
import {
  addonConnectFields,
  addonDisconnectFields,
  validateAddonConnect,
  validateAddonDisconnect,
} from '../../../../src/features/addon/connect/spec.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'

type Raw = RawSpec<typeof addonConnectFields>
const contexts = 'east,west'

test.each<[Raw, RegExp]>([
  [{contexts: 'east'}, /at least two clusters/],
  [{contexts, name: 'grafana'}, /grafana is not one of kiali/],
  [{contexts, kialiContext: 'north'}, /--kiali-context north is not in --contexts/],
  [{contexts, server: ['north=https://x:6443']}, /--server north=…: north is not in --contexts/],
  [{contexts, clusterName: ['north=n']}, /--cluster-name north=…/],
  [{contexts, server: ['west=http://x']}, /is not an https URL/],
  [{contexts, credentialDuration: '1m'}, /1m/],
])('connect rejects %j', (raw, message) => {
  expect(() => readSpec(addonConnectFields, raw, validateAddonConnect)).toThrow(message)
})

test('disconnect needs the same clusters', () => {
  expect(() => readSpec(addonDisconnectFields, {contexts: 'east'}, validateAddonDisconnect)).toThrow(/at least two/)
  expect(readSpec(addonDisconnectFields, {contexts}, validateAddonDisconnect)).toMatchObject({name: 'kiali'})
})
