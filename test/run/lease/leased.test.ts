import {describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import type {Change} from '../../../src/engine/kubernetes/change.ts'
import {waves} from '../../../src/engine/kubernetes/waves.ts'
import type {Outcome} from '../../../src/engine/plan/apply.ts'
import type {ClusterPlan, Step} from '../../../src/engine/plan/plan.ts'
import {type ApplyOne, applyLeased} from '../../../src/run/lease/leased.ts'
import type {Leases} from '../../../src/run/lease/leases.ts'
import type {WrittenPlane} from '../../../src/run/lease/plane.ts'
import type {Run} from '../../../src/run/run.ts'

const step = (kind: string, name: string): Step => {
  const ref = {apiVersion: 'v1', kind, name}
  const change: Change = {action: 'remove', cluster: 'east', wave: waves.namespaces, target: ref}
  return {change, ref, verdict: 'create', live: undefined, merged: undefined}
}
const plan: ClusterPlan = {cluster: 'east', namespace: 'mesh', steps: [step('Namespace', 'mesh'), step('Secret', 's')]}
const clusters = new Map([['east', {} as Cluster]])

/**
 * Applies the plan, a group for each step.
 *
 * @param held the results of the attempts to take the lease: whether another run holds it
 */
async function apply(held: boolean[], lost?: AbortSignal): Promise<string[]> {
  const log: string[] = []
  const leases = {
    hasBegun: false,
    begin: () => undefined,
    lost: () => lost,
    take: async (planes: readonly WrittenPlane[]) => {
      log.push(`lease in ${planes.map(({namespace}) => namespace).join()}`)
      return {held: new Map(held.shift() ? [['east', {message: 'east: held'}]] : []), waitedFor: []}
    },
  }
  const run = {leases: leases as unknown as Leases} as Run
  const one: ApplyOne = async ({cluster, steps}, beforeGroup) => {
    const outcomes: Outcome[] = []
    for (const done of steps) {
      await beforeGroup(outcomes)
      log.push(done.ref.name)
      outcomes.push({cluster, step: done, result: 'ok'})
    }
    return outcomes
  }
  await applyLeased([plan], clusters, run, one).catch((error: Error) => log.push(error.message))
  return log
}

describe('applyLeased', () => {
  test('a system namespace that the run creates comes before its lease, and everything else after it', async () => {
    expect(await apply([])).toEqual(['lease in mesh', 'mesh', 'lease in mesh', 's'])
  })

  test('another run that has created the namespace at the same time is the only one that continues', async () => {
    expect(await apply([false, true])).toEqual(['lease in mesh', 'mesh', 'lease in mesh', 'east: held'])
  })

  test('nothing is written while another run holds the lease, or after it has taken it over', async () => {
    expect(await apply([true])).toEqual(['lease in mesh', 'east: held'])
    expect(await apply([], AbortSignal.abort(new Error('taken over')))).toEqual(['lease in mesh', 'taken over'])
  })
})
