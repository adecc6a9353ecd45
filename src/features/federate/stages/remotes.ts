import {waitFailureReason, waitForInjection} from '../../../control-plane/wait.ts'
import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {ClusterPlan, Step} from '../../../engine/plan/plan.ts'
import {MeshError} from '../../../errors.ts'
import {injectorRef, readInjector} from '../../../istio/remote.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {primaryAmong} from '../../../mesh/primary-remote.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {controlPlaneChanges} from '../control-planes.ts'
import {changesOf, clusterOf, compareAll} from '../plan.ts'
import {resolveControlPlanes} from '../resolve-control-planes.ts'
import {readAgain} from './read-again.ts'
import {
  type ClusterFailure,
  failuresIn,
  interruptedWait,
  isPlannedLater,
  pendingProblems,
  planReachable,
  type StageContext,
  type StagePlan,
  waitInEach,
} from './stage.ts'

/** Returns whether a cluster is a remote. */
export function isRemote({primary}: MeshMember): boolean {
  return primary !== undefined
}

/** Returns whether a step creates pods that the primary's istiod injects. */
export function isInjected({change}: Step): boolean {
  return change.wave === waves.remoteGateways
}

/** Returns whether remotes change, or wait for their primary. */
export function needsRemotes({run, initial}: StageContext, members: readonly MeshMember[]): boolean {
  const remotes = members.filter(isRemote)
  if (run.signal.aborted || remotes.length === 0) return false
  const isChanged = ({cluster, steps}: ClusterPlan) =>
    remotes.some(remote => remote.cluster === cluster) &&
    steps.some(step => isPlannedLater(step) && step.verdict !== 'unchanged')
  const areInjected = remotes.every(({facts}) => readInjector(facts?.primaryRemote?.injector).trusted)
  return !primaryAmong(members) || !areInjected || initial.some(isChanged)
}

/** Plans the control planes of remotes, with the primary's address, and the gateways that its istiod injects. */
export async function planRemotes(context: StageContext, members: readonly MeshMember[]): Promise<StagePlan> {
  const remotes = members.filter(isRemote)
  if (!primaryAmong(members)) return {plans: [], failures: remotes.map(primaryFailed)}
  try {
    const {plans, failures} = await planReachable(members, reachable => planReadAgain(context, reachable))
    // Without waiting, what is still incomplete is left to the next run.
    const problemsOf = context.run.write.wait ? pendingProblems : () => []
    return {
      plans: plans.filter(plan => pendingProblems(plan).length === 0),
      failures: [...failures, ...failuresIn(plans, problemsOf)],
    }
  } catch (error) {
    // The rendering tool fails now: earlier stages have written, so this must be reported, not thrown.
    if (!(error instanceof MeshError)) throw error
    return {plans: [], failures: remotes.flatMap(remote => failuresOfError(remote, error))}
  }
}

async function planReadAgain({spec, ca, run}: StageContext, members: readonly MeshMember[]): Promise<ClusterPlan[]> {
  const all = await resolveControlPlanes(spec, await readAgain(spec, members, 'all'))
  const changes = [
    ...(await controlPlaneChanges(spec, all, run)),
    ...(await changesOf(spec, all, ca, false)).filter(({wave}) => wave === waves.remoteGateways),
  ]
  return compareAll(all.filter(isRemote), changes, run)
}

function primaryFailed({cluster, primary}: MeshMember): ClusterFailure {
  return [cluster, {message: `${cluster}: not completed, because its primary ${primary} failed`}]
}

function failuresOfError({cluster}: MeshMember, {problems}: MeshError): ClusterFailure[] {
  return problems.map(problem => [cluster, {...problem, message: `${cluster}: ${problem.message}`}])
}

/** Waits until the webhooks of remotes work. Pods that are created earlier are not injected. */
export async function waitForRemotes(
  {spec, run, all}: StageContext,
  members: readonly MeshMember[],
): Promise<ClusterFailure[]> {
  const primary = primaryAmong(all)
  if (!run.write.wait || !primary) return []
  return waitInEach(
    members,
    member => {
      const where = {systemNamespace: spec.systemNamespace, revision: member.revision}
      return waitForInjection(clusterOf(member), where, {cluster: member.cluster, primary: primary.cluster}, run)
    },
    ({cluster}, error) => {
      if (run.signal.aborted) return interruptedWait(cluster, primary.cluster)
      const kubectl = `kubectl ${contextFlags(primary.context)} -n ${spec.systemNamespace}`
      return {
        message: `${cluster}: ${waitFailureReason(error)}`,
        hints: [
          `${kubectl} logs -l app=istiod | grep ${shellWord(cluster)}`,
          `if istiod knew the cluster before its namespace was annotated, restart it: ${kubectl} rollout restart deployment -l app=istiod`,
        ],
      }
    },
  )
}

/** Returns the remotes whose webhooks work. After waiting, all of them do. */
export async function injectedRemotes(
  {spec, run}: StageContext,
  members: readonly MeshMember[],
): Promise<readonly MeshMember[]> {
  if (run.write.wait) return members
  const {systemNamespace} = spec
  const trusted = await Promise.all(
    members.map(async member => {
      const ref = injectorRef({systemNamespace, revision: member.revision})
      try {
        return readInjector(await clusterOf(member).get(ref)).trusted
      } catch (error) {
        if (!(error instanceof UnreachableError || error instanceof ApiError)) throw error
        return false
      }
    }),
  )
  return members.filter((_, at) => trusted[at])
}
