import {describe, expect, it} from 'vitest'
import {openFleet} from '../../support/fake/fleet-run.ts'

/** Joins `count` simulated clusters. */
async function joinFleet(count: number): Promise<{cpuMs: number; maxOpen: number; requests: number}> {
  const fleet = await openFleet(count)
  const args = [...fleet.all, '--credentials', 'bundled', '--no-wait', '--yes']
  const {code, stdout, stderr, cpuMs, requests} = await fleet.run(['federate', ...args])
  const {maxOpen} = fleet
  await fleet.close()
  expect(code, stderr).toBe(0)
  expect(stdout.match(/ joined, not checked$/gm), stderr).toHaveLength(count)
  return {cpuMs, maxOpen, requests}
}

describe('a large fleet', () => {
  it('CPU time and requests grow linearly with the number of clusters, with few concurrent requests per cluster', async () => {
    await joinFleet(3)
    const small = await joinFleet(25)
    const large = await joinFleet(100)
    expect(large.requests / small.requests).toBeLessThan(4.1)
    // Linear growth gives 4, quadratic growth 16.
    expect(large.cpuMs / small.cpuMs).toBeLessThan(6)
    expect(large.maxOpen).toBeLessThanOrEqual(16)
  })
})
