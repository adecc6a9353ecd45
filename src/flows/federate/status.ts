import {runChecks} from '../../checks/check.ts'
import {federationChecks} from '../../checks/federation.ts'
import {ApiError, UnreachableError} from '../../cluster/errors.ts'
import {reviewToken} from '../../cluster/tokens.ts'
import {type ExitCode, exitCodes, MeshError, messageOf} from '../../errors.ts'
import {accessIn, claimsOf} from '../../facts/credentials.ts'
import {readFederationFacts} from '../../facts/federation.ts'
import {credentialsIn, type Joining, resolveJoining} from '../../facts/members.ts'
import {joinedWith, withRoles} from '../../facts/primary-remote.ts'
import {readGatewaysRecord} from '../../manifests/federation-record.ts'
import {formatFederationStatus, type HeldStatus, type StatusRow, statusRow} from '../../output/federation-status.ts'
import {federationFields} from '../../specs/federation.ts'
import {federationStatusFields, federationStatusProblems} from '../../specs/federation-status.ts'
import {type RawSpec, readSpec} from '../../specs/read.ts'
import {connect, type LookRun} from '../run.ts'

/** What is about a write to come has no place in a look. */
const aboutWrites = ['rights', 'api-address', 'gateway-addressable', 'primary-and-remotes']
const looked = federationChecks.filter(({id}) => !aboutWrites.includes(id))

/** Shows what is joined, by whom with what, and what is not as it should be. Only reads. */
export async function federationStatus(raw: RawSpec<typeof federationStatusFields>, run: LookRun): Promise<ExitCode> {
  const look = readSpec(federationStatusFields, raw, federationStatusProblems)
  const spec = readSpec(federationFields, raw as RawSpec<typeof federationFields>)
  // as what they joined, the records say
  const {mode: _mode, ...naming} = spec
  const unreachable = new Map<string, string>()
  const read = await Promise.all(
    look.contexts.map(async context => {
      try {
        return resolveJoining(naming, context, await readFederationFacts(await connect(run.access, context), spec))
      } catch (error) {
        if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error
        unreachable.set(context, messageOf(error))
        return resolveJoining(naming, context, undefined)
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
  const rows = asked.map((joining): StatusRow => statusRow(joining, all, unreachable.get(joining.context), now))
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
async function heldBy(holder: Joining, target: Joining, now: Date): Promise<HeldStatus> {
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
