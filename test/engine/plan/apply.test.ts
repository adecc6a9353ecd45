import {describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {ApiError} from '../../../src/engine/cluster/errors.ts'
import type {Change, Edit} from '../../../src/engine/kubernetes/change.ts'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {applyCluster} from '../../../src/engine/plan/apply.ts'
import type {Step, Verdict} from '../../../src/engine/plan/plan.ts'

const options = {manager: 'kubectl-mesh', force: false}
const common = {cluster: 'east', wave: 10} as const
const create = (kind: string, name: string): Change => ({
  ...common,
  action: 'apply',
  object: {apiVersion: 'v1', kind, metadata: {name}},
})
const step = (change: Change, verdict: Verdict = 'create', live?: KubernetesObject): Step => ({
  change,
  ref: targetOf(change),
  verdict,
  live,
  merged: undefined,
})

describe('applyCluster', () => {
  test('does not try the groups after a failed one, and reports writes as they end', async () => {
    const written: string[] = []
    const cluster = {
      apply: async ({metadata}: KubernetesObject) => {
        written.push(metadata.name)
        if (metadata.name === 'bad') throw new ApiError(403, 'Forbidden', 'no')
      },
    } as unknown as Cluster
    const steps = [
      step(create('Namespace', 'same'), 'unchanged'),
      step(create('ConfigMap', 'bad')),
      step(create('ConfigMap', 'good')),
      step(create('Secret', 'later')),
    ]
    const reported: string[] = []
    const outcomes = await applyCluster(
      cluster,
      {cluster: 'east', steps},
      {...options, onOutcome: outcome => reported.push(outcome.step.ref.name)},
    )
    expect(outcomes.map(({result}) => result)).toEqual(['unchanged', 'failed', 'ok', 'not tried'])
    expect(written).toEqual(['bad', 'good'])
    expect(new Set(reported)).toEqual(new Set(['bad', 'good']))
  })

  test('starts no write after an abort', async () => {
    const plan = {cluster: 'east', steps: [step(create('Secret', 'x'))]}
    const outcomes = await applyCluster({} as Cluster, plan, {...options, signal: AbortSignal.abort()})
    expect(outcomes.map(({result}) => result)).toEqual(['not tried'])
  })

  test('an abort ends the wait for a new kind: the definition is written, and nothing follows', async () => {
    const stop = new AbortController()
    const cluster = {
      apply: async (object: KubernetesObject) => object,
      get: async () => {
        stop.abort(new Error('SIGINT'))
        return undefined
      },
    } as unknown as Cluster
    const steps = [step(create('CustomResourceDefinition', 'x')), step(create('Secret', 'later'))]
    const outcomes = await applyCluster(cluster, {cluster: 'east', steps}, {...options, signal: stop.signal})
    expect(outcomes.map(({result}) => result)).toEqual(['ok', 'not tried'])
  })

  test('removes only the object with the planned uid', async () => {
    const removed: unknown[] = []
    const cluster = {delete: async (...call: unknown[]) => removed.push(call)} as unknown as Cluster
    const target = {apiVersion: 'v1', kind: 'Secret', namespace: 'a', name: 'x'}
    const live = {apiVersion: 'v1', kind: 'Secret', metadata: {namespace: 'a', name: 'x', uid: 'u'}}
    await applyCluster(
      cluster,
      {cluster: 'east', steps: [step({...common, action: 'remove', target}, 'remove', live)]},
      options,
    )
    expect(removed).toEqual([[target, {uid: 'u'}]])
  })
})

describe('edits', () => {
  const target = {apiVersion: 'v1', kind: 'Namespace', name: 'n'}
  const edit: Edit = {...common, action: 'edit', target, edits: [{at: 'label', key: 'k', value: 'new'}]}
  const namespace = (resourceVersion: string, more: Partial<KubernetesObject['metadata']> = {}): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {name: 'n', resourceVersion, ...more},
  })

  /** Applies the edit. `current` is the object that the cluster returns after each conflict. */
  async function applyEdit(planned: KubernetesObject, current: KubernetesObject | undefined) {
    const patches: unknown[] = []
    const cluster = {
      get: async () => current,
      patch: async (_: unknown, patch: {metadata: {resourceVersion: string}}) => {
        patches.push(patch)
        if (patch.metadata.resourceVersion !== current?.metadata.resourceVersion)
          throw new ApiError(409, 'Conflict', 'the object has been modified')
      },
    } as unknown as Cluster
    const plan = {cluster: 'east', steps: [step(edit, 'update', planned)]}
    const [outcome] = await applyCluster(cluster, plan, options)
    return {patches, ...outcome!}
  }

  test('are computed again on an object that has changed', async () => {
    const {result, patches} = await applyEdit(namespace('1'), namespace('2'))
    expect(result).toBe('ok')
    expect(patches).toEqual(['1', '2'].map(resourceVersion => ({metadata: {labels: {k: 'new'}, resourceVersion}})))
  })

  test('do not overwrite a value that another manager set after the plan', async () => {
    const fieldsV1 = {'f:metadata': {'f:labels': {'f:k': {}}}}
    const current = namespace('2', {labels: {k: 'theirs'}, managedFields: [{manager: 'helm', fieldsV1}]})
    expect(await applyEdit(namespace('1'), current)).toMatchObject({
      result: 'failed',
      error: {message: 'namespace/n: helm set label k to theirs after the plan was computed'},
    })
  })

  test('fail if the object no longer exists', async () =>
    expect(await applyEdit(namespace('1'), undefined)).toMatchObject({
      result: 'failed',
      error: {message: 'namespace/n no longer exists'},
    }))
})
