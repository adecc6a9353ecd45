import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {
  putMeshItem,
  readMeshConfig,
  removeMeshItem,
  removeMeshValue,
  setMeshValue,
} from '../../src/istio/mesh-config-edit.ts'
import type {Json} from '../../src/text/json.ts'

const list = ['extensionProviders']
const provider = (name: string) => ({name, envoyExtAuthzGrpc: {service: 'authz.default.svc.cluster.local', port: 9000}})

/** As the chart of istiod 1.31 writes it, with what people add to it. */
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
  test('a provider is added behind the others, and taken away again', () => {
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

  test('a provider is replaced where it stands', () => {
    const after = putMeshItem(chart, list, {name: 'otel', opentelemetry: {port: 1, service: 'x.y'}})
    expect(after).toBe(
      chart
        .replace('4317', '1')
        .replace('otel.obs.svc.cluster.local', 'x.y')
        .replace(/(port: 1)\n(.*)\n/, '$1\n$2\n'),
    )
  })

  test('the last provider takes the list with it', () => {
    expect(readMeshConfig(removeMeshItem(chart, list, 'otel'))).not.toHaveProperty('extensionProviders')
    expect(removeMeshItem(chart, list, 'otel')).toContain('enablePrometheusMerge: true\nrootNamespace')
  })

  test('a value deep inside, made and taken away', () => {
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

  test('what is there already leaves the text as it is', () => {
    expect(setMeshValue(chart, ['trustDomain'], 'cluster.local')).toBe(chart)
    expect(removeMeshValue(chart, ['nothing', 'here'])).toBe(chart)
    expect(removeMeshItem(chart, list, 'nobody')).toBe(chart)
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
  ['a:\n  b: 1\n  # of a\n# of nobody\n', 'a:\n  b: 1\n  # of a\nextensionProviders:\n- name: a\n# of nobody\n'],
  // a line behind a text without an end of line would become part of it
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
])('%j is refused, and nothing comes out', (text, problem) => {
  expect(() => putMeshItem(text, list, {name: 'a'})).toThrow(problem)
})

test('a text block that ends with the text keeps its end', () => {
  expect(removeMeshValue('x: |\n  text\nb: 2', ['b'])).toBe('x: |\n  text\n')
})

test('a value inside something else than a map is refused', () => {
  expect(() => setMeshValue('defaultConfig: 5\n', ['defaultConfig', 'a'], 1)).toThrow('defaultConfig is not a map')
})

// ─── any mesh config ───

/** How a value is written, chosen at random for each place. */
interface Style {
  next: (sides: number) => number
}

const words = fc.constantFrom(
  'a',
  'prometheus',
  'true',
  '0755',
  'x: y',
  '#no',
  "it's",
  '10s',
  '*',
  'üñí',
  'k8s.io/x',
  'no',
  '~',
  '-',
  '[x',
  'a, b',
)
const scalar: fc.Arbitrary<Json> = fc.oneof(words, fc.boolean(), fc.integer({min: -5, max: 70000}), fc.constant(null))
const key = fc.constantFrom('accessLogFile', 'b', 'c.d', 'defaultConfig', 'proxyMetadata', 'e-f', 'm', 'rootNamespace')
const value = fc.letrec<{any: Json}>(tie => ({
  any: fc.oneof(
    {depthSize: 'small', withCrossShrink: true},
    scalar,
    fc.constantFrom('two\nlines\n', 'two\nlines', 'x\n'),
    fc.array(tie('any'), {maxLength: 3}),
    fc.dictionary(key, tie('any'), {maxKeys: 3, noNullPrototype: true}),
  ),
})).any
const named = fc.uniqueArray(fc.constantFrom('otel', 'my-authz', 'other', 'x'), {maxLength: 3})
const mesh = fc
  .tuple(fc.dictionary(key, value, {maxKeys: 6, noNullPrototype: true}), fc.option(named), fc.nat(6), value)
  .map(([rest, names, at, extra]) => {
    if (names === null) return rest
    const entries = Object.entries(rest)
    const items = names.map(name => ({name, body: extra}))
    entries.splice(Math.min(at, entries.length), 0, ['extensionProviders', items])
    return Object.fromEntries(entries)
  })

/** Writes a value as a person may: any style, comments, blank lines, quotes. */
function written(value: Json, style: Style): string {
  const {next} = style
  const comment = (indent: number) =>
    [...Array(next(6) === 0 ? 1 : 0)].map(() => `${' '.repeat(indent)}# note ${next(100)}\n`).join('')
  const blank = () => (next(8) === 0 ? '\n' : '')
  const tail = () => (next(5) === 0 ? ` # tail ${next(100)}` : '')
  const atom = (value: Json): string => {
    if (typeof value !== 'string') return value === null && next(2) ? '~' : JSON.stringify(value)
    if (/^[a-z]+$/.test(value) && !['true', 'no'].includes(value) && next(2)) return value
    return next(2) && !value.includes('\n') ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value)
  }
  const flow = (value: Json): string => {
    const space = next(2) ? ' ' : ''
    if (Array.isArray(value)) return `[${space}${value.map(flow).join(`,${space}`)}${space}]`
    if (typeof value !== 'object' || value === null) return atom(value)
    return `{${space}${Object.entries(value)
      .map(([k, v]) => `${k}: ${flow(v!)}`)
      .join(`,${space}`)}${space}}`
  }
  /** What follows `key:` or `-`, with its line end. */
  const behind = (value: Json, indent: number, inList: boolean): string => {
    const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0
    if (typeof value === 'string' && value.includes('\n') && next(2)) {
      const lines = value.replace(/\n$/, '').split('\n')
      const deeper = ' '.repeat(indent + 2)
      return ` |${value.endsWith('\n') ? '' : '-'}\n${lines.map(line => `${deeper}${line}\n`).join('')}`
    }
    if (value === null && next(3) === 0) return `${tail()}\n`
    if (typeof value !== 'object' || value === null || empty || next(4) === 0) return ` ${flow(value)}${tail()}\n`
    const head = inList ? '' : `${tail()}\n`
    if (Array.isArray(value)) {
      const at = inList ? indent + 2 : indent + (next(2) ? 2 : 0)
      return head + (inList ? `\n${block(value, at)}` : block(value, at))
    }
    if (inList) return ` ${block(value, indent + 2).trimStart()}`
    return head + block(value, indent + 2 + (next(3) === 0 ? 2 : 0))
  }
  const block = (value: Json[] | {[key: string]: Json | undefined}, indent: number): string => {
    const pad = ' '.repeat(indent)
    if (Array.isArray(value))
      return value.map(item => `${comment(indent)}${pad}-${behind(item, indent, true)}`).join('')
    return Object.entries(value)
      .map(
        ([k, v], at) =>
          `${at > 0 || indent === 0 ? comment(indent) + blank() : ''}${pad}${k}:${behind(v!, indent, false)}`,
      )
      .join('')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('a mesh config is a map')
  if (Object.keys(value).length === 0) return next(2) ? '{}\n' : '# empty\n'
  if (next(8) === 0) return `${flow(value)}\n`
  let text = block(value, 0) + comment(0)
  // a text block that ends with the text is a case of its own, above
  if (next(4) === 0 && !/\|-?\n(?: [^\n]*\n)+$/.test(text)) text = text.replace(/\n$/, '')
  if (next(6) === 0) text = text.replaceAll('\n', '\r\n')
  return text
}

/** A text of any mesh config; shrinks with its value and its choices. */
const anyText = fc
  .tuple(mesh, fc.array(fc.nat(1000), {size: 'max', maxLength: 120}))
  .map(([value, throws]) => {
    let at = 0
    return written(value, {next: sides => (throws[at++] ?? 1) % sides})
  })
  .filter(text => {
    try {
      parse(text)
      return true
    } catch {
      return false
    }
  })

const meant = (text: string) => (parse(text) ?? {}) as Record<string, Json>
const runs = {numRuns: 400}

/** Whether one text is the other with something put in at one place. */
function isInsertion(shorter: string, longer: string): boolean {
  let head = 0
  while (head < shorter.length && shorter[head] === longer[head]) head++
  let tail = 0
  while (tail < shorter.length - head && shorter.at(-1 - tail) === longer.at(-1 - tail)) tail++
  return head + tail === shorter.length
}

describe('any mesh config', () => {
  test('a new provider is an insertion of nothing else, and taking it away gives the text back', () => {
    fc.assert(
      fc.property(anyText, text => {
        const before = meant(text)
        const after = putMeshItem(text, list, provider('new'))
        const items = (before.extensionProviders as Json[] | undefined) ?? []
        expect(meant(after)).toEqual({...before, extensionProviders: [...items, provider('new')]})
        if (before.extensionProviders !== null) expect(isInsertion(text, after)).toBe(true)
        const back = removeMeshItem(after, list, 'new')
        expect(meant(back)).toEqual(items.length > 0 ? before : withoutList(before))
        if (items.length > 0) expect(back).toBe(text)
      }),
      runs,
    )
  })

  test('a provider that is there is replaced; nothing outside of it changes', () => {
    fc.assert(
      fc.property(anyText, words, (text, word) => {
        const items = (meant(text).extensionProviders as {name: string}[] | undefined) ?? []
        fc.pre(items.length > 0)
        const after = putMeshItem(text, list, {name: items[0]!.name, replaced: word})
        expect(meant(after)).toEqual({
          ...meant(text),
          extensionProviders: [{name: items[0]!.name, replaced: word}, ...items.slice(1)],
        })
      }),
      runs,
    )
  })

  test('removing a provider only takes text away', () => {
    fc.assert(
      fc.property(anyText, fc.nat(2), (text, at) => {
        const items = (meant(text).extensionProviders as {name: string}[] | undefined) ?? []
        fc.pre(items.length > 1 && at < items.length)
        const after = removeMeshItem(text, list, items[at]!.name)
        expect(meant(after)).toEqual({...meant(text), extensionProviders: items.toSpliced(at, 1)})
        expect(isInsertion(after, text)).toBe(true)
      }),
      runs,
    )
  })

  test('a value is set at any path, or refused where something else than a map is in the way', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.array(key, {minLength: 1, maxLength: 3}),
        scalar.filter(v => v !== null),
        (text, path, wanted) => {
          const before = meant(text)
          const parents = path.slice(0, -1).map((_, at) => at1(before, path.slice(0, at + 1)))
          if (
            parents.some(
              parent =>
                parent !== undefined && parent !== null && (typeof parent !== 'object' || Array.isArray(parent)),
            )
          ) {
            expect(() => setMeshValue(text, path, wanted)).toThrow('is not a map')
            return
          }
          const after = setMeshValue(text, path, wanted)
          expect(at1(meant(after), path)).toEqual(wanted)
          const old = at1(before, path)
          if (old === undefined) {
            if (!parents.includes(null)) expect(isInsertion(text, after)).toBe(true)
            const back = removeMeshValue(after, path)
            if (
              parents.every(
                parent => typeof parent === 'object' && parent !== null && Object.keys(parent).length > 0,
              ) &&
              Object.keys(before).length > 0
            )
              expect(back).toBe(text)
          }
        },
      ),
      runs,
    )
  })

  test('a value is taken away, and only text goes', () => {
    fc.assert(
      fc.property(anyText, fc.nat(5), (text, at) => {
        const before = meant(text)
        const keys = Object.keys(before)
        fc.pre(keys.length > 0)
        const gone = keys[at % keys.length]!
        const after = removeMeshValue(text, [gone])
        const {[gone]: _, ...rest} = before
        expect(meant(after)).toEqual(rest)
        expect(isInsertion(after, text)).toBe(true)
      }),
      runs,
    )
  })
})

function at1(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  )
}

function withoutList(before: Record<string, Json>): Record<string, Json> {
  const {extensionProviders: _, ...rest} = before
  return rest
}
