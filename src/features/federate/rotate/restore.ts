import {exitCodes, MeshError} from '../../../errors.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import type {RotationFrame} from './frame.ts'
import {discardPair, writeKubeconfig} from './frame.ts'
import type {RecordedPair} from './objects-record.ts'
import {observePair, settleMs} from './observe.ts'
import type {Pair} from './pairs.ts'
import {restartIstiods} from './restart.ts'

/** How long istiod is observed after the previous credential is back. */
const recoveryMs = 10_000

/**
 * Writes the previous kubeconfig back after a loss, observes whether istiod recovers, and deletes the new token.
 *
 * @throws MeshError (exit 4), always
 */
export async function restorePair(
  pair: Pair,
  frame: RotationFrame,
  {recorded, loss}: {recorded: RecordedPair; loss: string},
): Promise<never> {
  const {holder, target} = pair
  const {previous, baseline} = recorded
  const problem = `${holder.cluster}: ${loss} since the credential for ${target.cluster} changed`
  frame.run.terminal.message(`${problem}; restoring the previous credential`)
  if (previous !== undefined) await writeKubeconfig(pair, frame, previous)
  const before = {baseline, updates: new Map<string, number>()}
  const observation = {settleMs, holdMs: recoveryMs}
  let left = await observePair(pair, before, frame, observation)
  if (left !== undefined && frame.restartIstiod) {
    await restartIstiods(holder, frame, new Date())
    left = await observePair(pair, before, frame, observation)
  }
  await discardPair(pair, frame)
  const {systemNamespace} = frame.settings
  const restart = `kubectl ${contextFlags(holder.context)} -n ${systemNamespace} rollout restart deployment -l app=istiod`
  throw new MeshError(
    left === undefined
      ? {message: `${problem}; the previous credential is restored, and istiod works as before`}
      : {
          message: `${problem}; the previous credential is restored, but ${left}`,
          hints: [`restart istiod: ${restart}`],
        },
    exitCodes.partly,
  )
}
