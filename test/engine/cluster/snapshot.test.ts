import {expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {snapshotOf} from '../../../src/engine/cluster/snapshot.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'

const secretKind = {apiVersion: 'v1', kind: 'Secret'}
const secret = (name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  ...secretKind,
  metadata: {name, namespace: 'mesh', labels},
})

function clusterWith(objects: KubernetesObject[]) {
  const sent: string[] = []
  const cluster = {
    list: async ({kind}, {namespace = '*', labelSelector = ''} = {}) => {
      sent.push(`list ${kind} ${namespace} ${labelSelector}`.trim())
      return objects.filter(object => object.kind === kind)
    },
    get: async ({kind, name}) => {
      sent.push(`get ${kind} ${name}`)
      return objects.find(object => object.kind === kind && object.metadata.name === name)
    },
    read: async path => {
      sent.push(path)
      return {}
    },
  } as Partial<Cluster> as Cluster
  return {sent, snapshot: snapshotOf(cluster, {namespace: 'mesh', kinds: [secretKind]})}
}

test('one LIST of a namespace answers all reads of a kind there', async () => {
  const {sent, snapshot} = clusterWith([secret('a', {app: 'x'}), secret('b', {app: 'y'}), secret('c')])
  const names = async (labelSelector: string) =>
    (await snapshot.list(secretKind, {namespace: 'mesh', labelSelector})).map(({metadata}) => metadata.name)
  const [x, labelled, got, absent] = await Promise.all([
    names('app=x'),
    names('app'),
    snapshot.get({...secretKind, namespace: 'mesh', name: 'b'}),
    snapshot.get({...secretKind, namespace: 'mesh', name: 'z'}),
  ])
  expect([x, labelled, got?.metadata.name, absent]).toEqual([['a'], ['a', 'b'], 'b', undefined])
  expect(sent).toEqual(['list Secret mesh'])
})

test('selectors that only the server evaluates, other namespaces and other kinds are sent, each once', async () => {
  const {sent, snapshot} = clusterWith([secret('a')])
  for (let round = 0; round < 2; round++) {
    await snapshot.list(secretKind, {namespace: 'mesh', labelSelector: 'app in (x,y)'})
    await snapshot.list(secretKind, {namespace: 'other'})
    await snapshot.get({apiVersion: 'v1', kind: 'Namespace', name: 'mesh'})
    await snapshot.read('/version')
  }
  expect(sent).toEqual(['list Secret mesh app in (x,y)', 'list Secret other', 'get Namespace mesh', '/version'])
})

test('a refreshed snapshot reads only what may have changed', async () => {
  const objects = [secret('a')]
  const {sent, snapshot} = clusterWith(objects)
  await snapshot.list(secretKind, {namespace: 'mesh'})
  await snapshot.read('/version')
  objects.push(secret('b'))
  expect(await snapshot.get({...secretKind, namespace: 'mesh', name: 'b'})).toBeUndefined()
  const refreshed = snapshot.refreshed(({kind}) => kind === 'Secret')
  expect(await refreshed.get({...secretKind, namespace: 'mesh', name: 'b'})).toBeDefined()
  await refreshed.read('/version')
  expect(sent).toEqual(['list Secret mesh', '/version', 'list Secret mesh'])
})
