import {names} from '../../../istio/names.ts'
import {readerTokenName} from '../../../mesh/objects-reader.ts'
import {formatDuration} from '../../../text/duration.ts'
import type {Pair} from './pairs.ts'

/** What a dry run needs beside the pairs. */
export interface StepOptions {
  systemNamespace: string
  credentialDuration: number | undefined
  holdMs: number
  restartIstiod: boolean
}

/** Returns the steps of a rotation, pair by pair, for a dry run. */
export function formatRotationSteps(pairs: readonly Pair[], options: StepOptions): string {
  return pairs
    .map(pair => [headOf(pair), ...stepsOf(pair, options).map((step, at) => `  ${at + 1}. ${step}`)].join('\n'))
    .join('\n')
}

function headOf({holder, target, recorded}: Pair): string {
  const resumed = recorded ? ` (continues: ${recorded.phase})` : ''
  return `${holder.cluster} → ${target.cluster}${resumed}`
}

function stepsOf(pair: Pair, {systemNamespace, credentialDuration, holdMs, restartIstiod}: StepOptions): string[] {
  const {holder, target, held, old, next} = pair
  const lifetime =
    credentialDuration === undefined ? 'that does not expire' : `for ${formatDuration(credentialDuration)}`
  return [
    `record the rotation and the current state of every istiod of ${holder.cluster}`,
    `${target.cluster}: create Secret ${systemNamespace}/${readerTokenName(next)} and a token of ${names.readerAccount} ${lifetime}`,
    `${target.cluster}: prove that istiod can use the token: review it and list Services with it`,
    `${holder.cluster}: change the key ${target.cluster} of Secret ${systemNamespace}/${held.found.secret.metadata.name}`,
    ...(restartIstiod ? [`${holder.cluster}: restart istiod`] : []),
    `${holder.cluster}: observe every istiod for ${formatDuration(holdMs)}; restore the current token if it loses anything`,
    ...(old
      ? [
          `${target.cluster}: delete Secret ${systemNamespace}/${old.metadata.name} once no cluster uses it, and verify that its token is rejected`,
        ]
      : []),
  ]
}
