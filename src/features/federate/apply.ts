import {waitFor} from '../../engine/cluster/wait.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {type KubernetesObject, nameOf, type ObjectRef} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import {type ClusterPlan, conflictsOf, type Step} from '../../engine/plan/plan.ts'
import {type ExitCode, messageOf, type Problem} from '../../errors.ts'
import {addressesOf, gatewaysInto} from '../../mesh/gateway-services.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {applyPlans, exitOf, failuresOf} from '../../run/apply-plan.ts'
import type {Run} from '../../run/run.ts'
import type {CaSource} from './ca-source.ts'
import {waitForControlPlanes} from './control-planes.ts'
import {waitForGateways} from './gateways.ts'
import {changesOf, clusterOf, compareAll, planFederation, recordFirst} from './plan.ts'
import {applyRemotes} from './remotes.ts'
import type {Federation} from './spec.ts'
import {isLate, missingIn, planWhatAnswers, readAgain} from './stage.ts'

/** What came of a federation. */
export interface Federated {
  outcomes: Outcome[]
  /** What went wrong, by cluster. */
  troubles: Map<string, Problem[]>
  exit: ExitCode
}

/**
 * Makes a plan true in two stages, so that no cluster learns of another whose gateway does not answer: first all that
 * each cluster has for itself; then, with the gateways' addresses and the tokens there, the remote Secrets between those
 * clusters in which the first stage went well. A remote gets what makes it ask its primary's istiod after that knows it, and
 * what is injected after that answers.
 */
export async function applyFederation(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  plans: readonly ClusterPlan[],
  run: Run,
): Promise<Federated> {
  const clusters = new Map(all.map(member => [member.cluster, clusterOf(member)]))
  const troubles = new Map<string, Problem[]>()
  const add = ([cluster, problem]: readonly [string, Problem]) =>
    troubles.set(cluster, [...(troubles.get(cluster) ?? []), problem])
  const well = () => all.filter(({cluster}) => !troubles.has(cluster))

  const first = (await withIssuedCas(spec, all, ca, plans, run)).map(plan => recordFirst(plan, spec))
  const outcomes: Outcome[] = []
  const applyPart = async (part: (step: Step) => boolean) => {
    const parts = first
      .filter(({cluster}) => !troubles.has(cluster))
      .map(({cluster, steps}) => ({cluster, steps: steps.filter(part)}))
    const made = await applyPlans(parts, clusters, run)
    failuresOf(made).forEach(add)
    outcomes.push(...made)
  }
  await applyPart(isControlPlane)
  // what is injected comes after what injects
  ;(
    await waitForControlPlanes(
      spec,
      first.filter(makesControlPlane).flatMap(({cluster}) => well().filter(member => member.cluster === cluster)),
      run,
    )
  ).forEach(add)
  await applyPart(step => !isControlPlane(step) && !revokes(step) && (!isLate(step) || step.verdict === 'unchanged'))
  ;[...(await waitForGateways(spec, well(), run))].forEach(add)
  ;(await waitForTokens(well(), plans, run)).forEach(add)

  if (
    !run.signal.aborted &&
    (plans.some(({steps}) => steps.some(step => isLast(step) && step.verdict !== 'unchanged')) ||
      makesGateway(spec, first) ||
      lacksAddress(spec, all))
  ) {
    const last = await planWhatAnswers(() => planLastStage(spec, well(), ca, run), add)
    for (const plan of last)
      for (const problem of [...conflictsOf([plan]), ...missingIn(plan)]) add([plan.cluster, problem])
    const made = await applyPlans(
      last.filter(({cluster}) => !troubles.has(cluster)),
      clusters,
      run,
    )
    failuresOf(made).forEach(add)
    outcomes.push(...made)
  }
  if (!run.signal.aborted) {
    const made = await applyRemotes(spec, {first, well, add, clusters}, ca, run)
    outcomes.push(...made)
  }
  // what others may still use goes when nobody needs it any more, so after the last stage, and only if that went well
  const revoked = first.map(({cluster, steps}) => ({cluster, steps: steps.filter(revokes)}))
  if (troubles.size === 0) {
    const ended = await applyPlans(revoked, clusters, run)
    failuresOf(ended).forEach(add)
    outcomes.push(...ended)
  } else {
    const kept = revoked.flatMap(({cluster, steps}) => steps.map(step => ({cluster, step})))
    outcomes.push(...kept.map(one => ({...one, result: 'not tried' as const})))
  }
  return {outcomes, troubles, exit: exitOf(outcomes, troubles.size > 0, run)}
}

/** A control plane and what it needs before it starts; removals come later. */
function isControlPlane({change}: Step): boolean {
  return change.action !== 'remove' && change.wave <= waves.controlPlane
}

function makesControlPlane({steps}: ClusterPlan): boolean {
  return steps.some(
    ({change, verdict}) => change.action === 'apply' && change.wave === waves.controlPlane && verdict !== 'unchanged',
  )
}

/** Remote Secrets: from them on istiod knows the other cluster. */
function isLast({change}: Step): boolean {
  return change.action === 'apply' && change.wave === waves.remoteSecrets
}

/** A gateway that an earlier run made may have none yet. */
function lacksAddress(spec: Federation, all: readonly MeshMember[]): boolean {
  return spec.mode === 'gateways' && all.some(member => gatewaysInto(member).flatMap(addressesOf).length === 0)
}

/** In gateways mode the record holds the gateway's address, which comes, or changes, after the first stage. */
function makesGateway(spec: Federation, plans: readonly ClusterPlan[]): boolean {
  const isNew = ({change, verdict}: Step) => change.wave === waves.gateways && verdict !== 'unchanged'
  return spec.mode === 'gateways' && plans.some(({steps}) => steps.some(isNew))
}

function isRecord(change: Change): boolean {
  return change.action === 'apply' && change.stays === true && change.object.kind === 'ConfigMap'
}

/** Takes away what tokens of other clusters hang on. */
function revokes({change}: Step): boolean {
  return change.action === 'remove' && change.wave === waves.credentials
}

/** Issues what the CA folder lacks, and plans again with it. */
async function withIssuedCas(
  spec: Federation,
  all: readonly MeshMember[],
  ca: CaSource,
  plans: readonly ClusterPlan[],
  run: Run,
): Promise<readonly ClusterPlan[]> {
  const missing = plans.filter(({steps}) =>
    steps.some(({change}) => change.action === 'apply' && change.wave === waves.ca && change.pending !== undefined),
  )
  if (missing.length === 0) return plans
  await ca.issueFor(missing.map(({cluster}) => cluster))
  return planFederation(spec, all, ca, run)
}

/** How long Kubernetes may take to fill a token Secret, at most. */
const tokenTimeoutMs = 30_000

/** Kubernetes fills token Secrets a moment after they are made; by this run, or by one that was killed. */
async function waitForTokens(
  all: readonly MeshMember[],
  plans: readonly ClusterPlan[],
  run: Run,
): Promise<[string, Problem][]> {
  const waits = all.flatMap(member => {
    const steps = plans.find(({cluster}) => cluster === member.cluster)?.steps ?? []
    const empty = steps.filter(
      ({change, live}) =>
        change.action === 'apply' && change.object.type === 'kubernetes.io/service-account-token' && !hasToken(live),
    )
    return empty.map(({ref}) => waitForToken(member, ref, run))
  })
  return (await Promise.all(waits)).filter(trouble => trouble !== undefined)
}

async function waitForToken(member: MeshMember, ref: ObjectRef, run: Run): Promise<[string, Problem] | undefined> {
  try {
    await waitFor(clusterOf(member), ref, secret => hasToken(secret) || 'Kubernetes has not filled it with a token', {
      timeoutMs: Math.min(tokenTimeoutMs, run.write.timeout),
      signal: run.signal,
    })
    return undefined
  } catch (error) {
    const hint = '--credential-duration 720h uses tokens that need no controller'
    return [member.cluster, {message: `${member.cluster}: ${nameOf(ref)}: ${messageOf(error)}`, hints: [hint]}]
  }
}

function hasToken(secret: KubernetesObject | undefined): boolean {
  return (secret?.data as {token?: string} | undefined)?.token !== undefined
}

/** The remote Secrets between the clusters that are ready, or in gateways mode their records, from facts read anew. */
async function planLastStage(
  spec: Federation,
  ready: readonly MeshMember[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const all = await readAgain(spec, ready)
  const isLastChange = spec.mode === 'gateways' ? isRecord : ({wave}: Change) => wave === waves.remoteSecrets
  const changes = (await changesOf(spec, all, ca, true)).filter(isLastChange)
  return compareAll(spec, all, changes, run)
}
