import {describe, expect, test} from 'vitest'
import {
  addonInstallFields,
  type RawAddonInstall,
  rawFor,
  validateAddonInstall,
} from '../../../src/features/addon/spec.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {riskyChanges} from '../../../src/spec/settings.ts'

const read = (raw: RawAddonInstall) => readSpec(addonInstallFields, raw, validateAddonInstall)
const kiali = {names: ['kiali'], from: './istio'}

describe('install rejects', () => {
  test.each<[RawAddonInstall, RegExp]>([
    [{from: './istio'}, /at least one add-on is required/],
    [{names: ['kiali']}, /--from is required/],
    [{...kiali, names: ['zipkin']}, /ADDONS zipkin is not one of kiali, prometheus/],
    [{...kiali, auth: 'openid', openidIssuer: 'https://id'}, /--auth openid requires --openid-client-id/],
    [{...kiali, auth: 'openid', openidClientId: 'k'}, /--auth openid requires --openid-issuer/],
    [{...kiali, auth: 'token', openidIssuer: 'https://id'}, /openid-issuer/],
    [{...kiali, prometheusUrl: 'prometheus:9090'}, /is not an http or https URL/],
    [{...kiali, prometheusUrl: 'https://user:secret@host'}, /is not an http or https URL/],
    [{names: ['loki'], from: '-', auth: 'token'}, /--auth only has an effect with the add-on kiali/],
  ])('%j', (raw, message) => {
    expect(() => read(raw)).toThrow(message)
  })
})

test('the settings of Kiali concern no other add-on', () => {
  const raw = {names: ['kiali', 'loki'], from: '-', auth: 'token', namespace: 'obs'}
  expect(rawFor(raw, 'loki')).toEqual({names: ['loki'], from: '-', namespace: 'obs'})
  expect(rawFor(raw, 'kiali')).toEqual({...raw, names: ['kiali']})
})

test('a change that opens Kiali, or moves it, is described', () => {
  const risks = (stored: RawAddonInstall, requested: RawAddonInstall) =>
    riskyChanges(
      addonInstallFields,
      {stored, requested, reset: [], complete: false},
      read({...kiali, ...stored, ...requested}),
    )
  expect(risks({auth: 'token'}, {auth: 'anonymous'})).toMatchObject([{flag: 'auth', text: /no login/}])
  expect(risks({auth: 'anonymous'}, {auth: 'token'})).toEqual([])
  expect(risks({namespace: 'a'}, {namespace: 'b'})).toMatchObject([{text: /moves from namespace a to b/}])
})
