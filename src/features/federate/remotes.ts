import {waitFailureReason, waitForInjection} from '../../control-plane/wait.ts'
import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import {type ClusterPlan, conflictsOf, type Step} from '../../engine/plan/plan.ts'
import {MeshError, type Problem} from '../../errors.ts'
import {injectorRef, readInjector} from '../../istio/remote.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {applyPlans, failuresOf} from '../../run/apply-plan.ts'
import type {Run} from '../../run/run.ts'
import {shellWord} from '../../spec/read.ts'
import type {CaSource} from './ca-source.ts'
import {controlPlaneChanges, withRendered} from './control-planes.ts'
import {changesOf, compareAll} from './plan.ts'
import type {Federation} from './spec.ts'
import {isLate, missingIn, planWhatAnswers, readAgain, type Stages} from './stage.ts'

/** Lets remotes ask their primary's istiod, which knows them by now; then comes what that injects. */
export async function applyRemotes(spec: Federation, stages: Stages, ca: CaSource, run: Run): Promise<Outcome[]> {
  const {first, well, add, clusters} = stages
  const remotes = well().filter(({primary}) => primary !== undefined)
  const [{primary: context} = {primary: undefined}] = remotes
  if (context === undefined) return []
  const primary = well().find(member => member.context === context)
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
  let plans: ClusterPlan[] = []
  try {
    plans = await planWhatAnswers(() => planRemotes(spec, well(), ca, run), add)
  } catch (error) {
    // a tool that no longer renders: by now much is written, and that is to be reported
    if (!(error instanceof MeshError)) throw error
    for (const {cluster} of remotes)
      for (const problem of error.problems) add([cluster, {...problem, message: `${cluster}: ${problem.message}`}])
  }
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

/** The remotes' control planes, with the address of the primary, and what is injected by it. */
async function planRemotes(
  spec: Federation,
  ready: readonly MeshMember[],
  ca: CaSource,
  run: Run,
): Promise<ClusterPlan[]> {
  const all = await withRendered(spec, await readAgain(spec, ready))
  const remotes = all.filter(({primary}) => primary !== undefined)
  const changes = [
    ...(await controlPlaneChanges(spec, all, run)),
    ...(await changesOf(spec, all, ca, false)).filter(({wave}) => wave === waves.remoteGateways),
  ]
  return compareAll(spec, remotes, changes, run)
}

/** The remotes whose webhooks answer now. */
async function answeringRemotes(spec: Federation, remotes: readonly MeshMember[]): Promise<MeshMember[]> {
  const ref = injectorRef(spec)
  const answers = await Promise.all(
    remotes.map(async ({facts}) => {
      try {
        return readInjector(await facts!.cluster.get(ref)).trusted
      } catch (error) {
        if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error
        return false
      }
    }),
  )
  return remotes.filter((_, at) => answers[at])
}

/**
 * Waits until the webhooks of remotes answer, side by side: only then what is made there is injected.
 *
 * @returns what went wrong, by cluster
 */
async function waitForRemotes(
  spec: Federation,
  remotes: readonly MeshMember[],
  primary: MeshMember,
  run: Run,
): Promise<[string, Problem][]> {
  const troubles = await Promise.all(
    remotes.map(async ({cluster, facts}): Promise<[string, Problem] | undefined> => {
      try {
        await waitForInjection(facts!.cluster, spec, {cluster, primary: primary.cluster}, run)
        return undefined
      } catch (error) {
        if (run.signal.aborted)
          return [cluster, {message: `${cluster}: interrupted while it waited for ${primary.cluster}`}]
        const kubectl = `kubectl --context ${shellWord(primary.context)} -n ${spec.systemNamespace}`
        return [
          cluster,
          {
            message: `${cluster}: ${waitFailureReason(error)}`,
            hints: [
              `${kubectl} logs -l app=istiod | grep ${shellWord(cluster)}`,
              `an istiod that knew the cluster before its namespace was annotated wants a restart: ${kubectl} rollout restart deployment -l app=istiod`,
            ],
          },
        ]
      }
    }),
  )
  return troubles.filter(trouble => trouble !== undefined)
}
