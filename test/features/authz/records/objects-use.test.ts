import {describe, expect, test} from 'vitest'
import {buildProvider} from '../../../../src/features/authz/objects.ts'
import {type AuthzRecord, sharedPlace} from '../../../../src/features/authz/records/objects.ts'
import {existingFits, type ProviderPlaces, providerUse} from '../../../../src/features/authz/records/objects-use.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {attach, host, type RawAttach} from '../samples.ts'

const live = (body: object, type = 'envoyExtAuthzHttp') =>
  new Map([['default', [{name: 'other'}, {name: 'ext', [type]: body}]]])
const oauth = {
  service: host,
  port: 9000,
  includeRequestHeadersInCheck: ['authorization', 'cookie'],
  headersToUpstreamOnAllow: ['authorization'],
}
const record = (more: Partial<AuthzRecord>) =>
  ({via: 'mesh-config', revisions: ['default'], existing: [], former: [], ...more}) as never
const places = (raw: RawAttach, more: Partial<ProviderPlaces> = {}) => {
  const spec = attach({type: 'http', ...raw})
  const provider = buildProvider(spec, host)
  return {spec, provider, places: ['default'], live: live(oauth), record: undefined, via: spec.via, ...more}
}
const headers = {headersToCheck: ['authorization', 'cookie']}

test.each<[string, Partial<ProviderPlaces>, string[]]>([
  ['does not exist', {live: new Map()}, ['default']],
  ['exists', {}, []],
  ['exists in another revision', {places: ['default', '1-31'], record: record({})}, ['default', '1-31']],
  ['is recorded', {record: record({})}, ['default']],
  ['is recorded for another revision', {record: record({revisions: ['1-31']})}, []],
  ['is recorded as existing', {record: record({existing: ['default']})}, []],
  ['was printed before', {record: record({via: 'helm-values'})}, []],
  ['is in the shared mesh config', {places: [sharedPlace], live: new Map([[sharedPlace, [{name: 'ext'}]]])}, []],
  [
    'is recorded in the shared mesh config',
    {places: [sharedPlace], record: record({via: 'shared-config'})},
    [sharedPlace],
  ],
])('the provider is written if it %s', (_, more, expected) => {
  const input = places(headers, more)
  const {written, existing} = providerUse(input)
  expect(written).toEqual(expected)
  expect(existing).toEqual(input.places.filter(place => !expected.includes(place)))
})

test.each<[string, RawAttach, Partial<AuthzRecord>, string[]]>([
  ['with the same --via', {}, {}, []],
  ['with an EnvoyFilter', {via: 'envoy-filter'}, {}, ['default']],
  ['with the shared mesh config', {via: 'shared-config'}, {}, ['default']],
  ['with printed values', {via: 'helm-values'}, {}, []],
  ['of another owner', {via: 'envoy-filter'}, {existing: ['default']}, []],
  ['that was printed', {via: 'envoy-filter'}, {via: 'helm-values'}, []],
  ['of a revision that does not have it any more', {via: 'envoy-filter'}, {revisions: ['1-30']}, []],
  ['that a killed run left', {via: 'envoy-filter'}, {via: 'envoy-filter', former: ['default']}, ['default']],
  ['of an EnvoyFilter', {via: 'envoy-filter'}, {via: 'envoy-filter'}, []],
])('a provider %s is former: %j', (_, raw, recorded, expected) => {
  const input = places(raw, {record: record(recorded), places: []})
  expect(providerUse({...input, places: raw.via === undefined ? ['default'] : []}).former).toEqual(expected)
})

describe('an existing provider', () => {
  const findings = (raw: RawAttach, more?: Partial<ProviderPlaces>) =>
    runChecks([existingFits], places(raw, more)).map(({level, message}) => `${level} ${message}`)

  test('is used as it is', () => {
    expect(findings(headers)).toEqual([
      'warning provider ext in the mesh config of revision default was not created by kubectl-mesh: it is used as it is, and stays when you detach the authorizer',
    ])
    expect(findings({})).toHaveLength(1)
    expect(findings(headers, {record: record({})})).toEqual([])
  })

  test.each<[string, RawAttach, ReturnType<typeof live>, RegExp]>([
    [
      'another service',
      {},
      live({...oauth, service: 'a.b'}),
      /service is "a\.b"; expected "ext\.authz\.svc\.cluster\.local"$/,
    ],
    ['another protocol', {}, live(oauth, 'envoyExtAuthzGrpc'), /it has no envoyExtAuthzHttp$/],
    ['other headers', {headersToCheck: ['cookie']}, live(oauth), /includeRequestHeadersInCheck is \["authorization"/],
    ['failing open', {}, live({...oauth, failOpen: true}), /failOpen is true; expected false$/],
    ['another timeout than the requested one', {timeout: '2s'}, live(oauth), /timeout is not set; expected "2s"$/],
  ])('with %s is refused', (_, raw, found, message) => {
    expect(findings(raw, {live: found})).toEqual([expect.stringMatching(message)])
    expect(findings(raw, {live: found})[0]).toMatch(/^error/)
  })
})
