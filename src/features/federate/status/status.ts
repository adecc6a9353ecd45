import {type ExitCode, exitCodes} from '../../../errors.ts'
import {readForecasts} from '../../../mesh/capacity/read.ts'
import {type ListRun, printListing} from '../../../run/list-run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {readFederationStatus} from './read-status.ts'
import {hasFailed, statusListing} from './report.ts'
import {statusFields} from './spec.ts'

/**
 * Shows the clusters of a federation, the credentials that they hold for each other, and the findings of the checks. With
 * `-o wide` or `--at`, also forecasts what the mesh needs. Only reads.
 *
 * @returns 5 if the status shows a ✘
 * @throws MeshError (exit 2) for invalid input
 */
export async function federationStatus(raw: RawSpec<typeof statusFields>, run: ListRun): Promise<ExitCode> {
  const spec = readSpec(statusFields, raw)
  const {report, members} = await readFederationStatus(raw, run.access)
  const needs = spec.at !== undefined || run.list.output === 'wide'
  const forecasts = needs ? await readForecasts(members, spec.at) : undefined
  printListing(run, statusListing({...report, ...(forecasts ? {forecasts} : {})}))
  return hasFailed(report) ? exitCodes.check : exitCodes.ok
}
