import {beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import {memberLists} from '../../support/ground/members.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** The objects of the ground in each cluster, in a form that is comparable between runs. */
async function stateOf(ground: Ground): Promise<unknown> {
  return Promise.all(
    ground.clusters.map(async ({api}) => comparable(await readAll(api, ground.namespace), ground.namespace)),
  )
}

/** Runs `mesh federate`, and kills it (SIGKILL) at write request number `after + 1`. Returns whether it was killed. */
async function killAfter(ground: Ground, after: number, args: string[]): Promise<boolean> {
  const {code, stderr} = await ground.federate(args, killedAfter(ground, after))
  ground.reset()
  if (code === 0) return false
  expect(code, stderr).toBe(-1)
  return true
}

describe.skipIf(!servers)('killed with SIGKILL', () => {
  let undisturbed: unknown
  let writes: number

  beforeAll(async () => {
    const ground = await openGround(servers!)
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    writes = ground.writes().length
    undisturbed = await stateOf(ground)
    await ground.close()
  })

  // Covers a first run that is killed after any number of writes, and also that each run makes progress.
  it('after each write in turn: the next run continues, to the same result and without duplicates', async () => {
    const ground = await openGround(servers!)
    let kills = 0
    while (await killAfter(ground, 1, ['--yes'])) expect(++kills).toBeLessThan(2 * writes)
    // Two clusters are written concurrently, so two writes may pass at the same time.
    expect(kills).toBeGreaterThan(writes / 3)
    expect(await stateOf(ground)).toEqual(undisturbed)
    for (const {api} of ground.clusters) {
      const {listed, live} = await memberLists(api, ground.namespace, 'kubectl-mesh-federation')
      expect(listed).toEqual(live)
      expect(listed.length).toBeGreaterThan(5)
    }
    const second = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(second.code, second.stdout).toBe(0)
    await ground.close()
  })
})
