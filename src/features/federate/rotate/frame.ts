import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {type Change, removedBy} from '../../../engine/kubernetes/change.ts'
import {refOf} from '../../../engine/kubernetes/object.ts'
import type {Outcome} from '../../../engine/plan/apply.ts'
import {tokenHistoryEdit} from '../../../mesh/credentials/objects-history.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readerTokenName} from '../../../mesh/objects-reader.ts'
import {writeInTurn} from '../../../run/lease/write-in-turn.ts'
import type {Run} from '../../../run/run.ts'
import {clusterOf} from '../plan.ts'
import {buildNextToken, buildRemoteSecretWith, buildRevocation} from './objects.ts'
import {buildRotationRecord, type RecordedPair, type RecordedPairs, type RotationRecord} from './objects-record.ts'
import type {Pair, RotationSettings} from './pairs.ts'

/** What all pairs of a rotation share. */
export interface RotationFrame {
  settings: RotationSettings
  pairs: readonly Pair[]
  holdMs: number
  restartIstiod: boolean
  run: Run
  /** The time at which the rotation began. */
  id: string
  /** The recorded pairs of each holder, as they are in the cluster. */
  records: Map<string, RecordedPairs>
  /** What was written so far. */
  outcomes: Outcome[]
}

/**
 * Applies changes in one cluster.
 *
 * @throws MeshError (exit 4) for a conflict or a write that failed
 */
export async function write(frame: RotationFrame, member: MeshMember, changes: readonly Change[]): Promise<void> {
  const {run, outcomes} = frame
  await writeInTurn({name: member.cluster, cluster: clusterOf(member), set: member.facts!.set}, changes, run, outcomes)
}

/** Returns how far a pair is, according to the record. */
export function recordedOf({records}: RotationFrame, {holder, target}: Pair): RecordedPair | undefined {
  return records.get(holder.cluster)?.[target.cluster]
}

/** Records how far a pair is, before the step that follows. */
export async function recordPair(frame: RotationFrame, pair: Pair, recorded: RecordedPair | undefined): Promise<void> {
  const {holder, target} = pair
  const {[target.cluster]: _former, ...others} = frame.records.get(holder.cluster) ?? {}
  const pairs = recorded ? {...others, [target.cluster]: recorded} : others
  frame.records.set(holder.cluster, pairs)
  await writeRecord(frame, holder, {id: frame.id, pairs})
}

/** Writes one key of the remote Secret. The other keys are read just before. */
export async function writeKubeconfig(pair: Pair, frame: RotationFrame, kubeconfig: string): Promise<void> {
  const {holder, held} = pair
  const ref = refOf(held.found.secret)
  const live = await inCluster(holder.cluster, () => clusterOf(holder).get(ref))
  await write(frame, holder, buildRemoteSecretWith(pair, live ?? held.found.secret, kubeconfig))
}

/**
 * Deletes the new token of a pair that does not use it, and the record of the pair. A token that others use already stays. The name of
 * the deleted Secret counts as used.
 */
export async function discardPair(pair: Pair, frame: RotationFrame): Promise<void> {
  const {target} = pair
  const name = readerTokenName(pair.next)
  const isUsed = frame.pairs.some(other => other !== pair && other.target === target && usesToken(frame, other, name))
  if (!isUsed) {
    const ref = refOf(buildNextToken(pair, frame.settings.systemNamespace).object)
    const secret = await inCluster(target.cluster, () => clusterOf(target).get(ref))
    const removals = secret ? [buildRevocation(pair, secret)] : []
    await write(frame, target, [...tokenHistoryEdit(target.cluster, target.facts!, removedBy(removals)), ...removals])
  }
  await recordPair(frame, pair, undefined)
}

function usesToken(frame: RotationFrame, pair: Pair, name: string): boolean {
  const recorded = recordedOf(frame, pair)
  return pair.held.secret?.metadata.name === name || (recorded !== undefined && readerTokenName(recorded.next) === name)
}

/** Records that the whole rotation is finished. */
export async function finishRotation(frame: RotationFrame): Promise<void> {
  const [first] = frame.pairs
  if (first) await writeRecord(frame, first.holder, {id: frame.id, finished: true, pairs: {}})
}

function writeRecord(frame: RotationFrame, holder: MeshMember, record: RotationRecord): Promise<void> {
  return write(frame, holder, [buildRotationRecord(holder.cluster, frame.settings.systemNamespace, record)])
}
