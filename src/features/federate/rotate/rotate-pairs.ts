import {readIstiodReplicas} from '../../../control-plane/read-replicas.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import {runChecks} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {stoppedBy} from '../../../run/apply-plan.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import type {Run} from '../../../run/run.ts'
import {clusterOf} from '../plan.ts'
import {rotationChecks} from './checks.ts'
import {finishRotation, type RotationFrame, recordedOf} from './frame.ts'
import {interruptedRotation, type RecordedPairs, rotationIn, unfinishedIn} from './objects-record.ts'
import {isUnfinished, type Pair, type RotationSettings} from './pairs.ts'
import {readReplicaPages} from './read-views.ts'
import {rotatePair} from './rotate-pair.ts'

/** How credentials are rotated. */
export interface RotationOptions {
  settings: RotationSettings
  holdMs: number
  restartIstiod: boolean
  /** The command that continues after a failure, for a hint. */
  resume: string
  /** The command that restarts istiod after each change, for a hint. */
  restartCommand: string
}

/**
 * Checks before the first write that every istiod keeps its endpoints while a credential changes, and that a loss can be detected.
 *
 * @throws MeshError (exit 3) that lists all findings of level error
 */
export async function checkRotation(
  pairs: readonly Pair[],
  all: readonly MeshMember[],
  {settings, restartIstiod, restartCommand}: RotationOptions,
  run: Run,
): Promise<void> {
  const {systemNamespace} = settings
  const holders = [...new Set(pairs.map(({holder}) => holder))]
  const read = await Promise.all(
    holders.map(holder =>
      inCluster(holder.cluster, async () => {
        const replicas = await readIstiodReplicas(clusterOf(holder), systemNamespace)
        return {cluster: holder.cluster, replicas, pages: await readReplicaPages(holder, systemNamespace)}
      }),
    ),
  )
  const replicas = new Map(read.map(one => [one.cluster, one.replicas]))
  const pages = new Map(read.map(one => [one.cluster, one.pages]))
  reportFindings(runChecks(rotationChecks, {pairs, all, replicas, pages, restartIstiod, restartCommand}), run)
}

/**
 * Rotates credentials one after the other: a fault then affects one pair of clusters. Those of an interrupted run come first.
 *
 * @param all the clusters of the run
 * @returns what was written
 * @throws MeshError (exit 4) after the first failure, (exit 130) after an interrupt
 */
export async function rotatePairs(
  pairs: readonly Pair[],
  all: readonly MeshMember[],
  {settings, holdMs, restartIstiod, resume}: RotationOptions,
  run: Run,
): Promise<Outcome[]> {
  const {id, records} = recordsOf(all, new Date())
  const frame: RotationFrame = {settings, pairs, holdMs, restartIstiod, run, id, records, outcomes: []}
  const ordered = [...pairs.filter(isUnfinished), ...pairs.filter(pair => !isUnfinished(pair))]
  try {
    for (const pair of ordered) {
      const {holder, target} = pair
      if (recordedOf(frame, pair)?.phase === 'done') continue
      await rotatePair(pair, frame)
      run.terminal.print(`${holder.cluster} → ${target.cluster}: rotated`, 'text')
    }
    await finishRotation(frame)
    return frame.outcomes
  } catch (error) {
    throw stoppedBy(error, frame.outcomes, resume, run)
  }
}

/**
 * The recorded pairs that count: those of an interrupted rotation, and those that any rotation has left half rotated.
 *
 * @param all every cluster of the run: any of them may hold the record that the last rotation was finished
 */
function recordsOf(all: readonly MeshMember[], now: Date): {id: string; records: Map<string, RecordedPairs>} {
  const read = all.map(({cluster, facts}) => ({
    cluster,
    rotation: facts?.rotation,
    record: rotationIn(facts?.rotation),
  }))
  const interrupted = interruptedRotation(read.flatMap(({record}) => record ?? []))
  const counting = read.map(({cluster, rotation, record}) => {
    return [cluster, record && record.id === interrupted ? record.pairs : unfinishedIn(rotation)] as const
  })
  return {id: interrupted ?? now.toISOString(), records: new Map(counting)}
}
