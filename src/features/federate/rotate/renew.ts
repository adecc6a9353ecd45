import type {MeshMember} from '../../../mesh/members.ts'
import {commandLineOf} from '../../../run/command-line.ts'
import type {Run} from '../../../run/run.ts'
import {readSpec} from '../../../spec/read.ts'
import {count} from '../../../text/count.ts'
import type {Federation} from '../spec.ts'
import {type Pair, pairsToRenew} from './pairs.ts'
import {checkRotation, type RotationOptions, rotatePairs} from './rotate-pairs.ts'
import {defaultHoldMs, federationRotateFields} from './spec.ts'

/**
 * Returns the credentials that a run of `mesh federate` rotates after all other changes, and announces them.
 *
 * @param resume the command line that repeats the run
 * @throws MeshError (exit 3) if an istiod could lose endpoints
 */
export async function announceRenewals(
  spec: Federation,
  all: readonly MeshMember[],
  resume: string,
  run: Run,
): Promise<readonly Pair[]> {
  const pairs = duePairs(spec, all)
  if (pairs.length === 0) return pairs
  await checkRotation(pairs, all, optionsOf(spec, resume, run), run)
  const names = pairs.map(({holder, target}) => `${holder.cluster} → ${target.cluster}`)
  run.terminal.message(`${count(pairs.length, 'token')} will be rotated after all other changes: ${names.join(', ')}`)
  return pairs
}

/**
 * Rotates the credentials that are due.
 *
 * @param after the clusters as they are after all other changes
 * @returns whether there were any
 * @throws MeshError (exit 4) after the first failure
 */
export async function renewCredentials(
  spec: Federation,
  after: readonly MeshMember[],
  resume: string,
  run: Run,
): Promise<boolean> {
  const read = after.filter(({facts}) => facts !== undefined)
  const pairs = duePairs(spec, read)
  if (pairs.length > 0) await rotatePairs(pairs, read, optionsOf(spec, resume, run), run)
  return pairs.length > 0
}

function duePairs(spec: Federation, all: readonly MeshMember[]): Pair[] {
  return spec.mode === 'gateways' ? [] : pairsToRenew(spec, all, new Date())
}

function optionsOf(spec: Federation, resume: string, run: Run): RotationOptions {
  const {contexts, systemNamespace} = spec
  const rotation = readSpec(federationRotateFields, {contexts, systemNamespace, restartIstiod: true})
  const command = run.command.replace('kubectl mesh federate', 'kubectl mesh federate rotate')
  const restartCommand = commandLineOf(federationRotateFields, rotation, {command})
  return {settings: spec, holdMs: defaultHoldMs, restartIstiod: false, resume, restartCommand}
}
