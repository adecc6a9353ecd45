import type {Cluster} from '../../engine/cluster/cluster.ts'
import {InClusterError, inCluster} from '../../engine/kubeconfig/in-cluster.ts'
import {nameOf} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {ClusterPlan, Step} from '../../engine/plan/plan.ts'
import type {Problem} from '../../errors.ts'
import {type MeshMember, resolveMember} from '../../mesh/members.ts'
import {readFederationFacts} from '../../mesh/read.ts'
import {clusterOf} from './plan.ts'
import type {Federation} from './spec.ts'

/** What a later stage has to know of those before. */
export interface Stages {
  /** What was planned for all of them. */
  first: readonly ClusterPlan[]
  /** The clusters in which all went well so far. */
  well: () => MeshMember[]
  /** Notes what went wrong in a cluster. */
  add: (trouble: readonly [string, Problem]) => void
  clusters: ReadonlyMap<string, Cluster>
}

/** From the remote Secrets on: planned again, with what the waves before have made. A remote Secret goes early. */
export function isLate({change}: Step): boolean {
  return change.wave > waves.remoteSecrets || (change.action === 'apply' && change.wave === waves.remoteSecrets)
}

/** What could not be had after all is never written as it stands in a plan. */
export function missingIn({cluster, steps}: ClusterPlan): Problem[] {
  return steps.flatMap(({change, ref}) =>
    change.action === 'apply' && change.pending !== undefined
      ? [{message: `${cluster}: ${nameOf(ref)}: ${change.pending}, but there is none yet`}]
      : [],
  )
}

/** Clusters as they are by now. */
export function readAgain(spec: Federation, all: readonly MeshMember[]): Promise<MeshMember[]> {
  return Promise.all(
    all.map(member =>
      inCluster(member.cluster, async () =>
        resolveMember(spec, member.context, await readFederationFacts(clusterOf(member), spec)),
      ),
    ),
  )
}

/** Plans again until all that are asked answer: what a cluster refuses now is its own trouble, and the others go on. */
export async function planWhatAnswers(plan: () => Promise<ClusterPlan[]>, add: Stages['add']): Promise<ClusterPlan[]> {
  const told = new Set<string>()
  for (;;)
    try {
      return await plan()
    } catch (error) {
      // one that is told already is called by another name now: it would be asked for ever
      if (!(error instanceof InClusterError) || told.has(error.cluster)) throw error
      told.add(error.cluster)
      add([error.cluster, error.problems[0]!])
    }
}
