import {expect, test} from 'vitest'
import {
  headerText,
  methodText,
  parseBytes,
  pathText,
  serviceField,
  targetField,
} from '../../../src/features/authz/spec-fields.ts'

test.each([
  ['path', pathText, ['*', '/a', '/a*', '*.html'], ['a', '/a*b', '/a b', '**', '']],
  ['header', headerText, ['cookie', 'x-*', '*-id'], ['*', '*x*', 'a b', '']],
  ['method', methodText, ['GET', 'POST'], ['get', 'GET ', '']],
])('%s', (_, check, valid, invalid) => {
  expect(valid.map(check)).toEqual(valid.map(() => undefined))
  expect(invalid.map(text => check(text) === undefined)).toEqual(invalid.map(() => false))
})

test.each([
  ['authz:9000', {host: 'authz', port: 9000}],
  ['ns/api.example.com:443', {host: 'ns/api.example.com', port: 443}],
])('service %s', (text, service) => {
  expect(serviceField.parse(text)).toEqual(service)
  expect(serviceField.format!(service)).toBe(text)
})

test.each([
  ['gateway/public', {kind: 'gateway', name: 'public'}],
  ['workload/web', {kind: 'workload', name: 'web'}],
  ['namespace/shop', {kind: 'namespace', name: 'shop'}],
] as const)('target %s', (text, target) => {
  expect(targetField.parse(text)).toEqual(target)
  expect(targetField.format!(target)).toBe(text)
})

test.each(['authz', ':80', 'authz:', 'authz:65536', 'a/b/c:80'])('service %s is invalid', text => {
  expect(() => serviceField.parse(text)).toThrow(text)
})

test('bytes', () => {
  expect(parseBytes('4294967295')).toBe(4_294_967_295)
  for (const text of ['0', '-1', '1.5', '4294967296', '1k']) expect(() => parseBytes(text)).toThrow('is not a number')
})
