import {describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {ConflictError} from '../../../src/engine/cluster/errors.ts'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import type {Apply, Change} from '../../../src/engine/kubernetes/change.ts'
import {type KubernetesObject, refOf} from '../../../src/engine/kubernetes/object.ts'
import {compareCluster} from '../../../src/engine/plan/compare.ts'

const set = {name: 'x', namespace: 'mesh', kinds: []}
const options = {manager: 'kubectl-mesh', force: false, set}
const common = {cluster: 'east', wave: 40} as const

function configMap(name: string, value: string, labels?: Record<string, string>): KubernetesObject {
  const metadata = {namespace: 'a', name, ...(labels ? {labels} : {})}
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {value}}
}

const apply = (object: KubernetesObject, more: Partial<Apply> = {}): Apply => ({
  ...common,
  action: 'apply',
  object,
  ...more,
})

/** Compares changes with live objects. Dry runs return their input, or a conflict if `owner` is set. */
async function compare(changes: Change[], live: KubernetesObject[] = [], owner?: string) {
  const dryRuns: KubernetesObject[] = []
  const cluster = {
    context: 'ctx',
    get: async () => undefined,
    list: async () => [],
    apply: async (object: KubernetesObject, {force}: {force: boolean}) => {
      dryRuns.push(object)
      if (owner !== undefined && !force)
        throw new ConflictError(refOf(object), [{field: '.data.value', manager: owner}], 'conflict')
      return object
    },
  } as unknown as Cluster
  const {steps} = await compareCluster(cluster, 'east', changes, {...options, known: live})
  return {steps, dryRuns, verdicts: steps.map(({verdict}) => verdict)}
}

describe('an apply', () => {
  test('of a new object is a dry run with the membership label', async () => {
    const {verdicts, dryRuns} = await compare([apply(configMap('x', '1'))])
    expect(verdicts).toEqual(['create'])
    expect(dryRuns.map(({metadata}) => metadata.labels)).toEqual([{[partOfLabel]: applySetId(set)}])
  })

  test('of an existing object adds no membership label, but keeps that of another set', async () => {
    const foreign = configMap('x', '0')
    const member = configMap('y', '0', {[partOfLabel]: 'applyset-y-v1'})
    const changes = [apply(configMap('x', '1')), apply(configMap('y', '1'))]
    const {verdicts, dryRuns} = await compare(changes, [foreign, member])
    expect(verdicts).toEqual(['update', 'update'])
    expect(dryRuns.map(({metadata}) => metadata.labels?.[partOfLabel])).toEqual([undefined, 'applyset-y-v1'])
  })

  test('needs no dry run for an object that has all values already', async () => {
    const {verdicts, dryRuns} = await compare([apply(configMap('x', '1'))], [configMap('x', '1', {team: 'a'})])
    expect(verdicts).toEqual(['unchanged'])
    expect(dryRuns).toEqual([])
  })

  test('reports a conflict with the result that --force-conflicts would have', async () => {
    const {steps} = await compare([apply(configMap('x', '1'))], [configMap('x', '0')], 'helm')
    expect(steps).toMatchObject([
      {
        verdict: 'conflict',
        merged: {data: {value: '1'}},
        problem: {message: 'east: configmap/x in a: other managers own .data.value (helm)'},
      },
    ])
  })

  test('is not dry-run while it is pending and new, or in a namespace or of a kind that the plan creates', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {name: 'things.example.com'},
      spec: {group: 'example.com', names: {kind: 'Thing'}},
    }
    const {dryRuns} = await compare([
      {...common, action: 'edit', target: {apiVersion: 'v1', kind: 'Namespace', name: 'new'}, edits: [], create: true},
      apply({...configMap('x', '1'), metadata: {namespace: 'new', name: 'x'}}),
      apply(definition),
      apply({apiVersion: 'example.com/v1', kind: 'Thing', metadata: {namespace: 'a', name: 'x'}}),
      apply(configMap('y', ''), {pending: 'waits for a token'}),
    ])
    expect(dryRuns.map(({kind}) => kind)).toEqual(['CustomResourceDefinition'])
  })

  test('is dry-run for the first twenty of many similar new objects', async () => {
    const {dryRuns} = await compare(Array.from({length: 30}, (_, at) => apply(configMap(`x${at}`, '1'))))
    expect(dryRuns).toHaveLength(20)
  })
})

describe('edits and removals', () => {
  const target = {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'x'}
  const edit: Change = {...common, action: 'edit', target, edits: [{at: 'data', key: 'value', value: '1'}]}

  test.each<[string, Change, KubernetesObject[], object]>([
    ['an edit that changes nothing', edit, [configMap('x', '1')], {verdict: 'unchanged'}],
    ['an edit of a value without a recorded manager', edit, [configMap('x', '0')], {verdict: 'conflict'}],
    ['an edit of a missing value', edit, [{...configMap('x', ''), data: {}}], {verdict: 'update'}],
    [
      'an edit without a target',
      edit,
      [],
      {verdict: 'conflict', problem: {message: 'east: configmap/x in a does not exist'}},
    ],
    [
      'an edit that may create its target',
      {...edit, create: true},
      [],
      {verdict: 'create', merged: {data: {value: '1'}}},
    ],
    ['a removal', {...common, action: 'remove', target}, [configMap('x', '1')], {verdict: 'remove', merged: undefined}],
    ['a removal of a missing object', {...common, action: 'remove', target}, [], {verdict: 'unchanged'}],
  ])('%s', async (_, change, live, expected) => expect((await compare([change], live)).steps).toMatchObject([expected]))
})
