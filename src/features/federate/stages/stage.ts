import {InClusterError} from '../../../engine/kubeconfig/in-cluster.ts'
import {nameOf} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {type ClusterPlan, conflictsOf, type Step} from '../../../engine/plan/plan.ts'
import type {Problem} from '../../../errors.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import type {Run} from '../../../run/run.ts'
import type {CaSource} from '../ca-source.ts'
import type {Federation} from '../spec.ts'

/** A problem of a stage. */
export interface StageProblem extends Problem {
  /** Ctrl-C has ended a wait. The cluster itself has not failed. */
  interrupted?: true
}

/** A failure in a cluster: its name in the mesh, and the problem to report. */
export type ClusterFailure = readonly [cluster: string, problem: StageProblem]

/** The problem of a cluster for which a run waited until Ctrl-C. */
export function interruptedWait(cluster: string, waitedFor: string): StageProblem {
  return {message: `${cluster}: interrupted while waiting for ${waitedFor}`, interrupted: true}
}

/** What all stages of a run share. */
export interface StageContext {
  spec: Federation
  ca: CaSource
  run: Run
  /** All clusters, as they were before the first write. */
  all: readonly MeshMember[]
  /** The plan of the whole federation before the first write. */
  initial: readonly ClusterPlan[]
}

/** The plans of a stage. A cluster with a failure is left out of the rest of the run. */
export interface StagePlan {
  plans: readonly ClusterPlan[]
  failures: readonly ClusterFailure[]
}

/** Waits until clusters are ready for the next part, and returns the failures. */
export type Wait = (context: StageContext, members: readonly MeshMember[]) => Promise<readonly ClusterFailure[]>

/**
 * One stage of a federation. Stages run one after the other, and each runs in all its clusters in parallel. A cluster in
 * which a stage fails is left out of the following stages.
 */
export interface Stage {
  name: string
  /** Default: all clusters. */
  appliesTo?(member: MeshMember): boolean
  /**
   * Default: always.
   *
   * @param members all clusters without a failure, also those to which the stage does not apply
   */
  isNeeded?(context: StageContext, members: readonly MeshMember[]): boolean
  /**
   * Plans the stage, from the initial plan or from new facts.
   *
   * @param members all clusters without a failure, also those to which the stage does not apply
   */
  plan(context: StageContext, members: readonly MeshMember[]): StagePlan | Promise<StagePlan>
  /** Applied one after the other. */
  parts: readonly StagePart[]
  /** After a failure in any cluster, the steps are not tried. */
  requiresSuccess?: true
}

/** Steps of a stage that are applied together. */
export interface StagePart {
  includes(step: Step): boolean
  /** The clusters of the stage that are ready for the part. Default: all. */
  readyMembers?(context: StageContext, members: readonly MeshMember[]): Promise<readonly MeshMember[]>
  /** Run one after the other, after the steps. */
  waits?: readonly Wait[]
}

/**
 * Steps that the initial plan cannot complete: remote Secrets and what follows them. They are planned again after the
 * earlier waves. A remote Secret is removed with the earlier waves.
 */
export function isPlannedLater({change}: Step): boolean {
  return change.wave > waves.remoteSecrets || (change.action === 'apply' && change.wave === waves.remoteSecrets)
}

/** Returns a problem for each object that is still incomplete. Such an object is never written. */
export function pendingProblems({cluster, steps}: ClusterPlan): Problem[] {
  return steps.flatMap(({change, ref}) =>
    change.action === 'apply' && change.pending !== undefined
      ? [{message: `${cluster}: ${nameOf(ref)} is still incomplete: ${change.pending}`}]
      : [],
  )
}

/** Returns the conflicts and incomplete objects of plans as failures. */
export function failuresIn(plans: readonly ClusterPlan[], problemsOf = pendingProblems): ClusterFailure[] {
  return plans.flatMap(plan =>
    [...conflictsOf([plan]), ...problemsOf(plan)].map((problem): ClusterFailure => [plan.cluster, problem]),
  )
}

/**
 * Plans without the clusters whose API server fails now. They become failures, and the other clusters continue.
 *
 * @param plan throws InClusterError for a cluster that fails; it is called again without this cluster
 */
export async function planReachable(
  members: readonly MeshMember[],
  plan: (reachable: readonly MeshMember[]) => Promise<ClusterPlan[]>,
): Promise<StagePlan> {
  const failures: ClusterFailure[] = []
  let reachable = members
  for (;;)
    try {
      return {plans: await plan(reachable), failures}
    } catch (error) {
      // A name that is not among the members would fail forever: the cluster got another name since.
      if (!(error instanceof InClusterError) || !reachable.some(({cluster}) => cluster === error.cluster)) throw error
      failures.push([error.cluster, error.problems[0]!])
      reachable = reachable.filter(({cluster}) => cluster !== error.cluster)
    }
}

/**
 * Waits in all clusters in parallel.
 *
 * @param problemOf converts the error of a wait to the problem to report
 */
export async function waitInEach(
  members: readonly MeshMember[],
  wait: (member: MeshMember) => Promise<unknown>,
  problemOf: (member: MeshMember, error: unknown) => StageProblem,
): Promise<ClusterFailure[]> {
  const failures = await Promise.all(
    members.map(async (member): Promise<ClusterFailure | undefined> => {
      try {
        await wait(member)
        return undefined
      } catch (error) {
        return [member.cluster, problemOf(member, error)]
      }
    }),
  )
  return failures.filter(failure => failure !== undefined)
}
