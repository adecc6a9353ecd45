import {contextsOf} from '../../../engine/kubeconfig/kubeconfig.ts'
import {type ReportedFinding, runChecks} from '../../../findings/check.ts'
import {joinedDataPlane} from '../../../mesh/ambient/record.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {joinedWith} from '../../../mesh/primary-remote.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import type {Access} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {readRejectedServers} from '../joined/read.ts'
import type {RejectedServer} from '../preflight/subject.ts'
import {storedNetworks} from '../settings/settings.ts'
import {type Federation, federationFields} from '../spec.ts'
import {subjectChecks} from './checks.ts'
import {readHeld} from './read-credentials.ts'
import {readMembers} from './read-members.ts'
import type {FederationStatusReport} from './report.ts'
import {lostClusterFindings, withKnownNames} from './report-references.ts'
import {statusRow} from './report-row.ts'
import {federationStatusFields} from './spec.ts'

/** The status of a federation, and the members from which it was computed. */
export interface ReadStatus {
  report: FederationStatusReport
  members: readonly MeshMember[]
}

/**
 * Reads the clusters of a federation, tests the credentials that they hold for each other, and runs the checks.
 *
 * @throws MeshError (exit 2) for invalid input
 */
export async function readFederationStatus(
  raw: RawSpec<typeof federationStatusFields>,
  access: Access,
): Promise<ReadStatus> {
  const {contexts} = readSpec(federationStatusFields, raw)
  const spec = readSpec(federationFields, raw as RawSpec<typeof federationFields>)
  const {members: read, notRead} = await readMembers(contexts, spec, access)
  const servers = new Map(contextsOf(access.kubeconfig).map(({context, server}) => [context, server]))
  const members = withKnownNames(read, context => servers.get(context))
  const reachable = members.filter(({facts}) => facts !== undefined)
  const now = new Date()
  const records = reachable.map(({facts}) => readGatewaysRecord(facts?.record))
  const gateways = records.every(record => record !== undefined) ? records[0] : undefined
  const joined = joinedWith(members)
  const mode = gateways ? 'gateways' : (joined?.mode ?? spec.mode)
  const {dns, dnsForward} = gateways ?? spec
  const networks = storedNetworks(members, spec.network)
  const dataPlane = joinedDataPlane(reachable.flatMap(({facts}) => facts ?? []))
  const federation: Federation = {...spec, ...networks, ...joined, mode, dns, dnsForward: [...dnsForward], dataPlane}
  const report = {
    rows: members.map(member => statusRow(member, reachable, notRead.get(member.context))),
    // In gateways mode, clusters hold no credentials.
    held: gateways ? [] : await readHeld(members, now),
    findings: [
      ...lostClusterFindings(
        members.filter(({facts}) => facts === undefined),
        reachable,
        spec.systemNamespace,
      ),
      ...findingsOf(federation, reachable, gateways ? [] : await readRejectedServers(reachable), now),
    ],
    mode,
    now,
  }
  return {report, members}
}

function findingsOf(
  federation: Federation,
  all: readonly MeshMember[],
  rejectedServers: readonly RejectedServer[],
  now: Date,
): ReportedFinding[] {
  const roots = {folder: undefined, folderName: undefined}
  return runChecks(subjectChecks, {spec: federation, all, denied: new Map(), roots, rejectedServers, now})
}
