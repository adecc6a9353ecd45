import {type ExitCode, exitCodes} from '../../../errors.ts'
import {type ListRun, printListing} from '../../../run/list-run.ts'
import type {RawSpec} from '../../../spec/read.ts'
import {readFederationStatus} from './read-status.ts'
import {statusListing} from './report.ts'
import type {federationStatusFields} from './spec.ts'

/**
 * Shows the clusters of a federation, the credentials that they hold for each other, and the findings of the checks. Only
 * reads.
 *
 * @returns 5 if a cluster could not be read
 * @throws MeshError (exit 2) for invalid input
 */
export async function federationStatus(raw: RawSpec<typeof federationStatusFields>, run: ListRun): Promise<ExitCode> {
  const {report} = await readFederationStatus(raw, run.access)
  printListing(run, statusListing(report))
  return report.rows.some(({error}) => error !== undefined) ? exitCodes.check : exitCodes.ok
}
