import type {Cluster} from '../../cluster/cluster.ts'
import {InClusterError, inCluster} from '../../cluster/in-cluster.ts'
import {waitFor} from '../../cluster/wait.ts'
import {type ExitCode, messageOf, type Problem} from '../../errors.ts'
import {readFederationFacts} from '../../facts/federation.ts'
import {addressesOf, gatewaysInto, type Joining, resolveJoining} from '../../facts/members.ts'
import {readInjector} from '../../istio/remote.ts'
import type {Change} from '../../manifests/change.ts'
import {type KubernetesObject, nameOf, type ObjectRef} from '../../manifests/object.ts'
import {waves} from '../../manifests/waves.ts'
import type {Outcome} from '../../plan/apply.ts'
import {type ClusterPlan, conflictsOf, type Step} from '../../plan/plan.ts'
import type {Federation} from '../../specs/federation.ts'
import {applyPlans, exitOf, failuresOf} from '../apply-plan.ts'
import type {Run} from '../run.ts'
import type {CaSource} from './ca-source.ts'
import {
  answeringRemotes,
  controlPlaneChanges,
  waitForControlPlanes,
  waitForRemotes,
  withRendered,
} from './control-planes.ts'
import {waitForGateways} from './gateways.ts'
import {changesOf, clusterOf, compare, planFederation, recordFirst} from './plan.ts'

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
  all: readonly Joining[],
  ca: CaSource,
  plans: readonly ClusterPlan[],
  run: Run,
): Promise<Federated> {
  const clusters = new Map(all.map(joining => [joining.cluster, clusterOf(joining)]))
  const troubles = new Map<string, Problem[]>()
  const add = ([cluster, problem]: readonly [string, Problem]) =>
    troubles.set(cluster, [...(troubles.get(cluster) ?? []), problem])
  const well = () => all.filter(({cluster}) => !troubles.has(cluster))

  /** What a cluster does not answer now is its own trouble; the others go on without it. */
  const planLastStageOf = async (ready: () => Joining[]): Promise<ClusterPlan[]> => {
    for (;;)
      try {
        return await planLastStage(spec, ready(), ca, run)
      } catch (error) {
        if (!(error instanceof InClusterError)) throw error
        add([error.cluster, error.problems[0]!])
      }
  }

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
      first.filter(makesControlPlane).flatMap(({cluster}) => well().filter(joining => joining.cluster === cluster)),
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
    const last = await planLastStageOf(well)
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

/** From the remote Secrets on: planned again, with what the waves before have made. A remote Secret goes early. */
function isLate({change}: Step): boolean {
  return change.wave > waves.remoteSecrets || (change.action === 'apply' && change.wave === waves.remoteSecrets)
}

/** A gateway that an earlier run made may have none yet. */
function lacksAddress(spec: Federation, all: readonly Joining[]): boolean {
  return spec.mode === 'gateways' && all.some(joining => gatewaysInto(joining).flatMap(addressesOf).length === 0)
}

/** In gateways mode the record holds the gateway's address, which comes, or changes, after the first stage. */
function makesGateway(spec: Federation, plans: readonly ClusterPlan[]): boolean {
  const isNew = ({change, verdict}: Step) => change.wave === waves.gateways && verdict !== 'unchanged'
  return spec.mode === 'gateways' && plans.some(({steps}) => steps.some(isNew))
}

function isRecord(change: Change): boolean {
  return change.action === 'apply' && change.stays === true && change.object.kind === 'ConfigMap'
}

/** What the last stage for remotes has to know of the stages before. */
interface Before {
  first: readonly ClusterPlan[]
  well: () => Joining[]
  add: (trouble: readonly [string, Problem]) => void
  clusters: ReadonlyMap<string, Cluster>
}

/** Lets remotes ask their primary's istiod, which knows them by now; then comes what that injects. */
async function applyRemotes(spec: Federation, before: Before, ca: CaSource, run: Run): Promise<Outcome[]> {
  const {first, well, add, clusters} = before
  const remotes = well().filter(({primary}) => primary !== undefined)
  const [{primary: context} = {primary: undefined}] = remotes
  if (context === undefined) return []
  const primary = well().find(joining => joining.context === context)
  if (!primary) {
    for (const {cluster} of remotes)
      add([cluster, {message: `${cluster}: it waits for its primary ${context}, where something failed`}])
    return []
  }
  const hasWork = ({cluster, steps}: ClusterPlan) =>
    remotes.some(remote => remote.cluster === cluster) &&
    steps.some(step => isLate(step) && step.verdict !== 'unchanged')
  const answers = remotes.every(({facts}) => readInjector(facts?.primaryRemote?.injector).trusted)
  if (answers && !first.some(hasWork)) return []
  const plans = await planRemotesThatAnswer(spec, well, ca, run, add)
  for (const plan of plans)
    for (const problem of [...conflictsOf([plan]), ...(run.write.wait ? missingIn(plan) : [])])
      add([plan.cluster, problem])
  // without waiting, what is not there yet is left to the next run
  const whole = plans.filter(plan => missingIn(plan).length === 0)
  const applyPart = async (part: (step: Step, cluster: string) => boolean) => {
    const ready = new Set(well().map(({cluster}) => cluster))
    const parts = whole.filter(({cluster}) => ready.has(cluster))
    const made = await applyPlans(
      parts.map(({cluster, steps}) => ({cluster, steps: steps.filter(step => part(step, cluster))})),
      clusters,
      run,
    )
    failuresOf(made).forEach(add)
    return made
  }
  const isInjected = ({change}: Step) => change.wave === waves.remoteGateways
  const asked = await applyPart(step => !isInjected(step))
  const waiting = well().filter(({primary: of}) => of !== undefined)
  if (run.write.wait) {
    ;(await waitForRemotes(spec, waiting, primary, run)).forEach(add)
    return [...asked, ...(await applyPart(isInjected))]
  }
  // what nobody injects would stay as it is: it is left to the next run
  const ready = new Set((await answeringRemotes(spec, waiting)).map(({cluster}) => cluster))
  return [...asked, ...(await applyPart((step, cluster) => isInjected(step) && ready.has(cluster)))]
}

/** What a remote does not answer, or refuses, is its own trouble; the others go on without it. */
async function planRemotesThatAnswer(
  spec: Federation,
  well: () => Joining[],
  ca: CaSource,
  run: Run,
  add: Before['add'],
): Promise<ClusterPlan[]> {
  for (;;)
    try {
      return await planRemotes(spec, well(), ca, run)
    } catch (error) {
      if (!(error instanceof InClusterError)) throw error
      add([error.cluster, error.problems[0]!])
    }
}

/** Takes away what tokens of other clusters hang on. */
function revokes({change}: Step): boolean {
  return change.action === 'remove' && change.wave === waves.credentials
}

/** Issues what the CA folder lacks, and plans again with it. */
async function withIssuedCas(
  spec: Federation,
  all: readonly Joining[],
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

/** A credential that could not be had after all is never written as an empty one. */
function missingIn({cluster, steps}: ClusterPlan): Problem[] {
  return steps.flatMap(({change, ref}) =>
    change.action === 'apply' && change.pending !== undefined
      ? [{message: `${cluster}: ${nameOf(ref)}: ${change.pending}, but there is none yet`}]
      : [],
  )
}

/** How long Kubernetes may take to fill a token Secret, at most. */
const tokenTimeoutMs = 30_000

/** Kubernetes fills token Secrets a moment after they are made; by this run, or by one that was killed. */
async function waitForTokens(
  all: readonly Joining[],
  plans: readonly ClusterPlan[],
  run: Run,
): Promise<[string, Problem][]> {
  const waits = all.flatMap(joining => {
    const steps = plans.find(({cluster}) => cluster === joining.cluster)?.steps ?? []
    const empty = steps.filter(
      ({change, live}) =>
        change.action === 'apply' && change.object.type === 'kubernetes.io/service-account-token' && !hasToken(live),
    )
    return empty.map(({ref}) => waitForToken(joining, ref, run))
  })
  return (await Promise.all(waits)).filter(trouble => trouble !== undefined)
}

async function waitForToken(joining: Joining, ref: ObjectRef, run: Run): Promise<[string, Problem] | undefined> {
  try {
    await waitFor(clusterOf(joining), ref, secret => hasToken(secret) || 'Kubernetes has not filled it with a token', {
      timeoutMs: Math.min(tokenTimeoutMs, run.write.timeout),
      signal: run.signal,
    })
    return undefined
  } catch (error) {
    const hint = '--credential-duration 720h uses tokens that need no controller'
    return [joining.cluster, {message: `${joining.cluster}: ${nameOf(ref)}: ${messageOf(error)}`, hints: [hint]}]
  }
}

function hasToken(secret: KubernetesObject | undefined): boolean {
  return (secret?.data as {token?: string} | undefined)?.token !== undefined
}

/** Clusters as they are by now. */
function readAgain(spec: Federation, all: readonly Joining[]): Promise<Joining[]> {
  return Promise.all(
    all.map(joining =>
      inCluster(joining.cluster, async () =>
        resolveJoining(spec, joining.context, await readFederationFacts(clusterOf(joining), spec)),
      ),
    ),
  )
}

/** The remotes' control planes, with the address of the primary, and what is injected by it. */
async function planRemotes(
  spec: Federation,
  ready: readonly Joining[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const all = await withRendered(spec, await readAgain(spec, ready))
  const remotes = all.filter(({primary}) => primary !== undefined)
  const changes = [
    ...(await controlPlaneChanges(spec, all, run)),
    ...(await changesOf(spec, all, ca, false)).filter(({wave}) => wave === waves.remoteGateways),
  ]
  return Promise.all(
    remotes.map(joining =>
      compare(
        spec,
        joining,
        changes.filter(({cluster}) => cluster === joining.cluster),
        run,
      ),
    ),
  )
}

/** The remote Secrets between the clusters that are ready, or in gateways mode their records, from facts read anew. */
async function planLastStage(
  spec: Federation,
  ready: readonly Joining[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const all = await readAgain(spec, ready)
  const isLastChange = spec.mode === 'gateways' ? isRecord : ({wave}: Change) => wave === waves.remoteSecrets
  const changes = (await changesOf(spec, all, ca, true)).filter(isLastChange)
  return Promise.all(
    all.map(joining =>
      compare(
        spec,
        joining,
        changes.filter(({cluster}) => cluster === joining.cluster),
        run,
      ),
    ),
  )
}
