import type {Cluster} from '../../cluster/cluster.ts'
import {InClusterError, inCluster} from '../../cluster/in-cluster.ts'
import type {Problem} from '../../errors.ts'
import {readFederationFacts} from '../../facts/federation.ts'
import {type Joining, resolveJoining} from '../../facts/members.ts'
import {nameOf} from '../../manifests/object.ts'
import {waves} from '../../manifests/waves.ts'
import type {ClusterPlan, Step} from '../../plan/plan.ts'
import type {Federation} from '../../specs/federation.ts'
import {clusterOf} from './plan.ts'

/** What a later stage has to know of those before. */
export interface Stages {
  /** What was planned for all of them. */
  first: readonly ClusterPlan[]
  /** The clusters in which all went well so far. */
  well: () => Joining[]
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
export function readAgain(spec: Federation, all: readonly Joining[]): Promise<Joining[]> {
  return Promise.all(
    all.map(joining =>
      inCluster(joining.cluster, async () =>
        resolveJoining(spec, joining.context, await readFederationFacts(clusterOf(joining), spec)),
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
