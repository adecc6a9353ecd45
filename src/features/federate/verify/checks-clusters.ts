import {type ReportedFinding, runChecks} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {flagsFor} from '../../../spec/read.ts'
import type {Verified} from '../../../terminal/output/verify.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {servesAmbient} from '../ambient/spec.ts'
import {joinedChecks} from '../joined/checks.ts'
import {federationChecks} from '../preflight/checks.ts'
import type {FederationCheck, RejectedServer} from '../preflight/subject.ts'
import {type Federation, federationFields} from '../spec.ts'
import {federationStatusFields} from '../status/spec.ts'
import {verifyChecks} from './checks.ts'
import type {ObservedCluster} from './read.ts'
import type {FederationVerify} from './spec.ts'
import {fromApiServer, isReachable, type VerifySubject} from './subject.ts'

/** The fields that select control planes, which every command for the clusters has. */
const controlPlaneFields = {
  clusterName: federationFields.clusterName,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
}

/** The fields that a federation in gateways mode was created with. */
const modeFields = {mode: federationFields.mode, dns: federationFields.dns, dnsForward: federationFields.dnsForward}

/**
 * Runs all checks for all clusters.
 *
 * @param federation how the clusters are joined
 * @param now for the validity of certificates
 * @param rejectedServers remote Secrets whose certificate authority does not verify the server
 * @returns one entry per cluster, in the order of `observed`
 */
export function verifyClusters(
  observed: readonly ObservedCluster[],
  federation: Federation,
  spec: FederationVerify,
  now: Date,
  rejectedServers: readonly RejectedServer[] = [],
): Verified[] {
  const lasting = [...federationChecks, ...joinedChecks].filter(check => isLasting(check, federation))
  const found = runChecks(lasting, {
    spec: federation,
    all: observed.map(({member}) => member).filter(({facts}) => facts !== undefined),
    denied: new Map(),
    roots: {folder: undefined, folderName: undefined},
    rejectedServers,
    now,
  })
  return observed.map(current => {
    const subject: VerifySubject = {
      current,
      all: observed,
      systemNamespace: spec.systemNamespace,
      gateways: federation.mode === 'gateways',
      singleNetwork: federation.singleNetwork,
      dataPlane: federation.dataPlane,
      controlPlaneFlags: flagsFor(controlPlaneFields, spec),
      repairCommand: repairCommand(spec, modeFlags(federation, current, observed)),
    }
    const shared = lasting.filter(check => concerns(check, current.member, federation.mode))
    return verifyCluster(subject, shared, found)
  })
}

function verifyCluster(
  subject: VerifySubject,
  shared: readonly FederationCheck[],
  sharedFindings: readonly ReportedFinding[],
): Verified {
  const {member} = subject.current
  const own = verifyChecks.filter(({applies}) => applies(subject))
  const [apiServer, ...rest] = own.map(({id, about, from}) => ({id, about, from: from(subject)}))
  const from = fromApiServer(subject)
  const preflight = isReachable(subject) ? shared.map(({id, about}) => ({id, about, from})) : []
  return {
    title: titleOf(member),
    checks: [apiServer!, ...preflight, ...rest],
    findings: [...sharedFindings.filter(({cluster}) => cluster === member.cluster), ...runChecks(own, subject)],
  }
}

function isLasting({lasting}: FederationCheck, federation: Federation): boolean {
  const {mode} = federation
  if (
    lasting === undefined ||
    (lasting.ambient && !servesAmbient(federation)) ||
    (lasting.needsCredentials && mode === 'gateways')
  )
    return false
  return lasting.mode === undefined || lasting.mode === mode
}

function concerns({lasting}: FederationCheck, {primary}: MeshMember, mode: Federation['mode']): boolean {
  if (mode !== 'primary-remote' || lasting?.role === undefined) return true
  return lasting.role === (primary === undefined ? 'primary' : 'remote')
}

function titleOf({cluster, context, network, controlPlane, primary}: MeshMember): string {
  const version = controlPlane?.version ? `, Istio ${controlPlane.version}` : primary ? `, remote of ${primary}` : ''
  return `${cluster}  (context ${context}${network ? `, network ${network}` : ''}${version})`
}

/** The flags of the mode that the clusters are joined in. Without them, the repair command would change the mode. */
function modeFlags(federation: Federation, {member}: ObservedCluster, all: readonly ObservedCluster[]): string[] {
  const {mode, dns, dnsForward} = federation
  if (mode === 'gateways') return flagsFor(modeFields, {mode, dns, dnsForward})
  const primary = member.primary ?? all.find(other => other.member.primary)?.member.primary
  return primary === undefined ? [] : ['--mode', 'primary-remote', '--primary', primary]
}

function repairCommand(spec: FederationVerify, mode: readonly string[]): string {
  return ['kubectl mesh federate', ...[...mode, ...flagsFor(federationStatusFields, spec)].map(shellWord)].join(' ')
}
