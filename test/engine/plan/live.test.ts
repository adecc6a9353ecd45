import {expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import type {KubernetesObject, ObjectKind, ObjectRef} from '../../../src/engine/kubernetes/object.ts'
import {refKey} from '../../../src/engine/kubernetes/object.ts'
import {readLive} from '../../../src/engine/plan/live.ts'

const refTo = (name: string, namespace = 'a'): ObjectRef => ({apiVersion: 'v1', kind: 'Secret', namespace, name})

/** A cluster with Secrets of these names in namespace `a`. */
function clusterWith(...names: string[]) {
  const requests: string[] = []
  const objects = names.map(
    (name): KubernetesObject => ({apiVersion: 'v1', kind: 'Secret', metadata: {namespace: 'a', name}}),
  )
  const cluster = {
    get: async ({namespace, name}: ObjectRef) => {
      requests.push(`GET ${namespace}/${name}`)
      return objects.find(({metadata}) => metadata.name === name && metadata.namespace === namespace)
    },
    list: async ({kind}: ObjectKind, {namespace}: {namespace?: string}) => {
      requests.push(`LIST ${kind} ${namespace}`)
      return objects.filter(({metadata}) => metadata.namespace === namespace)
    },
  } as unknown as Cluster
  return {cluster, requests}
}

test('reads few objects one by one; objects that do not exist are absent', async () => {
  const {cluster, requests} = clusterWith('x')
  const live = await readLive(cluster, [refTo('x'), refTo('y'), refTo('x', 'b')])
  expect([...live.keys()]).toEqual([refKey(refTo('x'))])
  expect(requests).toEqual(['GET a/x', 'GET a/y', 'GET b/x'])
})

test('reads three objects of a kind and namespace with one LIST, and drops the other objects', async () => {
  const {cluster, requests} = clusterWith('x', 'y', 'unrelated')
  const live = await readLive(
    cluster,
    ['x', 'y', 'z'].map(name => refTo(name)),
  )
  expect([...live.keys()]).toEqual([refTo('x'), refTo('y')].map(refKey))
  expect(requests).toEqual(['LIST Secret a'])
})
