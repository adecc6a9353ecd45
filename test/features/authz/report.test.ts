import {load} from 'js-yaml'
import {expect, test} from 'vitest'
import {type AuthorizerRow, authorizerListing, formatProviderValues} from '../../../src/features/authz/report.ts'
import type {ListFormat} from '../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'

const formatAuthorizers = (rows: AuthorizerRow[], format: ListFormat) =>
  formatListing(authorizerListing(rows, new Date(0)), format)

const provider = {name: 'ext', envoyExtAuthzGrpc: {service: 'a.b', port: 1}}
const change = {via: 'helm-values' as const, name: 'ext', revision: undefined}

test('values contain all providers, each once', () => {
  const live = [
    {name: 'otel', opentelemetry: {port: 1}},
    {name: 'ext', envoyExtAuthzGrpc: {service: 'old', port: 1}},
  ]
  expect(load(formatProviderValues({...change, live, provider}))).toEqual({
    meshConfig: {extensionProviders: [live[0], provider]},
  })
  expect(load(formatProviderValues({...change, live, provider: undefined}))).toEqual({
    meshConfig: {extensionProviders: [live[0]]},
  })
  expect(load(formatProviderValues({...change, via: 'sail', live: [], provider}))).toMatchObject({
    kind: 'Istio',
    spec: {values: {meshConfig: {extensionProviders: [provider]}}},
  })
})

test('the Sail resource has the name of the revision', () => {
  const text = formatProviderValues({...change, via: 'sail', revision: 'r1', live: [], provider})
  expect(load(text)).toMatchObject({metadata: {name: 'r1'}})
})

const row: AuthorizerRow = {
  name: 'ext',
  type: 'grpc',
  service: 'a.b',
  port: 9000,
  timeout: '5s',
  fail: 'closed',
  from: 'mesh-config',
  usedBy: ['shop/ext', 'shop/other'],
  notRead: [],
  ours: true,
  created: '2026-01-01T00:00:00Z',
}

test('authorizers as a table, wide or not', () => {
  expect(formatAuthorizers([row], undefined)).toMatch(
    /^ext +grpc +a\.b:9000 +closed +shop\/ext, shop\/other +mesh-config +0s$/m,
  )
  expect(formatAuthorizers([row, {...row, ours: false}], 'wide')).toMatch(/5s +kubectl-mesh\n.*5s +-$/m)
})

test('a policy with the label of another revision is marked; its missing provider denies nothing', () => {
  const unread = {...row, service: '', port: 0, from: 'nowhere', usedBy: [], notRead: ['shop/ext']}
  expect(formatAuthorizers([unread], undefined)).toMatch(/^ext +- +- +- +shop\/ext \(not read\) +missing +0s$/m)
})

test('a provider that does not exist denies all requests', () => {
  const missing = {...row, service: '', port: 0, from: 'nowhere', usedBy: []}
  expect(formatAuthorizers([missing], undefined)).toMatch(/^ext +- +- +denies all +- +missing +0s$/m)
})

test('the rows are the data, with durations in seconds', () => {
  const {timeout: _text, ...rest} = row
  const data = [{...rest, timeoutSeconds: 5}]
  expect(JSON.parse(formatAuthorizers([row], 'json'))).toEqual(data)
  expect(load(formatAuthorizers([row], 'yaml'))).toEqual(data)
  expect(JSON.parse(formatAuthorizers([{...row, timeout: ''}], 'json'))).toMatchObject([{timeoutSeconds: null}])
})
