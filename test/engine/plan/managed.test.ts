import {isDeepStrictEqual} from 'node:util'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {KubernetesObject, ManagedFields} from '../../../src/engine/kubernetes/object.ts'
import {isKnownUnchanged, isManagedBy, ownersOf} from '../../../src/engine/plan/managed.ts'
import type {Json} from '../../../src/text/json.ts'

const me = 'kubectl-mesh'

/** A spec with one field of each type that server-side apply distinguishes. */
interface Spec {
  /** A scalar. */
  type?: string
  /** A map with an owner per key. */
  selector?: Record<string, string>
  /** An atomic list. */
  hosts?: string[]
  /** A list of maps with the merge key `name`. */
  ports?: {name: string; port?: number}[]
  /** A list of strings that is a set. */
  finalizers?: string[]
}

const word = fc.constantFrom('a', 'b', 'c')
const items = <T extends string | {name: string}>(item: fc.Arbitrary<T>) =>
  fc.uniqueArray(item, {minLength: 1, maxLength: 3, selector: one => (typeof one === 'string' ? one : one.name)})
const portOf = fc.record({name: word, port: fc.integer({min: 1, max: 2})}, {requiredKeys: ['name']})
const spec: fc.Arbitrary<Spec> = fc.record(
  {
    type: word,
    selector: fc.dictionary(word, word, {minKeys: 1, maxKeys: 2}),
    hosts: fc.array(word, {maxLength: 2}),
    ports: items(portOf),
    finalizers: items(word),
  },
  {requiredKeys: []},
)

/** Returns the FieldsV1 that the API server records for a spec. */
function fieldsOf({type, selector, hosts, ports, finalizers}: Spec): {[key: string]: Json} {
  const leaves = (keys: string[]) => Object.fromEntries(keys.map(key => [key, {}]))
  return {
    ...(type === undefined ? {} : {'f:type': {}}),
    ...(selector ? {'f:selector': leaves(Object.keys(selector).map(key => `f:${key}`))} : {}),
    ...(hosts ? {'f:hosts': {}} : {}),
    ...(ports
      ? {
          'f:ports': Object.fromEntries(
            ports.map(port => [
              `k:{"name":"${port.name}"}`,
              {'.': {}, ...leaves(Object.keys(port).map(key => `f:${key}`))},
            ]),
          ),
        }
      : {}),
    ...(finalizers ? {'f:finalizers': leaves(finalizers.map(one => `v:"${one}"`))} : {}),
  }
}

/** Returns whether an apply of `after` on `live` changes a field or its owner, if `before` was applied last. */
function wouldChange(before: Spec, after: Spec, live: Spec): boolean {
  return !isDeepStrictEqual(fieldsOf(before), fieldsOf(after)) || changesMaps(after, live) || changesLists(after, live)
}

function changesMaps(after: Spec, live: Spec): boolean {
  return (
    (after.type !== undefined && after.type !== live.type) ||
    Object.entries(after.selector ?? {}).some(([key, value]) => live.selector?.[key] !== value)
  )
}

function changesLists(after: Spec, live: Spec): boolean {
  const portNames = ({ports = []}: Spec) => ports.map(({name}) => name)
  return (
    (after.hosts !== undefined && !isDeepStrictEqual(after.hosts, live.hosts)) ||
    (after.ports ?? []).some(
      ({name, port}) => port !== undefined && live.ports?.find(one => one.name === name)?.port !== port,
    ) ||
    !isInOrder(portNames(after), portNames(live)) ||
    !isInOrder(after.finalizers, live.finalizers)
  )
}

/** Returns whether `live` contains all items of `desired` in the same order. */
function isInOrder(desired: readonly string[] = [], live: readonly string[] = []): boolean {
  const positions = desired.map(item => live.indexOf(item))
  return positions.every((position, at) => position >= 0 && (at === 0 || positions[at - 1]! < position))
}

function objectWith(spec: Spec, managedFields?: ManagedFields[]): KubernetesObject {
  const metadata = {name: 'x', ...(managedFields ? {managedFields} : {})}
  return {apiVersion: 'v1', kind: 'K', metadata, ...(Object.keys(spec).length > 0 ? {spec} : {})}
}

function entryOf(spec: Spec, more: Partial<ManagedFields> = {}): ManagedFields {
  const fieldsV1 = Object.keys(spec).length > 0 ? {'f:spec': fieldsOf(spec)} : {}
  return {manager: me, operation: 'Apply', apiVersion: 'v1', fieldsV1, ...more}
}

/** Returns specs to which another manager added fields, from which it removed fields, or which it reordered. */
const byOthers = (before: Spec) =>
  fc
    .record({
      from: fc.constant(before),
      over: spec,
      drop: fc.subarray(Object.keys(before) as (keyof Spec)[]),
      reverse: fc.boolean(),
    })
    .map(({from, over, drop, reverse}): Spec => {
      const live: Spec = {...over, ...from, selector: {...over.selector, ...from.selector}}
      const ports = [
        ...(from.ports ?? []),
        ...(over.ports ?? []).filter(({name}) => !from.ports?.some(one => one.name === name)),
      ]
      if (ports.length > 0) live.ports = reverse ? ports.reverse() : ports
      for (const key of drop) delete live[key]
      return live
    })

describe('isKnownUnchanged', () => {
  test('is true exactly when an apply would change neither a field nor its owner', () => {
    // The server decides about an apply without any field.
    const first = spec.filter(one => Object.keys(one).length > 0)
    const histories = first
      .chain(before =>
        fc.tuple(fc.constant(before), fc.oneof(fc.constant(structuredClone(before)), spec, byOthers(before))),
      )
      .chain(([before, after]) =>
        fc.tuple(fc.constant(before), fc.constant(after), fc.oneof(fc.constantFrom(before, after), byOthers(before))),
      )
    let seen = 0
    fc.assert(
      fc.property(histories, ([before, after, live]) => {
        const known = isKnownUnchanged(objectWith(after), objectWith(live, [entryOf(before)]), me)
        if (known) seen++
        expect(known).toBe(!wouldChange(before, after, live))
      }),
      {numRuns: 2000},
    )
    expect(seen).toBeGreaterThan(100)
  })

  const sample: Spec = {type: 'a', ports: [{name: 'a', port: 1}]}
  test.each<[string, ManagedFields[] | undefined]>([
    ['no manager is recorded', undefined],
    ['another manager applied the object', [entryOf(sample, {manager: 'helm'})]],
    ['the operation was not an apply', [entryOf(sample, {operation: 'Update'})]],
    ['the apply was for its status', [entryOf(sample, {subresource: 'status'})]],
    ['the fields refer to another version', [entryOf(sample, {apiVersion: 'v1beta1'})]],
    ['the fields are missing', [{manager: me, operation: 'Apply', apiVersion: 'v1'}]],
    [
      'the fields have an unknown key type',
      [entryOf(sample, {fieldsV1: {'f:spec': {'f:type': {}, 'f:ports': {'i:0': {}}}}})],
    ],
  ])('is false if %s', (_, managedFields) =>
    expect(isKnownUnchanged(objectWith(sample), objectWith(sample, managedFields), me)).toBe(false),
  )
})

describe('isKnownUnchanged, special fields', () => {
  test('compares labels and annotations, but not name and namespace', () => {
    const metadata = {name: 'x', namespace: 'ns', labels: {a: '1'}}
    const desired = {apiVersion: 'v1', kind: 'K', metadata}
    const fieldsV1 = {'f:metadata': {'f:labels': {'f:a': {}}}}
    const live = {...desired, metadata: {...metadata, managedFields: [entryOf({}, {fieldsV1})]}}
    expect(isKnownUnchanged(desired, live, me)).toBe(true)
    expect(isKnownUnchanged({...desired, metadata: {...metadata, labels: {a: '2'}}}, live, me)).toBe(false)
    expect(isKnownUnchanged({...desired, metadata: {...metadata, annotations: {b: ''}}}, live, me)).toBe(false)
    expect(isKnownUnchanged({...desired, metadata: {...metadata, labels: {}}}, live, me)).toBe(false)
  })

  test('fields with names of Object.prototype', () => {
    const live = {
      ...objectWith({}),
      metadata: {name: 'x', managedFields: [entryOf({}, {fieldsV1: {'f:data': {'f:constructor': {}}}})]},
    }
    expect(isKnownUnchanged({...objectWith({}), data: {constructor: 'a'}}, {...live, data: {}}, me)).toBe(false)
    expect(
      isKnownUnchanged({...objectWith({}), data: {constructor: 'a'}}, {...live, data: {constructor: 'a'}}, me),
    ).toBe(true)
  })
})

describe('owners', () => {
  const object = objectWith({}, [
    entryOf({type: 'a'}),
    {manager: 'helm', operation: 'Update', fieldsV1: {'f:spec': {'f:type': {}}}},
    {manager: 'helm', operation: 'Apply', fieldsV1: {'f:spec': {'f:type': {}, 'f:hosts': {}}}},
    {operation: 'Update', fieldsV1: {'f:spec': {'f:hosts': {}}}},
  ])

  test.each([
    [
      ['f:spec', 'f:type'],
      [me, 'helm'],
    ],
    [
      ['f:spec', 'f:hosts'],
      ['helm', 'unknown'],
    ],
    [['f:spec', 'f:type', 'f:deeper'], []],
    [['f:status'], []],
  ])('%j: %j', (path, owners) => expect(ownersOf(object, path)).toEqual(owners))

  test('isManagedBy', () => {
    expect(isManagedBy(object, me)).toBe(true)
    expect(isManagedBy(object, 'argo')).toBe(false)
    expect(isManagedBy(objectWith({}), me)).toBe(false)
  })
})
