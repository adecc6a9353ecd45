import {expect, test} from 'vitest'
import type {Cluster, DeleteOptions} from '../../../../../src/engine/cluster/cluster.ts'
import type {ObjectRef} from '../../../../../src/engine/kubernetes/object.ts'
import type {TrafficSide} from '../../../../../src/features/federate/verify/traffic/sides.ts'
import {deleteNamespaces} from '../../../../../src/features/federate/verify/traffic/workloads.ts'
import type {Terminal} from '../../../../../src/terminal/output/terminal.ts'
import {member} from '../../../../mesh/samples.ts'

test('deletes only namespaces with our name and label, by UID', async () => {
  const deleted: unknown[] = []
  const namespace = (name: string, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {name, uid: `uid-${name}`, labels: {'kubectl-mesh.io/federate-verify': 'throw-away'}, ...more},
  })
  const cluster = {
    list: async () => [
      namespace('mesh-verify-0a1b2c'),
      namespace('victim'),
      namespace('mesh-verify-x.y'),
      namespace('mesh-verify-ending', {deletionTimestamp: '2026-01-01T00:00:00Z'}),
    ],
    delete: async ({name}: ObjectRef, options?: DeleteOptions) => {
      deleted.push([name, options])
      return true
    },
  } as unknown as Cluster
  const side = {cluster, member: member('east')} as unknown as TrafficSide
  await deleteNamespaces([side], {message: () => undefined} as unknown as Terminal)
  expect(deleted).toEqual([['mesh-verify-0a1b2c', {uid: 'uid-mesh-verify-0a1b2c'}]])
})
