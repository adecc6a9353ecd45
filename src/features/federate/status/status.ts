import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {reviewToken} from '../../../engine/cluster/tokens.ts'
import {type ExitCode, exitCodes, MeshError, messageOf} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {credentialsIn, type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {joinedWith, withRoles} from '../../../mesh/primary-remote.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {accessIn, claimsOf} from '../../../mesh/read-credentials.ts'
import {readGatewaysRecord} from '../../../mesh/record.ts'
import {connect, type ReadRun} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {federationChecks} from '../preflight/checks.ts'
import {federationFields} from '../spec.ts'
import {formatFederationStatus, type HeldStatus, type StatusRow, statusRow} from './report.ts'
import {federationStatusFields, federationStatusProblems} from './spec.ts'

/** What is about a write to come has no place in a look. */
const aboutWrites = ['rights', 'api-address', 'gateway-addressable', 'primary-and-remotes']
const looked = federationChecks.filter(({id}) => !aboutWrites.includes(id))

/** Shows what is joined, by whom with what, and what is not as it should be. Only reads. */
export async function federationStatus(raw: RawSpec<typeof federationStatusFields>, run: ReadRun): Promise<ExitCode> {
  const look = readSpec(federationStatusFields, raw, federationStatusProblems)
  const spec = readSpec(federationFields, raw as RawSpec<typeof federationFields>)
  // as what they joined, the records say
  const {mode: _mode, ...naming} = spec
  const unreachable = new Map<string, string>()
  const read = await Promise.all(
    look.contexts.map(async context => {
      try {
        return resolveMember(naming, context, await readFederationFacts(await connect(run.access, context), spec))
      } catch (error) {
        if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error
        unreachable.set(context, messageOf(error))
        return resolveMember(naming, context, undefined)
      }
    }),
  )
  const asked = withRoles(read)
  if (unreachable.size === asked.length)
    throw new MeshError(
      [...unreachable].map(([context, reason]) => ({message: `${context}: ${reason}`})),
      exitCodes.refused,
    )
  const all = asked.filter(({facts}) => facts !== undefined)
  const now = new Date()
  const rows = asked.map((member): StatusRow => statusRow(member, all, unreachable.get(member.context), now))
  const records = all.map(({facts}) => readGatewaysRecord(facts?.record))
  // in gateways mode nobody holds a credential, and the checks are those of that mode
  const gateways = records.every(record => record !== undefined) ? records[0] : undefined
  const held = gateways
    ? []
    : (await Promise.all(asked.map(holder => Promise.all(asked.map(target => heldBy(holder, target, now)))))).flat()
  const joined = joinedWith(asked)
  const mode = gateways ? 'gateways' : (joined?.mode ?? spec.mode)
  const {dns, dnsForward} = gateways ?? spec
  const findings = runChecks(looked, {
    spec: {...spec, ...joined, mode, dns, dnsForward: [...dnsForward]},
    all,
    denied: new Map(),
    roots: {folder: undefined, folderName: undefined},
    now,
  })
  run.terminal.print(formatFederationStatus({rows, held, findings, mode}, run.output))
  return exitCodes.ok
}

/** What one cluster holds for another, and whether the other takes it now. */
async function heldBy(holder: MeshMember, target: MeshMember, now: Date): Promise<HeldStatus> {
  const pair = {holder: holder.cluster, target: target.cluster}
  if (holder === target) return {...pair, state: 'self'}
  if (!holder.facts) return {...pair, state: 'unknown'}
  if (holder.primary !== undefined) return {...pair, state: 'needless'}
  const found = credentialsIn(holder.facts).find(credential => credential.target === target.cluster)
  const token = found && accessIn(found.kubeconfig)?.token
  if (!found || token === undefined) return {...pair, state: 'missing'}
  const {issued, expires} = claimsOf(token)
  const made = issued ?? new Date(found.secret.metadata.creationTimestamp ?? now)
  const times = {ageMs: now.getTime() - made.getTime(), ...(expires ? {leftMs: expires.getTime() - now.getTime()} : {})}
  if (!target.facts) return {...pair, state: 'unknown', ...times}
  return {...pair, state: (await reviewToken(target.facts.cluster, token)) ? 'valid' : 'refused', ...times}
}
