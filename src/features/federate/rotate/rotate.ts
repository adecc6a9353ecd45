import {type ExitCode, exitCodes, usageError} from '../../../errors.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {commandLineOf} from '../../../run/command-line.ts'
import {confirmChange} from '../../../run/confirm.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {holdLeases} from '../../../run/lease/leased.ts'
import type {WrittenPlane} from '../../../run/lease/plane.ts'
import type {Run} from '../../../run/run.ts'
import {announceRisks} from '../../../run/settings.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {readMerged} from '../../../spec/settings.ts'
import {count} from '../../../text/count.ts'
import {clusterOf} from '../plan.ts'
import {completeMembers, readClusters} from '../read.ts'
import {readInput, readScope} from '../settings/settings.ts'
import {federationRisks, mergeFederation} from '../settings/spec-stored.ts'
import {type Federation, federationFields, validateFederation} from '../spec.ts'
import {type ForeignCredential, type Pair, pairsAmong} from './pairs.ts'
import {formatRotationSteps} from './report.ts'
import {checkRotation, type RotationOptions, rotatePairs} from './rotate-pairs.ts'
import {type FederationRotate, federationRotateFields, validateFederationRotate} from './spec.ts'
import {storeDuration} from './store-duration.ts'

/**
 * Rotates credentials of other features for the same clusters, after those of istiods.
 *
 * @param all clusters that were read
 */
export type RotateOthers = (all: readonly MeshMember[], systemNamespace: string) => Promise<ExitCode>

/**
 * Replaces the credentials that clusters hold for each other: `mesh federate rotate`. The new token is made before the old one is
 * revoked, and every istiod is observed in between.
 *
 * @param others called unless the run is for single clusters
 * @throws MeshError (exit 2) for invalid input, (exit 3) if nothing was written, (exit 4) if the rotation stopped
 */
export async function rotateFederation(
  raw: RawSpec<typeof federationRotateFields>,
  run: Run,
  others: RotateOthers,
): Promise<ExitCode> {
  const spec = readSpec(federationRotateFields, raw, validateFederationRotate)
  refuseClientDryRun(run)
  const {federation, all, hasNewDuration} = await readJoined(raw, run)
  const {pairs: every, foreign} = pairsAmong(federation, all)
  const pairs = selected(spec, every, all)
  reportForeign(spec, foreign, run)
  if (pairs.length === 0) {
    run.terminal.message('no credentials to rotate: run kubectl mesh federate first')
    return exitCodes.ok
  }
  const options = optionsOf(spec, federation, run)
  await checkRotation(pairs, all, options, run)
  const {hold: holdMs, restartIstiod} = spec
  if (run.write.dryRun === 'server') {
    const {systemNamespace, credentialDuration} = federation
    run.terminal.print(formatRotationSteps(pairs, {systemNamespace, credentialDuration, holdMs, restartIstiod}), 'text')
    if (spec.cluster.length === 0) await others(all, systemNamespace)
    return run.write.exitCode ? exitCodes.differences : exitCodes.ok
  }
  await confirmChange(`Rotate ${count(pairs.length, 'credential')}?`, run)
  await holdLeases(planesOf(all), run)
  if (hasNewDuration) await storeDuration(federation, all, run)
  await rotatePairs(pairs, all, options, run)
  return spec.cluster.length === 0 ? others(all, federation.systemNamespace) : exitCodes.ok
}

/** Any of the clusters is written to in turn. */
function planesOf(all: readonly MeshMember[]): WrittenPlane[] {
  return all.map(member => ({
    name: member.cluster,
    cluster: clusterOf(member),
    namespace: member.facts!.set.namespace,
  }))
}

interface Joined {
  federation: Federation
  all: readonly MeshMember[]
  /** `--credential-duration` differs from the stored setting. */
  hasNewDuration: boolean
}

/** Reads the clusters with the settings of their federation. */
async function readJoined(raw: RawSpec<typeof federationRotateFields>, run: Run): Promise<Joined> {
  const {contexts, clusterName, systemNamespace, revision, credentialDuration} = raw
  const values = {contexts, clusterName, systemNamespace, revision, credentialDuration}
  // A key without a value would hide the stored one.
  const requested = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as typeof values
  const scope = readScope(requested, false)
  const facts = await readClusters(scope, run)
  const input = readInput(requested, scope, facts, run)
  const merged = mergeFederation(input)
  const federation = readMerged(federationFields, input, merged, settings =>
    readSpec(federationFields, settings, validateFederation),
  )
  if (federation.mode === 'gateways') throw usageError('in gateways mode, clusters hold no credentials for each other')
  announceRisks(federationRisks(input, federation), run)
  const before = readSpec(federationFields, mergeFederation({...input, requested: {contexts}}))
  const hasNewDuration = before.credentialDuration !== federation.credentialDuration
  return {federation, all: await completeMembers(federation, facts), hasNewDuration}
}

/** @throws MeshError (exit 2) for a name that is no cluster of the run */
function selected(
  {cluster: names}: FederationRotate,
  pairs: readonly Pair[],
  all: readonly MeshMember[],
): readonly Pair[] {
  const unknown = names.find(name => !all.some(({cluster}) => cluster === name))
  if (unknown !== undefined)
    throw usageError(
      `--cluster ${unknown}: no such cluster among ${all.map(({cluster}) => cluster).join(', ')}`,
      'add its context to --contexts',
    )
  return names.length === 0 ? pairs : pairs.filter(({target}) => names.includes(target.cluster))
}

function reportForeign({cluster: names}: FederationRotate, foreign: readonly ForeignCredential[], run: Run): void {
  for (const {holder, target, secret} of foreign)
    if (names.length === 0 || names.includes(target))
      run.terminal.message(
        `warning: ${holder}: Secret ${secret} for ${target} was not created by kubectl-mesh and is not rotated`,
      )
}

function optionsOf(spec: FederationRotate, federation: Federation, run: Run): RotationOptions {
  const {hold: holdMs, restartIstiod} = spec
  const resume = commandLineOf(federationRotateFields, spec, run)
  const restartCommand = commandLineOf(federationRotateFields, {...spec, restartIstiod: true}, run)
  return {settings: federation, holdMs, restartIstiod, resume, restartCommand}
}
