import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {applySetId, applySetParentRef, asMember, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {applySetParent, applySetParentRemoval} from '../../../src/engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {waves} from '../../../src/engine/kubernetes/waves.ts'
import {applyCluster, type Outcome} from '../../../src/engine/plan/apply.ts'
import {compareCluster} from '../../../src/engine/plan/compare.ts'
import {type Membership, readMembership} from '../../../src/engine/plan/membership.ts'
import {pruneChanges} from '../../../src/engine/plan/prune.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const manager = 'kubectl-mesh'
const [mesh, team] = ['membership-mesh', 'membership-team']
const secret = {apiVersion: 'v1', kind: 'Secret'}
const set = {name: 'kubectl-mesh-test', namespace: mesh, kinds: [secret]}
const parent = applySetParent(set, 'east', {cluster: 'east'})

const object = (namespace: string, name: string): KubernetesObject => ({...secret, metadata: {namespace, name}})
const change = (namespace: string, name: string): Change => ({
  action: 'apply',
  cluster: 'east',
  wave: waves.credentials,
  object: object(namespace, name),
})
const forged = (namespace: string, name: string) => asMember(object(namespace, name), applySetId(set))
const namesOf = (objects: readonly KubernetesObject[]) => objects.map(({metadata}) => metadata.name).sort()

describe.skipIf(!servers)('the list of members', () => {
  let east: Cluster
  beforeAll(async () => {
    east = await connectCluster(loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}}), 'east', {
      fieldManager: manager,
    })
    for (const name of [mesh, team]) await east.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name}})
  })
  beforeEach(async () => {
    await east.delete(applySetParentRef(set))
    for (const namespace of [mesh, team])
      for (const {metadata} of await east.list(secret, {namespace}))
        await east.delete({...secret, namespace, name: metadata.name})
  })
  afterAll(() => east?.close())

  /** Compares and applies, through another connection if one is given. */
  async function run(changes: readonly Change[], through: Cluster = east): Promise<Outcome[]> {
    const plan = await compareCluster(through, 'east', changes, {manager, force: false, set})
    return applyCluster(through, plan, {manager, force: false})
  }
  /** Fails the writes for which `isLost` returns true after the server has carried them out, as a kill at this point would. */
  function killed(isLost: (verb: string, name: string) => boolean): Cluster {
    const lose = (verb: string, name: string) => {
      if (isLost(verb, name)) throw new Error('killed')
    }
    return {
      ...east,
      apply: async (applied, options) => {
        const result = await east.apply(applied, options)
        if (!options?.dryRun) lose('apply', applied.metadata.name)
        return result
      },
      patch: async (ref, patch, options) => {
        lose('patch', ref.name)
        return east.patch(ref, patch, options)
      },
    }
  }
  const read = (): Promise<Membership> => readMembership(east, set)
  const lines = async () => ((await east.get(applySetParentRef(set)))!.data as Record<string, string>).members

  test('has the UIDs of created objects, and a second run writes nothing', async () => {
    const outcomes = await run([parent, change(mesh, 'a'), change(team, 'b')])
    expect(outcomes.map(({result}) => result)).toEqual(['ok', 'ok', 'ok'])
    const {objects, unrecorded} = await read()
    expect(namesOf(objects)).toEqual(['a', 'b'])
    expect(unrecorded).toEqual([])
    expect(await lines()).toBe(
      objects
        .map(({metadata}) => `v1 Secret ${metadata.namespace} ${metadata.name} ${metadata.uid}\n`)
        .sort()
        .join(''),
    )
    const version = (await east.get(applySetParentRef(set)))!.metadata.resourceVersion
    const again = await run([parent, change(mesh, 'a'), change(team, 'b')])
    expect(again.map(({result}) => result)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    expect((await east.get(applySetParentRef(set)))!.metadata.resourceVersion).toBe(version)
  })

  test('a forged label proves nothing, and an existing object does not become ours', async () => {
    await east.apply(object(team, 'existing'))
    await run([parent, change(mesh, 'a'), change(team, 'existing')])
    await east.apply(forged(team, 'forged'))
    const {objects, unrecorded, owns} = await read()
    expect(namesOf(objects)).toEqual(['a'])
    expect(namesOf(unrecorded)).toEqual(['forged'])
    expect(owns((await east.get({...secret, namespace: team, name: 'forged'}))!)).toBe(false)
  })

  test('without a parent, a label proves nothing in its namespace either', async () => {
    await east.apply(forged(mesh, 'forged'))
    const before = await read()
    expect(before.objects).toEqual([])
    expect(namesOf(before.unrecorded)).toEqual(['forged'])
    await run([parent, change(mesh, 'a'), ...pruneChanges('east', before.objects, [], () => false)])
    expect(namesOf((await read()).unrecorded)).toEqual(['forged'])
  })

  test('an object that replaced ours is not ours, and is not removed', async () => {
    await run([parent, change(team, 'a')])
    const {objects} = await read()
    await east.delete({...secret, namespace: team, name: 'a'})
    await east.apply(forged(team, 'a'))
    expect(namesOf((await read()).unrecorded)).toEqual(['a'])
    const outcomes = await run(pruneChanges('east', objects, [], () => false))
    expect(outcomes.map(({result}) => result)).toEqual(['unchanged'])
    expect(await east.get({...secret, namespace: team, name: 'a'})).toBeDefined()
  })

  test('a member without its label or with an owner is still ours', async () => {
    await run([parent, change(team, 'a'), change(team, 'b')])
    const owner = {apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '11111111-1111-1111-1111-111111111111'}
    await east.patch({...secret, namespace: team, name: 'a'}, {metadata: {labels: null}})
    await east.patch({...secret, namespace: team, name: 'b'}, {metadata: {ownerReferences: [owner]}})
    expect(namesOf((await read()).objects)).toEqual(['a', 'b'])
  })

  test('removal deletes members, and the list forgets them', async () => {
    await run([parent, change(team, 'a'), change(team, 'b')])
    const {objects} = await read()
    await run(pruneChanges('east', objects, [parent, change(team, 'a')], () => false))
    expect(await lines()).toMatch(/^v1 Secret membership-team a \S+\n$/)
    await run([...pruneChanges('east', (await read()).objects, [], () => false), applySetParentRemoval(set, 'east')])
    expect(await east.get(applySetParentRef(set))).toBeUndefined()
  })

  test.each<[string, (verb: string, name: string) => boolean]>([
    ['after the parent', (verb, name) => verb === 'apply' && name === set.name],
    ['before the intents', verb => verb === 'patch'],
    ['after an object', (_, name) => name === 'a'],
  ])('a run that ends %s is completed by the next', async (_, isLost) => {
    const changes = [parent, change(team, 'a'), change(team, 'b')]
    expect((await run(changes, killed(isLost))).some(({result}) => result === 'failed')).toBe(true)
    await run(changes)
    expect(namesOf((await read()).objects)).toEqual(['a', 'b'])
    expect(await lines()).not.toMatch(/ -$/m)
  })

  test('a plan that is applied in parts, or killed after its parent, lists no object with a copied label', async () => {
    await east.apply(forged(mesh, 'forged'))
    await run([parent])
    await run([parent])
    expect(namesOf((await read()).unrecorded)).toEqual(['forged'])
    await run([change(mesh, 'a')])
    const {objects, unrecorded} = await read()
    expect(namesOf(objects)).toEqual(['a'])
    expect(namesOf(unrecorded)).toEqual(['forged'])
  })

  test('nothing is created whose intent is not listed', async () => {
    await run(
      [parent, change(team, 'a'), change(team, 'b')],
      killed(verb => verb === 'patch'),
    )
    expect(await east.list(secret, {namespace: team})).toEqual([])
  })

  test('a set of version 0.1.0: only objects beside the parent count, until a run applies the other versions', async () => {
    for (const [namespace, name] of [
      [mesh, 'a'],
      [team, 'b'],
      [team, 'old'],
    ] as const)
      await east.apply(forged(namespace, name))
    await east.apply(parent.object)
    const before = await read()
    expect(namesOf(before.objects)).toEqual(['a'])
    expect(namesOf(before.unrecorded)).toEqual(['b', 'old'])
    expect(namesOf((await readMembership(east, set, {trustLabels: true})).objects)).toEqual(['a', 'b', 'old'])
    await run([parent, change(team, 'b')])
    const after = await read()
    expect(namesOf(after.objects)).toEqual(['a', 'b'])
    expect(namesOf(after.unrecorded)).toEqual(['old'])
  })

  describe('a set of version 0.1.0 with its parent in a namespace that other users can write', () => {
    const former = {name: 'kubectl-mesh-old', namespace: team}
    const moved = {...set, former}
    const movedParent = applySetParent(moved, 'east', {cluster: 'east'})
    const old = (name: string) => asMember(object(team, name), applySetId(former))
    const changes = [movedParent, change(team, 'a'), change(team, 'b'), change(mesh, 'c')]
    const apply = async (through: Cluster) =>
      applyCluster(through, await compareCluster(through, 'east', changes, {manager, force: false, set: moved}), {
        manager,
        force: false,
      })

    test('a run lists what it applies, and everything at once', async () => {
      for (const name of ['a', 'b']) await east.apply(old(name))
      // The run ends after the first write that follows the list: only one object has its new label.
      await apply(killed((verb, name) => verb === 'apply' && name === 'c'))
      const text = await lines()
      expect(text).toMatch(
        /^v1 Secret membership-mesh c \S+\nv1 Secret membership-team a \S{9,}\nv1 Secret membership-team b \S{9,}\n$/,
      )
      await apply(east)
      const {objects, unrecorded} = await readMembership(east, moved)
      expect({objects: namesOf(objects), unrecorded}).toEqual({objects: ['a', 'b', 'c'], unrecorded: []})
    })

    test('once a list exists, its label proves nothing', async () => {
      await apply(east)
      await east.delete({...secret, namespace: team, name: 'b'})
      await east.apply(old('b'))
      await apply(east)
      expect(namesOf((await readMembership(east, moved)).objects)).toEqual(['a', 'c'])
      const forgery = (await east.get({...secret, namespace: team, name: 'b'}))!
      expect(forgery.metadata.labels?.[partOfLabel]).toBe(applySetId(former))
    })
  })

  test('two runs at the same time lose no entry', async () => {
    await run([parent])
    await Promise.all(['a', 'b', 'c', 'd'].map(name => run([parent, change(team, name)])))
    expect(namesOf((await read()).objects)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('created namespaces are listed with their UIDs; existing ones are not', async () => {
    const create = (name: string): Change => ({
      action: 'edit',
      cluster: 'east',
      wave: waves.namespaces,
      target: {apiVersion: 'v1', kind: 'Namespace', name},
      edits: [{at: 'label', key: 'membership', value: 'yes'}],
      create: true,
    })
    const fresh = `membership-${Date.now()}`
    await run([parent, create(fresh), create(team)])
    const {namespaces} = await read()
    expect([...namespaces.keys()]).toEqual([fresh])
    await east.delete({apiVersion: 'v1', kind: 'Namespace', name: fresh})
  })
})
