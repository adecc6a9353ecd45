import {applyPatch} from 'diff'
import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {type Detail, type DiffOptions, formatDiff, hasText} from '../../../src/terminal/output/diff.ts'
import {createMasker} from '../../../src/terminal/output/redact.ts'
import {joinReplacements} from '../../../src/terminal/output/replacements.ts'
import {renderLines} from '../../../src/terminal/output/styled.ts'
import {dumpYaml, inKeyOrder} from '../../../src/text/yaml.ts'
import {expectGolden} from '../../support/golden.ts'
import {configMap, creates, planOf, removes, secret, updates} from './steps.ts'

const mask = createMasker(Buffer.alloc(32))
const diff = async (steps: Step[], options: Partial<DiffOptions> = {}) =>
  renderLines(await formatDiff(planOf(...steps), {mask, ...options}), false)

const definition = (description: string): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {name: 'gateways.networking.istio.io'},
  spec: {versions: [{name: 'v1', schema: {description, properties: {}}}]},
})
const lines = Object.fromEntries(Array.from({length: 20}, (_, at) => [`k${String(at).padStart(2, '0')}`, 'x']))
const [before, after] = [configMap('istio', lines), configMap('istio', {...lines, k10: 'y'})]
const steps = [
  creates(definition('a')),
  creates(secret('cacerts', {key: 'a'})),
  creates(secret('remote', {}), {pending: 'the credential of west is created during apply'}),
  updates(before, after),
  removes(configMap('gone', {a: 'b'})),
]

describe('which objects have their text', () => {
  test.each<Detail>(['lines', 'changes', 'objects', 'everything'])('golden: %s', async detail =>
    expectGolden(`diff/detail-${detail}.diff`, await diff(steps, {detail})),
  )

  test('CustomResourceDefinitions take one line unless requested, also when they change or are removed', async () => {
    const all = [updates(definition('a'), definition('b')), removes(definition('c'))]
    const path = 'east/apiextensions.k8s.io/v1/CustomResourceDefinition/gateways.networking.istio.io'
    expect((await diff([all[0]!])).split('\n').slice(1)).toEqual([`# ~ ${path}   (+1 -1 lines)`, ''])
    expect((await diff([all[1]!])).split('\n').slice(1)).toEqual([`# - ${path}   (removed, 10 lines)`, ''])
    expect(await diff([all[0]!], {detail: 'everything'})).toContain('+      description: b')
  })

  test('objects with the same change are one line', async () => {
    const nodes = ['a', 'b', 'c', 'd'].map(name => updates(configMap(name, {}), configMap(name, {a: 'b'})))
    expect((await diff(nodes, {detail: 'lines'})).split('\n').slice(1)).toEqual([
      '# ~ east/v1/ConfigMap/istio-system/a   (and 3 more with the same change, +2 -1 lines)',
      '',
    ])
  })

  test('lines for objects do not disturb patch', async () => {
    const [, ...patch] = (await diff(steps.slice(0, 4), {detail: 'changes'})).split('\n')
    const text = (object: KubernetesObject) => dumpYaml(inKeyOrder(object))
    expect(applyPatch(text(before), patch.join('\n'))).toBe(text(after))
  })

  test('conflicts always have their text, except those of definitions', () => {
    expect(hasText(updates(before, after, 'conflict'), 'changes')).toBe(true)
    expect(hasText(updates(before, after, 'conflict'), 'lines')).toBe(false)
  })
})

test.each([
  [0, 2],
  [1, 4],
  [3, 8],
  [100, 27],
])('%d lines of context: %d lines in the hunk', async (context, expected) =>
  expect((await diff([updates(before, after)], {context})).trim().split('\n').slice(4)).toHaveLength(expected),
)

describe('replacements', () => {
  const role = (name: string, rule: string): KubernetesObject => ({...configMap(name, {rule}), kind: 'RoleBinding'})

  test('a deleted object that is created again is compared with its successor, and marked', async () => {
    const replaced = [removes(role('reader', 'a')), removes(role('other', 'a')), creates(role('reader', 'b'))]
    await expectGolden('diff/replacement.diff', await diff(replaced))
    expect(await diff(replaced, {detail: 'lines'})).toContain(
      '# -/+ east/v1/RoleBinding/istio-system/reader   (replaced: deleted and created again, +1 -1 lines)',
    )
  })

  test('another API version is the same object; another namespace is not', () => {
    const moved = {...role('reader', 'a'), metadata: {name: 'reader', namespace: 'elsewhere'}}
    expect(joinReplacements([removes(role('reader', 'a')), creates(moved)])).toHaveLength(2)
    const older = {...role('reader', 'a'), apiVersion: 'x/v1beta1'}
    const newer = {...role('reader', 'a'), apiVersion: 'x/v1'}
    expect(joinReplacements([removes(older), creates(newer)])).toMatchObject([
      {verdict: 'update', live: older, replaces: true},
    ])
  })
})
