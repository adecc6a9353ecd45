import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {waitFor} from '../../../engine/cluster/wait.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import type {Change} from '../../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import {type ClusterPlan, hasDifferences, relabelledWarnings} from '../../../engine/plan/plan.ts'
import {type ExitCode, MeshError} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {kialiSecretName} from '../../../istio/names.ts'
import type {HeldCredential} from '../../../mesh/credential.ts'
import {tokenIn} from '../../../mesh/credentials/held-tokens.ts'
import {kialiAccessSet} from '../../../mesh/kiali/objects.ts'
import {asKialiMember, type KialiMember, readKiali} from '../../../mesh/kiali/read.ts'
import {readerTokenName} from '../../../mesh/objects-reader.ts'
import {resolveHeld} from '../../../mesh/read-credentials.ts'
import {accessIn, claimsOf} from '../../../mesh/remote-kubeconfig.ts'
import {
  afterWrites,
  applyPlans,
  exitOf,
  failuresOf,
  problemsAfter,
  refuseConflicts,
  withResume,
} from '../../../run/apply-plan.ts'
import {commandLineOf} from '../../../run/command-line.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {compareOrExplain} from '../../../run/missing-rights.ts'
import {printPlan} from '../../../run/print-plan.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import {confirmPlans} from '../../../run/review/review.ts'
import type {Run} from '../../../run/run.ts'
import {waitForWorkload} from '../../../run/wait-with-progress.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {connectChecks} from './checks.ts'
import {buildHome, buildTarget, type KialiTarget} from './objects.ts'
import {type Connection, readConnection, readEnvironment} from './read.ts'
import {restartHint} from './report.ts'
import {connectRights} from './rights.ts'
import {type AddonConnect, addonConnectFields, validateAddonConnect} from './spec.ts'

/** Kubernetes adds tokens to Secrets within seconds. */
const tokenTimeoutMs = 30_000

/**
 * Lets Kiali read other clusters: an account, its permissions and a token in each, and a Secret in the cluster of Kiali, which its
 * pods mount.
 *
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a check or a write fails
 */
export async function connectKiali(raw: RawSpec<typeof addonConnectFields>, run: Run): Promise<ExitCode> {
  const requested = readSpec(addonConnectFields, raw, validateAddonConnect)
  refuseClientDryRun(run)
  const connection = await readConnection(requested, requested.server, connectRights(requested), run)
  const spec = {...requested, credentialDuration: requested.credentialDuration ?? currentLifetime(connection)}
  const {home, deployment, targets} = connection
  const environment = await readEnvironment(connection)
  const members = targets.map(({member}) => member)
  const subject = {home: home.member, deployment, targets: members, servers: connection.servers, environment}
  reportFindings(runChecks(connectChecks, subject), run)
  const held = await resolve(spec, connection, false)
  const plans = await Promise.all([
    ...targets.map(target => compareTarget(spec, target, credentialFor(held, target), home.member.cluster, run)),
    compareHome(spec, connection, held, run),
  ])
  if (run.write.dryRun !== 'server') refuseConflicts(plans)
  run.terminal.message(relabelledWarnings(plans))
  if (run.write.dryRun === 'server') return printPlan(plans, run)
  const resume = commandLineOf(addonConnectFields, spec, run)
  const names = members.map(({cluster}) => cluster).join(', ')
  if (hasDifferences(plans))
    await confirmPlans(plans, {question: `Let Kiali of ${home.member.cluster} read ${names}?`, resume}, run)
  const stages = {spec, connection, held, plans: plans.slice(0, -1), run}
  const outcomes = await applyToTargets(stages, 'create')
  const all = await afterWrites(outcomes, run, () => finishHome(stages, outcomes), resume)
  const problems = problemsAfter(
    failuresOf(all).map(([, problem]) => problem),
    run,
  )
  const exit = exitOf(all, problems.length > 0, run)
  if (problems.length > 0) throw new MeshError(withResume(problems, resume), exit)
  return exit
}

/** The lifetime of the current tokens in ms. Undefined if they do not expire, or if there are none. */
function currentLifetime({home, targets}: Connection): number | undefined {
  const names = targets.map(({member}) => kialiSecretName(member.cluster))
  const secrets = home.kiali.membership.objects.filter(({metadata}) => names.includes(metadata.name))
  const lifetimes = secrets.flatMap(({data}) =>
    Object.values((data ?? {}) as Record<string, string>).flatMap(text => {
      const {issued, expires} = claimsOf(accessIn(Buffer.from(text, 'base64').toString('utf8'))?.token ?? '')
      return issued && expires ? [expires.getTime() - issued.getTime()] : []
    }),
  )
  return lifetimes[0]
}

/** What the stages of a run share. */
interface Stages {
  spec: AddonConnect
  connection: Connection
  /** The credentials as they are planned. */
  held: readonly HeldCredential[]
  /** The plans of the clusters that Kiali reads. */
  plans: readonly ClusterPlan[]
  run: Run
}

/**
 * Applies one part of the plans of the clusters that Kiali reads.
 *
 * @param part what is created comes before the Secret of Kiali changes, and former tokens are revoked afterwards
 */
function applyToTargets({connection, plans, run}: Stages, part: 'create' | 'revoke'): Promise<Outcome[]> {
  const clusters = new Map(connection.targets.map(({member}) => [member.cluster, member.facts!.cluster]))
  const parts = plans.map(plan => ({
    ...plan,
    steps: plan.steps.filter(({change}) => (change.action === 'remove') === (part === 'revoke')),
  }))
  return applyPlans(parts, clusters, run)
}

/** Writes the Secrets for the clusters in which nothing failed, from the tokens that exist by now. */
async function finishHome(stages: Stages, outcomes: readonly Outcome[]): Promise<Outcome[]> {
  const {spec, connection, plans, run} = stages
  const failed = new Set(outcomes.filter(isFailed).map(({cluster}) => cluster))
  const working = connection.targets.filter(({member}) => !failed.has(member.cluster))
  if (working.length === 0 || run.signal.aborted) return [...outcomes]
  const targets = await Promise.all(working.map(target => readTargetAgain(stages, target)))
  const after = {...connection, targets}
  const plan = await compareHome(spec, after, await resolve(spec, after, true), run)
  refuseConflicts([plan])
  const {cluster, facts} = connection.home.member
  const written = await applyPlans([plan], new Map([[cluster, facts!.cluster]]), run)
  const all = [...outcomes, ...written]
  if (written.some(isFailed)) return all
  await reportConnected(after, plan, run)
  const isWorking = (one: ClusterPlan) => targets.some(({member}) => member.cluster === one.cluster)
  return [...all, ...(await applyToTargets({...stages, plans: plans.filter(isWorking)}, 'revoke'))]
}

function isFailed({result}: Outcome): boolean {
  return result === 'failed' || result === 'not tried'
}

/** Waits for the token of a cluster, and reads it. */
async function readTargetAgain({spec, held, run}: Stages, target: KialiMember): Promise<KialiMember> {
  const {member} = target
  const {cluster} = member.facts!
  const {naming} = credentialFor(held, target)
  return inCluster(member.cluster, async () => {
    if (naming && !naming.bound) await waitForToken(cluster, spec, readerTokenName(naming), run)
    return {member, kiali: await readKiali(cluster, spec)}
  })
}

async function waitForToken(cluster: Cluster, {systemNamespace}: AddonConnect, name: string, run: Run): Promise<void> {
  const ref = {apiVersion: 'v1', kind: 'Secret', namespace: systemNamespace, name}
  const ready = (secret: KubernetesObject | undefined) =>
    tokenIn(secret) !== undefined || 'Kubernetes has not added a token yet'
  await waitFor(cluster, ref, ready, {timeoutMs: Math.min(tokenTimeoutMs, run.write.timeout), signal: run.signal})
}

function resolve(
  spec: AddonConnect,
  {home, deployment, targets}: Connection,
  mint: boolean,
): Promise<HeldCredential[]> {
  const {systemNamespace, credentialDuration} = spec
  const renewal = spec.rotate ? ('all' as const) : ('due' as const)
  const request = {
    ...{systemNamespace, credentialDuration, credentials: 'per-peer' as const},
    ...{reader: 'kiali' as const, renewal},
  }
  const holder = asKialiMember(home, deployment.metadata.namespace)
  return resolveHeld(
    request,
    holder,
    targets.map(target => asKialiMember(target)),
    new Date(),
    mint,
  )
}

function credentialFor(held: readonly HeldCredential[], {member}: KialiMember): HeldCredential {
  return held.find(({target}) => target === member.cluster)!
}

function compareTarget(
  {systemNamespace}: AddonConnect,
  {member, kiali}: KialiMember,
  credential: HeldCredential,
  peer: string,
  run: Run,
): Promise<ClusterPlan> {
  const changes = buildTarget({cluster: member.cluster, credential}, kiali, peer, systemNamespace)
  return compare(member, changes, systemNamespace, run)
}

function compareHome(
  {systemNamespace}: AddonConnect,
  {home, deployment, targets}: Connection,
  held: readonly HeldCredential[],
  run: Run,
): Promise<ClusterPlan> {
  const all = targets.map(
    (target): KialiTarget => ({cluster: target.member.cluster, credential: credentialFor(held, target)}),
  )
  const {cluster} = home.member
  return compare(home.member, buildHome({cluster, deployment}, all, systemNamespace), systemNamespace, run)
}

function compare(
  {cluster, facts}: KialiMember['member'],
  changes: readonly Change[],
  systemNamespace: string,
  run: Run,
): Promise<ClusterPlan> {
  const options = {manager: run.access.manager, force: run.write.force, set: kialiAccessSet({systemNamespace})}
  return inCluster(cluster, () => compareOrExplain(facts!.cluster, cluster, changes, options))
}

/** Waits until the pods with the mounts run. Without a change of the mounts, Kiali has to be restarted for a new Secret. */
async function reportConnected({home, deployment, targets}: Connection, {steps}: ClusterPlan, run: Run): Promise<void> {
  const isMounted = steps.some(({ref, verdict}) => ref.kind === 'Deployment' && verdict === 'update')
  const isNew = steps.some(({ref, verdict}) => ref.kind === 'Secret' && verdict !== 'unchanged')
  const {apiVersion, kind, metadata} = deployment
  const ref = {apiVersion, kind, namespace: metadata.namespace!, name: metadata.name}
  if (isMounted && run.write.wait) await waitForWorkload(home.member.facts!.cluster, ref, run)
  if (isNew && !isMounted) run.terminal.message(restartHint(home.member.context, ref))
  const names = targets.map(({member}) => member.cluster).join(', ')
  run.terminal.message(`Kiali of ${home.member.cluster} has credentials for ${names}; kubectl mesh check tests them`)
}
