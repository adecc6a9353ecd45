import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {injectorsFor, readTags, resolveRevision, wantedRevision, webhooksOf} from '../../src/istio/injection.ts'

const configuration = (name: string, labels: Record<string, string>, webhooks?: object[]): KubernetesObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: {name, labels},
  webhooks,
})
const namespace = (labels?: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {name: 'shop', ...(labels ? {labels} : {})},
})

test('a configuration without webhooks has none', () => {
  expect(webhooksOf(configuration('a', {}))).toEqual([])
})

test('tags are read from configurations that have both labels', () => {
  const tags = readTags([
    configuration('stable', {'istio.io/tag': 'stable', 'istio.io/rev': '1-31'}),
    configuration('revision', {'istio.io/rev': '1-30'}),
    configuration('broken', {'istio.io/tag': 'x'}),
  ])
  expect([...tags]).toEqual([['stable', '1-31']])
})

test.each<[Record<string, string> | undefined, string | undefined]>([
  [undefined, undefined],
  [{'istio-injection': 'enabled'}, 'default'],
  [{'istio-injection': 'disabled', 'istio.io/rev': '1-31'}, undefined],
  [{'istio-injection': 'enabled', 'istio.io/rev': '1-31'}, 'default'],
  [{'istio.io/rev': '1-31'}, '1-31'],
  [{'istio.io/rev': 'stable'}, '1-30'],
])('labels %j request revision %s', (labels, revision) =>
  expect(wantedRevision(namespace(labels), new Map([['stable', '1-30']]))).toBe(revision),
)

test('the default tag resolves istio-injection=enabled', () => {
  expect(wantedRevision(namespace({'istio-injection': 'enabled'}), new Map([['default', '1-31']]))).toBe('1-31')
})

test('injectorsFor compares both selectors, and the name of the namespace', () => {
  const injectors = [
    configuration('by-label', {}, [{name: 'a', namespaceSelector: {matchLabels: {'istio.io/rev': '1-31'}}}]),
    configuration('by-name', {}, [
      {name: 'a', namespaceSelector: {matchLabels: {other: 'x'}}},
      {name: 'b', namespaceSelector: {matchLabels: {'kubernetes.io/metadata.name': 'shop'}}},
    ]),
    configuration('by-pod-label', {}, [
      {name: 'a', objectSelector: {matchExpressions: [{key: 'istio.io/rev', operator: 'Exists'}]}},
    ]),
  ]
  expect(injectorsFor(namespace({'istio.io/rev': '1-31'}), injectors)).toEqual(['by-label', 'by-name'])
  expect(injectorsFor(namespace(), injectors)).toEqual(['by-name'])
})

test.each<[string | undefined, Record<string, string>, string | undefined]>([
  [undefined, {}, undefined],
  ['default', {}, undefined],
  ['1-30', {}, '1-30'],
  ['stable', {stable: '1-30'}, '1-30'],
  [undefined, {default: '1-30'}, '1-30'],
  ['stable', {stable: 'default'}, undefined],
])('revision %s with the tags %o is %s', (requested, tags, expected) => {
  const injectors = Object.entries(tags).map(([tag, revision]) =>
    configuration(`istio-revision-tag-${tag}`, {'istio.io/tag': tag, 'istio.io/rev': revision}),
  )
  expect(resolveRevision(requested, injectors)).toBe(expected)
})
