import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {putMeshItem, removeMeshItem, removeMeshValue, setMeshValue} from '../../src/istio/mesh-config-edit.ts'
import type {Json} from '../../src/text/json.ts'
import {propertyRuns} from '../support/property-runs.ts'
import {anyText, key, parsed, scalar, words} from './mesh-config-texts.ts'

const list = ['extensionProviders']
const provider = (name: string) => ({name, envoyExtAuthzGrpc: {service: 'authz.default.svc.cluster.local', port: 9000}})
const runs = {numRuns: propertyRuns()}

/** Returns whether the longer text is the shorter one with an insertion in one place. */
function isInsertion(shorter: string, longer: string): boolean {
  let head = 0
  while (head < shorter.length && shorter[head] === longer[head]) head++
  let tail = 0
  while (tail < shorter.length - head && shorter.at(-1 - tail) === longer.at(-1 - tail)) tail++
  return head + tail === shorter.length
}

function providersOf(text: string): {name: string}[] {
  return (parsed(text).extensionProviders as {name: string}[] | undefined) ?? []
}

describe('a provider in any mesh config', () => {
  test('is added by one insertion, and its removal restores the text', () => {
    fc.assert(
      fc.property(anyText, text => {
        const before = parsed(text)
        const after = putMeshItem(text, list, provider('new'))
        const items = providersOf(text)
        expect(parsed(after)).toEqual({...before, extensionProviders: [...items, provider('new')]})
        if (before.extensionProviders !== null) expect(isInsertion(text, after)).toBe(true)
        const back = removeMeshItem(after, list, 'new')
        expect(parsed(back)).toEqual(items.length > 0 ? before : withoutList(before))
        if (items.length > 0) expect(back).toBe(text)
      }),
      runs,
    )
  })

  test('is replaced without a change of any other value', () => {
    fc.assert(
      fc.property(anyText, words, (text, word) => {
        const items = providersOf(text)
        fc.pre(items.length > 0)
        const after = putMeshItem(text, list, {name: items[0]!.name, replaced: word})
        expect(parsed(after)).toEqual({
          ...parsed(text),
          extensionProviders: [{name: items[0]!.name, replaced: word}, ...items.slice(1)],
        })
      }),
      runs,
    )
  })

  test('is removed by one deletion', () => {
    fc.assert(
      fc.property(anyText, fc.nat(2), (text, at) => {
        const items = providersOf(text)
        fc.pre(items.length > 1 && at < items.length)
        const after = removeMeshItem(text, list, items[at]!.name)
        expect(parsed(after)).toEqual({...parsed(text), extensionProviders: items.toSpliced(at, 1)})
        expect(isInsertion(after, text)).toBe(true)
      }),
      runs,
    )
  })
})

describe('a value in any mesh config', () => {
  test('is set at any path, or rejected if the path leads through a value that is not a map', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.array(key, {minLength: 1, maxLength: 3}),
        scalar.filter(candidate => candidate !== null),
        (text, path, wanted) => {
          if (parentsOf(text, path).some(isObstacle))
            expect(() => setMeshValue(text, path, wanted)).toThrow('is not a map')
          else expectSet(text, path, wanted)
        },
      ),
      runs,
    )
  })

  test('is removed by one deletion', () => {
    fc.assert(
      fc.property(anyText, fc.nat(5), (text, at) => {
        const before = parsed(text)
        const keys = Object.keys(before)
        fc.pre(keys.length > 0)
        const removed = keys[at % keys.length]!
        const after = removeMeshValue(text, [removed])
        const {[removed]: _, ...rest} = before
        expect(parsed(after)).toEqual(rest)
        expect(isInsertion(after, text)).toBe(true)
      }),
      runs,
    )
  })
})

/** Sets a value, and compares the result; the removal of a new value restores the text. */
function expectSet(text: string, path: readonly string[], wanted: Json): void {
  const before = parsed(text)
  const parents = parentsOf(text, path)
  const after = setMeshValue(text, path, wanted)
  expect(valueAt(parsed(after), path)).toEqual(wanted)
  if (valueAt(before, path) !== undefined) return
  if (!parents.includes(null)) expect(isInsertion(text, after)).toBe(true)
  const back = removeMeshValue(after, path)
  // A map that is empty after the removal is removed too.
  if ([...parents, before].every(isFilledMap)) expect(back).toBe(text)
}

function parentsOf(text: string, path: readonly string[]): unknown[] {
  return path.slice(0, -1).map((_, at) => valueAt(parsed(text), path.slice(0, at + 1)))
}

function isObstacle(parent: unknown): boolean {
  return parent !== undefined && parent !== null && (typeof parent !== 'object' || Array.isArray(parent))
}

function isFilledMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
    value,
  )
}

function withoutList(before: Record<string, Json>): Record<string, Json> {
  const {extensionProviders: _, ...rest} = before
  return rest
}
