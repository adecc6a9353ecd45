import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {type ExitCode, exitCodes, MeshError, messageOf} from '../../../errors.ts'
import {type ReportedFinding, runChecks} from '../../../findings/check.ts'
import {type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {joinedWith, withRoles} from '../../../mesh/primary-remote.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {connect, type ReadRun} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {federationChecks} from '../preflight/checks.ts'
import {type Federation, federationFields} from '../spec.ts'
import {readHeld} from './read-credentials.ts'
import {formatFederationStatus} from './report.ts'
import {statusRow} from './report-row.ts'
import {federationStatusFields, validateFederationStatus} from './spec.ts'

/**
 * Shows the clusters of a federation, the credentials that they hold for each other, and the findings of the checks. Only
 * reads.
 *
 * @throws MeshError (exit 3) if no cluster is reachable
 */
export async function federationStatus(raw: RawSpec<typeof federationStatusFields>, run: ReadRun): Promise<ExitCode> {
  const {contexts} = readSpec(federationStatusFields, raw, validateFederationStatus)
  const spec = readSpec(federationFields, raw as RawSpec<typeof federationFields>)
  const {members, unreachable} = await readMembers(contexts, spec, run)
  const reachable = members.filter(({facts}) => facts !== undefined)
  const now = new Date()
  const records = reachable.map(({facts}) => readGatewaysRecord(facts?.record))
  const gateways = records.every(record => record !== undefined) ? records[0] : undefined
  const joined = joinedWith(members)
  const mode = gateways ? 'gateways' : (joined?.mode ?? spec.mode)
  const {dns, dnsForward} = gateways ?? spec
  const federation: Federation = {...spec, ...joined, mode, dns, dnsForward: [...dnsForward]}
  const report = {
    rows: members.map(member => statusRow(member, reachable, unreachable.get(member.context), now)),
    // In gateways mode, clusters hold no credentials.
    held: gateways ? [] : await readHeld(members, now),
    findings: findingsOf(federation, reachable, now),
    mode,
  }
  run.terminal.print(formatFederationStatus(report, run.output))
  return exitCodes.ok
}

/** Reads all clusters in parallel, and returns why clusters are not reachable, by context. */
async function readMembers(
  contexts: readonly string[],
  spec: Federation,
  run: ReadRun,
): Promise<{members: MeshMember[]; unreachable: ReadonlyMap<string, string>}> {
  // Without a mode, `resolveMember` takes the mode from the record of each cluster.
  const {mode: _mode, ...naming} = spec
  const unreachable = new Map<string, string>()
  const read = await Promise.all(
    contexts.map(async context => {
      try {
        return resolveMember(naming, context, await readFederationFacts(await connect(run.access, context), spec))
      } catch (error) {
        if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error
        unreachable.set(context, messageOf(error))
        return resolveMember(naming, context, undefined)
      }
    }),
  )
  if (unreachable.size === read.length)
    throw new MeshError(
      [...unreachable].map(([context, reason]) => ({message: `${context}: ${reason}`})),
      exitCodes.refused,
    )
  return {members: withRoles(read), unreachable}
}

function findingsOf(federation: Federation, all: readonly MeshMember[], now: Date): ReportedFinding[] {
  const checks = federationChecks.filter(({beforeWrite}) => !beforeWrite)
  const roots = {folder: undefined, folderName: undefined}
  return runChecks(checks, {spec: federation, all, denied: new Map(), roots, now})
}
