import {load} from 'js-yaml'
import {expect, test} from 'vitest'
import {meshConfigOf, meshConfigProblems, parsedMap, trustDomainsOf} from '../../src/istio/mesh-config.ts'

test('parses the mesh config', () => {
  expect(meshConfigOf('rootNamespace: istio-system\ndefaultConfig:\n  meshId: mesh1\n')).toEqual({
    rootNamespace: 'istio-system',
    defaultConfig: {meshId: 'mesh1'},
  })
})

test.each(['', 'null', 'text', '- a', '{', 'a: 1\na: 2'])('%j is an empty mesh config', text => {
  expect(meshConfigOf(text)).toEqual({})
})

test('the error of a parser gives an empty map', () => {
  expect(parsedMap(() => JSON.parse('{'))).toEqual({})
  expect(parsedMap(() => JSON.parse('{"a": 1}'))).toEqual({a: 1})
})

test.each([
  ['discoverySelectors: x', {}, 'discoverySelectors is not a list of label selectors'],
  ['discoverySelectors: [x]', {}, 'discoverySelectors is not a list of label selectors'],
  ['discoverySelectors: [{matchLabels: {a: [b]}}]', {}, 'discoverySelectors is not a list of label selectors'],
  ['discoverySelectors: [{matchExpressions: x}]', {}, 'discoverySelectors is not a list of label selectors'],
  ['defaultConfig: text\ntrustDomain: a.b', {trustDomain: 'a.b'}, 'defaultConfig is not a map'],
  ['defaultConfig: {meshId: [a], proxyMetadata: x}', {defaultConfig: {}}, 'defaultConfig.meshId is not text'],
  ['extensionProviders: {a: b}', {}, 'extensionProviders is not a list'],
  ['trustDomainAliases: a', {}, 'trustDomainAliases is not a list'],
  ['caCertificates: {a: b}', {}, 'caCertificates is not a list'],
  ['rootNamespace: {toString: x}', {}, 'rootNamespace is not text'],
])('%s: the field with a wrong type is left out and reported', (text, config, problem) => {
  expect(meshConfigOf(text)).toEqual(config)
  expect(meshConfigProblems(load(text) as object)[0]).toBe(problem)
})

test('null is a field without a value', () =>
  expect(meshConfigProblems({discoverySelectors: null, defaultConfig: {meshId: null}})).toEqual([]))

test('trust domains besides the own one; values with a wrong type are left out', () => {
  const text =
    'trustDomainAliases: [a, 1]\ncaCertificates: [{pem: x, trustDomains: [b, {c: d}]}, {pem: y}, z, {trustDomains: e}]'
  expect(trustDomainsOf(meshConfigOf(text))).toEqual({aliases: ['a'], ofCertificates: ['b', 'e']})
  expect(trustDomainsOf({})).toEqual({aliases: [], ofCertificates: []})
})
