import {isDeepStrictEqual} from 'node:util'
import fc from 'fast-check'
import {readMeshConfig as readVmMeshConfig} from '../../../src/features/vm/istio-mesh-config.ts'
import {meshConfigOf, meshConfigProblems} from '../../../src/istio/mesh-config.ts'
import {
  putMeshItem,
  readMeshConfig,
  removeMeshItem,
  removeMeshValue,
  setMeshValue,
} from '../../../src/istio/mesh-config-edit.ts'
import type {Json} from '../../../src/text/json.ts'
import {anyText} from '../../istio/mesh-config-texts.ts'
import {mutated} from '../mutate.ts'
import {accepted, must} from '../oracle.ts'
import {defineTarget} from '../target.ts'
import {yamlWords} from '../words-yaml.ts'
import {isMap, readings} from '../yaml-readers.ts'

/** An edit and its opposite, on a text and on a value. */
interface MeshEdit {
  path: readonly string[]
  put(text: string): string
  remove(text: string): string
  /** The value at the path after the edit. */
  expected(before: unknown): unknown
}

const item = {name: 'my-authz', envoyExtAuthzGrpc: {service: 'authz.a.svc.cluster.local', port: '9000', timeout: '10s'}}

const edits: readonly MeshEdit[] = [
  {
    path: ['extensionProviders'],
    put: text => putMeshItem(text, ['extensionProviders'], item),
    remove: text => removeMeshItem(text, ['extensionProviders'], item.name),
    expected: before => {
      const items = (before ?? []) as {name?: unknown}[]
      const at = items.findIndex(one => one?.name === item.name)
      return at < 0 ? [...items, item] : items.with(at, item)
    },
  },
  ...(
    [
      [['defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE'], 'true'],
      [['localityLbSetting'], {distribute: [{from: 'eu/*', to: {'eu/*': 80, us: 20}}], enabled: true}],
      [['trustDomain'], 'y'],
      [['b', 'c.d'], '0755'],
      [['m', 'e-f'], 'a: b\n# c\n'],
      [['rootNamespace'], ''],
    ] as [string[], Json][]
  ).map(([path, value]) => ({
    path,
    put: (text: string) => setMeshValue(text, path, value),
    remove: (text: string) => removeMeshValue(text, path),
    expected: () => value,
  })),
]

const typical = `# The mesh
accessLogFile: /dev/stdout
defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
  proxyMetadata: {}
  tracing:
    zipkin:
      address: zipkin.istio-system:9411
extensionProviders:
- name: prometheus
  prometheus: {}
enablePrometheusMerge: true
rootNamespace: null
trustDomain: cluster.local`
const samples = fc.oneof({weight: 3, arbitrary: anyText}, fc.constantFrom(typical, `${typical}\n`, '', '# nothing\n'))

/** Edits of the mesh config, for readers of YAML 1.1 and 1.2. */
export const target = defineTarget({
  input: fc.tuple(
    mutated(samples, [
      ...yamlWords,
      'extensionProviders:\n',
      'b: *a\n',
      'm:\n',
      'defaultConfig: ',
      'proxyMetadata: {}\n',
    ]),
    fc.nat(edits.length - 1),
  ),
  async check([text, at]) {
    const {path, put, remove, expected} = edits[at]!
    meshConfigProblems(meshConfigOf(text))
    readVmMeshConfig(text)
    const value = await accepted(() => readMeshConfig(text))
    await accepted(() => remove(text))
    const after = await accepted(() => put(text))
    if (value === undefined || after === undefined) return
    must(put(after) === after, 'a second edit changes the text again', after)
    const readingsAfter = readings(after)
    for (const [reader, before] of readings(text)) {
      if (before === undefined) continue
      const wanted = edited(before, path, expected)
      const found = readingsAfter.get(reader)
      if (wanted !== undefined)
        must(isDeepStrictEqual(found, wanted), `${reader} reads another value`, text, after, wanted, found)
    }
    const removed = await accepted(() => remove(after))
    if (removed === undefined) return
    must(remove(removed) === removed, 'a second removal changes the text again', removed)
    if (isReversible(value, path)) must(removed === text, 'the removal does not restore the text', text, after, removed)
  },
})

/** A copy of a value with the edit. Undefined if the path leads through a value that is no map, or the list is none. */
function edited(
  before: Record<string, unknown>,
  path: readonly string[],
  expected: MeshEdit['expected'],
): Record<string, unknown> | undefined {
  const [key, ...below] = path as [string, ...string[]]
  const inner = Object.hasOwn(before, key) ? before[key] : undefined
  if (below.length === 0) {
    if (path[0] === 'extensionProviders' && !(inner === undefined || inner === null || Array.isArray(inner)))
      return undefined
    return {...before, [key]: expected(inner)}
  }
  const map = inner ?? {}
  if (!isMap(map)) return undefined
  const changed = edited(map, below, expected)
  return changed && {...before, [key]: changed}
}

/**
 * Whether the removal can restore the text: nothing was there that the edit replaces, and no map or list is empty, because
 * the removal of a last value removes its map or list too.
 */
function isReversible(before: Record<string, unknown>, path: readonly string[]): boolean {
  let at: unknown = before
  for (const key of path) {
    if (!isMap(at) || Object.keys(at).length === 0) return false
    if (!Object.hasOwn(at, key)) return true
    at = at[key]
  }
  const items: {name?: unknown}[] = path[0] === 'extensionProviders' && Array.isArray(at) ? at : []
  return items.length > 0 && items.every(one => one?.name !== item.name)
}
