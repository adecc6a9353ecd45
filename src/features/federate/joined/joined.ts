import {type ReportedFinding, runChecks} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import type {Run} from '../../../run/run.ts'
import type {Federation} from '../spec.ts'
import {joinedChecks} from './checks.ts'
import {readRejectedServers} from './read.ts'

/**
 * Checks whether the clusters can use each other. Without waiting, gateways are still starting, and nothing is checked.
 *
 * @param after clusters as they are after the last write, without those that failed
 * @returns `not checked` without waiting
 */
export async function checkJoined(
  spec: Federation,
  after: readonly MeshMember[],
  run: Run,
): Promise<ReportedFinding[] | 'not checked'> {
  if (!run.write.wait) return 'not checked'
  const all = after.filter(({facts}) => facts !== undefined)
  return runChecks(joinedChecks, {
    ...{spec, all, denied: new Map(), now: new Date()},
    roots: {folder: undefined, folderName: undefined},
    rejectedServers: await readRejectedServers(all),
  })
}
