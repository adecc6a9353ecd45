import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {
  type ApplySet,
  applySetId,
  applySetParentRef,
  asMember,
  partOfLabel,
} from '../../../src/engine/kubernetes/applyset.ts'
import {applySetParent} from '../../../src/engine/kubernetes/applyset-parent.ts'
import type {Apply, Change} from '../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {waves} from '../../../src/engine/kubernetes/waves.ts'
import {applyCluster} from '../../../src/engine/plan/apply.ts'
import {compareCluster} from '../../../src/engine/plan/compare.ts'
import {readMembership} from '../../../src/engine/plan/membership.ts'
import {pruneChanges} from '../../../src/engine/plan/prune.ts'
import {replacedParentRemovals} from '../../../src/engine/plan/replaced-sets.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const manager = 'kubectl-mesh'
const [mesh, team] = ['replaced-mesh', 'replaced-team']
const secret = {apiVersion: 'v1', kind: 'Secret'}
const place = {namespace: mesh, kinds: [secret]}
const set: ApplySet = {...place, name: 'kubectl-mesh-test', hadRevisions: true}
const setOf = (revision: string): ApplySet => ({...place, name: `${set.name}-${revision}`})
const parentOf = (one: ApplySet) => applySetParent(one, 'east', {cluster: 'east'})

const object = (namespace: string, name: string): KubernetesObject => ({...secret, metadata: {namespace, name}})
const change = (namespace: string, name: string): Apply => ({
  action: 'apply',
  cluster: 'east',
  wave: waves.credentials,
  object: object(namespace, name),
})
const namesOf = (objects: readonly KubernetesObject[]) => objects.map(({metadata}) => metadata.name).sort()

describe.skipIf(!servers)('a set that replaces those of several revisions', () => {
  let east: Cluster
  beforeAll(async () => {
    east = await connectCluster(loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}}), 'east', {
      fieldManager: manager,
    })
    for (const name of [mesh, team]) await east.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name}})
  })
  beforeEach(async () => {
    for (const one of [set, setOf('1-30'), setOf('1-31')]) await east.delete(applySetParentRef(one))
    for (const namespace of [mesh, team])
      for (const {metadata} of await east.list(secret, {namespace}))
        await east.delete({...secret, namespace, name: metadata.name})
  })
  afterAll(() => east?.close())

  async function apply(changes: readonly Change[], own: ApplySet, through: Cluster = east) {
    const plan = await compareCluster(through, 'east', changes, {manager, force: false, set: own})
    return applyCluster(through, plan, {manager, force: false})
  }

  /** Revision 1-30 created a, b and c, and 1-31 created d. */
  async function createRevisions(): Promise<void> {
    await apply([parentOf(setOf('1-30')), change(mesh, 'a'), change(team, 'b'), change(team, 'c')], setOf('1-30'))
    await apply([parentOf(setOf('1-31')), change(team, 'd')], setOf('1-31'))
  }

  /** A run that keeps a, b and d, and prunes c. The revisions' parents are removed last. */
  async function runNew(through: Cluster = east): Promise<boolean> {
    const membership = await readMembership(through, set)
    const kept = [parentOf(set), change(mesh, 'a'), change(team, 'b'), change(team, 'd')]
    const removals = [
      ...pruneChanges('east', membership.objects, kept, () => false),
      ...replacedParentRemovals('east', membership.replaced),
    ]
    const outcomes = await apply([...kept, ...removals], membership.set, through)
    return outcomes.every(({result}) => result === 'ok' || result === 'unchanged')
  }

  /** Carries out a number of writes. Those after it fail, as they would after a kill. */
  function killedAfter(writes: number): Cluster {
    let left = writes
    const counted =
      <A extends unknown[], R>(write: (...args: A) => Promise<R>, isDry: (...args: A) => boolean) =>
      async (...args: A): Promise<R> => {
        if (isDry(...args)) return write(...args)
        if (left-- <= 0) throw new Error('killed')
        return write(...args)
      }
    return {
      ...east,
      apply: counted(east.apply, (_, options) => options?.dryRun === true),
      patch: counted(east.patch, () => false),
      delete: counted(east.delete, () => false),
    }
  }

  async function expectReplaced(): Promise<void> {
    for (const revision of ['1-30', '1-31']) expect(await east.get(applySetParentRef(setOf(revision)))).toBeUndefined()
    const {objects, unrecorded, replaced} = await readMembership(east, set)
    expect({objects: namesOf(objects), unrecorded, replaced}).toEqual({
      objects: ['a', 'b', 'd'],
      unrecorded: [],
      replaced: [],
    })
    expect(new Set(objects.map(({metadata}) => metadata.labels?.[partOfLabel]))).toEqual(new Set([applySetId(set)]))
    expect(await east.get({...secret, namespace: team, name: 'c'})).toBeUndefined()
  }

  test('the members of all revisions are ours, and the next run moves them', async () => {
    await createRevisions()
    expect(namesOf((await readMembership(east, set)).objects)).toEqual(['a', 'b', 'c', 'd'])
    expect(await runNew()).toBe(true)
    await expectReplaced()
    const version = (await east.get(applySetParentRef(set)))!.metadata.resourceVersion
    expect(await runNew()).toBe(true)
    expect((await east.get(applySetParentRef(set)))!.metadata.resourceVersion).toBe(version)
  })

  test('a run that is killed after any write is completed by the next', async () => {
    for (let writes = 0, isComplete = false; !isComplete; writes++) {
      await createRevisions()
      isComplete = await runNew(killedAfter(writes))
      expect(namesOf((await readMembership(east, set)).objects), `after ${writes} writes`).toEqual(
        expect.arrayContaining(['a', 'b', 'd']),
      )
      await runNew()
      await expectReplaced()
    }
  })

  test('a set of version 0.1.0, which has no list, is moved with the objects that prove to be ours', async () => {
    const old = setOf('1-30')
    await east.apply(parentOf(old).object)
    for (const [namespace, name] of [
      [mesh, 'a'],
      [team, 'b'],
      [team, 'forged'],
    ] as const)
      await east.apply(asMember(object(namespace, name), applySetId(old)))
    expect(namesOf((await readMembership(east, set)).objects)).toEqual(['a'])
    await runNew()
    const {objects} = await readMembership(east, set)
    expect(namesOf(objects)).toEqual(['a', 'b', 'd'])
    expect(await east.get({...secret, namespace: team, name: 'forged'})).toBeDefined()
  })

  test('a ConfigMap with another id, or with a name of another set, replaces nothing', async () => {
    await east.apply({
      ...parentOf(setOf('1-30')).object,
      metadata: {
        ...parentOf(setOf('1-30')).object.metadata,
        labels: {'applyset.kubernetes.io/id': 'applyset-other-v1'},
      },
    })
    await east.apply(parentOf({...set, name: 'kubectl-mesh-tests'}).object)
    expect((await readMembership(east, set)).replaced).toEqual([])
    await east.delete(applySetParentRef({...set, name: 'kubectl-mesh-tests'}))
  })
})
