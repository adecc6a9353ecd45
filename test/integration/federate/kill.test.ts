import type {ChildProcess} from 'node:child_process'
import {beforeAll, describe, expect, inject, it} from 'vitest'
import {type Ground, isWrite, openGround} from '../../support/ground/ground.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'

const servers = inject('servers')

/** What a federation that nobody disturbed looks like, in each cluster. */
async function stateOf(ground: Ground): Promise<unknown> {
  return Promise.all(
    ground.clusters.map(async ({api}) => comparable(await readAll(api, ground.namespace), ground.namespace)),
  )
}

/** Runs `mesh federate` and kills it (SIGKILL) when it wants to send write number `after + 1`. True: it was killed. */
async function killAfter(ground: Ground, after: number, args: string[]): Promise<boolean> {
  let child: ChildProcess | undefined
  let writes = 0
  ground.reset()
  for (const {proxy} of ground.clusters)
    proxy.decide = request => {
      if (!isWrite(request) || ++writes <= after) return 'pass'
      child!.kill('SIGKILL')
      return 'hang'
    }
  const {code, stderr} = await ground.federate(args, {onStart: started => (child = started)})
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

  // the same as killing a first run after each number of writes, with one more promise: progress is never lost
  it('after each write in turn, the next run goes on from there, to the same end and with nothing twice', async () => {
    const ground = await openGround(servers!)
    let kills = 0
    while (await killAfter(ground, 1, ['--yes'])) expect(++kills).toBeLessThan(2 * writes)
    // two clusters are written side by side: now and then two writes come through at once
    expect(kills).toBeGreaterThan(writes / 3)
    expect(await stateOf(ground)).toEqual(undisturbed)
    const again = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(again.code, again.stdout).toBe(0)
    await ground.close()
  })
})
