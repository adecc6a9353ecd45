import {expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {ApiError} from '../../../src/engine/cluster/errors.ts'
import type {GraphReaders} from '../../../src/features/graph/facts.ts'
import {readGraph} from '../../../src/features/graph/read.ts'
import {healthyFacts} from './samples.ts'

const {report, members} = healthyFacts()
const readers: GraphReaders = {
  federation: async () => ({report, members}),
  tenants: async () => [],
  vms: async () => [],
  localities: async () => [{locality: {region: 'r', zone: '', subzone: ''}, nodes: 1, endpoints: 0}],
}

test('a part that the user may not read does not affect the other parts', async () => {
  const vms = async ({context}: Cluster) => {
    if (context === 'east') throw new ApiError(403, 'Forbidden', 'workloadgroups is forbidden')
    return []
  }
  const {parts} = await readGraph({...readers, vms}, 'istio-system')
  expect(parts.get('east')).toMatchObject({
    ...{vms: [], localities: [{nodes: 1}]},
    unread: [{level: 'warning', cluster: 'east', message: 'VMs cannot be read: workloadgroups is forbidden'}],
  })
  expect(parts.get('west')).toMatchObject({unread: []})
})

test('other errors are bugs, and are thrown', async () => {
  const tenants = async () => {
    throw new TypeError('bug')
  }
  await expect(readGraph({...readers, tenants}, 'istio-system')).rejects.toThrow('bug')
})

test('nothing is read from a cluster that does not answer', async () => {
  const gone = members.map(member => ({...member, facts: undefined}))
  const {parts} = await readGraph({...readers, federation: async () => ({report, members: gone})}, 'istio-system')
  expect(parts.size).toBe(0)
})
