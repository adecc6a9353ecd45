import {type FleetRun, openFleet} from '../test/support/fake/fleet-run.ts'
import {type Claim, formatTime} from './claim.ts'

/** What runs on a fleet took. */
interface Runs {
  count: number
  join: FleetRun
  /** A second run, which changes nothing. */
  again: FleetRun
}

const limitMiB = {bundled: 384, perPeer: 512}

/**
 * Joins simulated clusters, and runs the command again: growth of CPU time per cluster, and peak memory. The number of
 * requests is not comparable: simulated objects have no `managedFields`, so that each is sent as a dry run.
 *
 * @param sizes numbers of clusters with bundled credentials, the smallest first
 * @param perPeer number of clusters with one credential for each peer
 */
export async function growthClaims(sizes: readonly number[], perPeer: number): Promise<Claim[]> {
  const bundled: Runs[] = []
  for (const count of sizes) bundled.push(await runsOn(count, 'bundled'))
  const peers = await runsOn(perPeer, 'per-peer')
  const last = bundled.at(-1)!
  return [
    ...growth(bundled, 'join', 'join'),
    ...growth(bundled, 'again', 'second run'),
    memory(last, 'bundled', limitMiB.bundled),
    memory(peers, 'per-peer', limitMiB.perPeer),
  ]
}

/** The sizes that the claims are about. */
export const growthSizes = {bundled: [10, 30, 100], perPeer: 100}

async function runsOn(count: number, credentials: 'bundled' | 'per-peer'): Promise<Runs> {
  const fleet = await openFleet(count)
  try {
    const args = ['federate', ...fleet.all, '--credentials', credentials, '--no-wait', '--yes']
    const [join, again] = [await fleet.run(args), await fleet.run(args)]
    for (const {code, stderr} of [join, again])
      if (code !== 0) throw new Error(`${count} clusters, ${credentials}: exit code ${code}\n${stderr.slice(0, 2000)}`)
    return {count, join, again}
  } finally {
    await fleet.close()
  }
}

/** CPU time for each further cluster: starting the program is the same for all sizes. */
function growth(all: readonly Runs[], key: 'join' | 'again', what: string): Claim[] {
  const steps = all.slice(1).map((one, at) => {
    const before = all[at]!
    return {to: one.count, from: before.count, each: (one[key].cpuMs - before[key].cpuMs) / (one.count - before.count)}
  })
  return steps.slice(1).map((step, at) => {
    const before = steps[at]!
    return {
      what: `${what}: CPU time for each further cluster`,
      ours: `${formatTime(step.each)} from ${step.from} to ${step.to}`,
      theirs: `${formatTime(before.each)} from ${before.from} to ${before.to}`,
      value: step.each / before.each,
      bound: 1.3,
      is: 'at most',
      unit: '×',
    }
  })
}

function memory({count, join, again}: Runs, credentials: string, bound: number): Claim {
  const value = Math.max(join.peakMiB, again.peakMiB)
  return {
    what: `peak memory for ${count} clusters, ${credentials}`,
    ours: `${value.toFixed(0)} MiB`,
    theirs: '',
    value,
    bound,
    is: 'at most',
    unit: 'MiB',
  }
}
