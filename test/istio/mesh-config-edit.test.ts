import {describe, expect, test} from 'vitest'
import {
  putMeshItem,
  readMeshConfig,
  removeMeshItem,
  removeMeshValue,
  setMeshValue,
} from '../../src/istio/mesh-config-edit.ts'

const list = ['extensionProviders']
const provider = (name: string) => ({name, envoyExtAuthzGrpc: {service: 'authz.default.svc.cluster.local', port: 9000}})

/** The mesh config of the istiod chart 1.31, with typical additions of users. */
const chart = `# kept by the platform team
defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
  tracing: {zipkin: {address: "zipkin.obs:9411"}}   # old
defaultProviders:
  metrics:
  - prometheus
enablePrometheusMerge: true
extensionProviders:
# the company's tracer
- name: otel
  opentelemetry:
    port: 4317
    service: otel.obs.svc.cluster.local
rootNamespace: istio-system   # never change
trustDomain: 'cluster.local'`

describe("a chart's mesh config", () => {
  test('a provider is added after the others, and removed again', () => {
    const added = putMeshItem(chart, list, provider('my-authz'))
    expect(added).toBe(
      chart.replace(
        'svc.cluster.local\nrootNamespace',
        `svc.cluster.local
- envoyExtAuthzGrpc:
    port: 9000
    service: authz.default.svc.cluster.local
  name: my-authz
rootNamespace`.replace(
          /- envoy(.|\n)*my-authz/,
          '- name: my-authz\n  envoyExtAuthzGrpc:\n    service: authz.default.svc.cluster.local\n    port: 9000',
        ),
      ),
    )
    expect(putMeshItem(added, list, provider('my-authz'))).toBe(added)
    expect(removeMeshItem(added, list, 'my-authz')).toBe(chart)
  })

  test('a provider is replaced in its place', () => {
    const after = putMeshItem(chart, list, {name: 'otel', opentelemetry: {port: 1, service: 'x.y'}})
    expect(after).toBe(
      chart
        .replace('4317', '1')
        .replace('otel.obs.svc.cluster.local', 'x.y')
        .replace(/(port: 1)\n(.*)\n/, '$1\n$2\n'),
    )
  })

  test('the list is removed with its last provider', () => {
    expect(readMeshConfig(removeMeshItem(chart, list, 'otel'))).not.toHaveProperty('extensionProviders')
    expect(removeMeshItem(chart, list, 'otel')).toContain('enablePrometheusMerge: true\nrootNamespace')
  })

  test('a nested value is created and removed', () => {
    const path = ['defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE']
    const after = setMeshValue(chart, path, 'true')
    expect(after).toBe(chart.replace('# old\n', `# old\n  proxyMetadata:\n    ISTIO_META_DNS_CAPTURE: 'true'\n`))
    expect(removeMeshValue(after, path)).toBe(chart)
    expect(setMeshValue(after, path, 'false')).toBe(after.replace("'true'", "'false'"))
  })

  test('a value inside flow style', () => {
    const path = ['defaultConfig', 'tracing', 'sampling']
    expect(setMeshValue(chart, path, 10)).toBe(chart.replace('9411"}}', '9411"}, sampling: 10}'))
    expect(removeMeshValue(setMeshValue(chart, path, 10), path)).toBe(chart)
  })

  test('a value that is already set leaves the text unchanged', () => {
    expect(setMeshValue(chart, ['trustDomain'], 'cluster.local')).toBe(chart)
    expect(removeMeshValue(chart, ['nothing', 'here'])).toBe(chart)
    expect(removeMeshItem(chart, list, 'missing')).toBe(chart)
  })
})

test.each([
  ['', 'extensionProviders:\n- name: a\n'],
  ['{}', '{extensionProviders: [{"name":"a"}]}'],
  ['{}\n', '{extensionProviders: [{"name":"a"}]}\n'],
  ['{a: 1}', '{a: 1, extensionProviders: [{"name":"a"}]}'],
  ['{"a":1,}\n', '{"a":1, extensionProviders: [{"name":"a"}],}\n'],
  ['extensionProviders: []\n', 'extensionProviders: [{"name":"a"}]\n'],
  ['extensionProviders: [{name: b}] # x', 'extensionProviders: [{name: b}, {"name":"a"}] # x'],
  ['extensionProviders:\n', 'extensionProviders:\n- name: a\n'],
  ['extensionProviders:', 'extensionProviders:\n- name: a'],
  ['a: 1\r\nb: 2\r\n', 'a: 1\r\nb: 2\r\nextensionProviders:\r\n- name: a\r\n'],
  ['# nothing yet\n', '# nothing yet\nextensionProviders:\n- name: a\n'],
  ['extensionProviders:\n  -   name: b\n  # end\n', 'extensionProviders:\n  -   name: b\n  - name: a\n  # end\n'],
  ['a:\n  b: 1\n  # of a\n# at the end\n', 'a:\n  b: 1\n  # of a\nextensionProviders:\n- name: a\n# at the end\n'],
  // A line that is added after a block scalar without a final line break would become part of it.
  ['x: |\n  text', 'extensionProviders:\n- name: a\nx: |\n  text'],
])('%j with a provider', (before, after) => {
  expect(putMeshItem(before, list, {name: 'a'})).toBe(after)
})

test.each([
  ['a: [', /mesh config is not valid YAML/],
  ['a: 1\na: 2\n', /mesh config is not valid YAML/],
  ['a: 1\n---\nb: 2\n', /mesh config is not valid YAML/],
  ['- a\n', /mesh config is not a map/],
  ['just words', /mesh config is not a map/],
  ['extensionProviders: 5\n', /extensionProviders is not a list/],
  ['extensionProviders: [{name: a}, {name: a}]\n', /has 2 items named a/],
  ['extensionProviders:\n- name: b\n  x: |\n    text', /cannot be edited/],
  ['x: &x [{name: b}]\nextensionProviders: *x\n', /extensionProviders is an alias/],
])('%j is rejected', (text, problem) => {
  expect(() => putMeshItem(text, list, {name: 'a'})).toThrow(problem)
})

test('a block scalar at the end of the text keeps its last line break', () => {
  expect(removeMeshValue('x: |\n  text\nb: 2', ['b'])).toBe('x: |\n  text\n')
})

test('a value inside a value that is not a map is rejected', () => {
  expect(() => setMeshValue('defaultConfig: 5\n', ['defaultConfig', 'a'], 1)).toThrow('defaultConfig is not a map')
})
