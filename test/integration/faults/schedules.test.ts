import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {ScenarioRunner} from '../../faults/run-scenario.ts'
import {scenarios} from '../../faults/scenarios/index.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

/** A small part of `npm run faults`. Both use the same flags, so that each scenario is prepared once. */
const seeds = [103, 112]

describe.skipIf(!sharedServers())('after random faults, the next run converges', () => {
  let servers: RunningServers
  beforeAll(async () => {
    // All objects are compared, so nothing else may use the servers.
    servers = await startServers(['east', 'west'])
  })
  afterAll(() => servers?.stop())

  it.each(scenarios)('$name', async scenario => {
    const runner = new ScenarioRunner(servers, scenario)
    try {
      for (const seed of seeds) expect(await runner.try(seed)).toBeUndefined()
    } finally {
      await runner.close()
    }
  })
})
