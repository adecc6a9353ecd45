import {describe, expect, test} from 'vitest'
import {UnreachableError} from '../../../../src/engine/cluster/errors.ts'
import {InClusterError} from '../../../../src/engine/kubeconfig/in-cluster.ts'
import type {Change} from '../../../../src/engine/kubernetes/change.ts'
import {type Wave, waves} from '../../../../src/engine/kubernetes/waves.ts'
import type {Step, Verdict} from '../../../../src/engine/plan/plan.ts'
import {failuresIn, isPlannedLater, planReachable, waitInEach} from '../../../../src/features/federate/stages/stage.ts'
import {member} from '../../../mesh/samples.ts'

const [east, west] = [member('east'), member('west')]
const target = {apiVersion: 'v1', kind: 'Secret', name: 's'}

function step(action: 'apply' | 'remove', wave: Wave, verdict: Verdict = 'create', pending?: string): Step {
  const object = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 's'}}
  const change: Change =
    action === 'remove'
      ? {action, cluster: 'east', wave, target}
      : {action, cluster: 'east', wave, object, ...(pending ? {pending} : {})}
  return {change, ref: target, verdict, live: undefined, merged: undefined}
}

test.each<[string, Step, boolean]>([
  ['a token Secret', step('apply', waves.credentials), false],
  ['a remote Secret', step('apply', waves.remoteSecrets), true],
  ['the removal of a remote Secret', step('remove', waves.remoteSecrets), false],
  ['the control plane of a remote', step('apply', waves.remoteControlPlane), true],
  ['the removal of a remote gateway', step('remove', waves.remoteGateways), true],
])('isPlannedLater: %s', (_, one, expected) => expect(isPlannedLater(one)).toBe(expected))

test('conflicts and incomplete objects are failures', () => {
  const conflict = {...step('apply', waves.gateways, 'conflict'), problem: {message: 'east: conflict'}}
  const plan = {cluster: 'east', steps: [conflict, step('apply', waves.remoteSecrets, 'create', 'no token')]}
  expect(failuresIn([plan]).map(([cluster, {message}]) => `${cluster}|${message}`)).toEqual([
    'east|east: conflict',
    'east|east: secret/s is still incomplete: no token',
  ])
  expect(failuresIn([plan], () => [])).toHaveLength(1)
})

describe('planReachable', () => {
  const unreachable = (cluster: string) => {
    const cause = Object.assign(Object.create(UnreachableError.prototype) as UnreachableError, {message: 'refused'})
    return new InClusterError(cluster, cause)
  }

  test('plans again without a cluster that fails', async () => {
    const result = await planReachable([east, west], async members => {
      if (members.includes(west)) throw unreachable('west')
      return members.map(({cluster}) => ({cluster, steps: []}))
    })
    expect(result.plans).toEqual([{cluster: 'east', steps: []}])
    expect(result.failures).toMatchObject([['west', {message: 'west: refused'}]])
  })

  test('throws other errors, and failures of clusters that are not members', async () => {
    const failWith = (error: Error) => planReachable([east], () => Promise.reject(error))
    await expect(failWith(new TypeError('bug'))).rejects.toThrow('bug')
    await expect(failWith(unreachable('renamed'))).rejects.toThrow('refused')
  })
})

test('waitInEach returns the failures only', async () => {
  const failures = await waitInEach(
    [east, west],
    async ({cluster}) => {
      if (cluster === 'west') throw new Error('late')
    },
    ({cluster}, error) => ({message: `${cluster}: ${(error as Error).message}`}),
  )
  expect(failures).toEqual([['west', {message: 'west: late'}]])
})
