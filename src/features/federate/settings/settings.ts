import {exitCodes, MeshError} from '../../../errors.ts'
import {type FederationFacts, objectsWithoutRecord} from '../../../mesh/facts.ts'
import {type MemberNaming, type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {commandLineOf} from '../../../run/command-line.ts'
import type {Run} from '../../../run/run.ts'
import {storedSettings} from '../../../run/settings.ts'
import type {Schema} from '../../../spec/field.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import type {FactsByContext} from '../read.ts'
import {type Federation, federationFields, validateFederation, validateInput} from '../spec.ts'
import {formerSettings} from './spec-former.ts'
import {lostRoleProblem, lostSettings} from './spec-lost.ts'
import {
  differingSettings,
  type FederationInput,
  inContexts,
  mergeFederation,
  replayedResets,
  type StoredSettings,
} from './spec-stored.ts'

type RawFederation = RawSpec<typeof federationFields>

/** What decides which facts are read, and where the records are. */
const {contexts, systemNamespace, revision, mode, dns, controlPlane, clusterName} = federationFields
const scopeFields = {contexts, systemNamespace, revision, mode, dns: {...dns, onlyWith: {}}, controlPlane, clusterName}

/** The part of a Spec that decides which facts are read. */
export type FederationScope = ReturnType<typeof readScope>

/**
 * Validates the input as far as this is possible without the stored settings, and returns what decides which facts are read.
 *
 * @param complete the input is a mesh file, with which no stored settings are merged
 * @throws MeshError (exit 2)
 */
export function readScope(raw: RawFederation, complete: boolean) {
  if (complete) readSpec(federationFields, raw, validateFederation)
  else {
    readSpec(withoutRelations(federationFields), raw)
    const known = Object.entries(raw).filter(([name]) => !dependsOnStored(name, raw))
    readSpec(federationFields, Object.fromEntries(known) as RawFederation, validateInput)
  }
  const scope = Object.keys(scopeFields).map(name => [name, raw[name as keyof RawFederation]])
  return readSpec(scopeFields, Object.fromEntries(scope) as RawSpec<typeof scopeFields>)
}

function withoutRelations<S extends Schema>(schema: S): S {
  const fields = Object.entries(schema).map(([name, {onlyWith: _only, excludes: _excludes, ...field}]) => [name, field])
  return Object.fromEntries(fields) as S
}

/** Whether a field has an effect only with another one that the input does not set. */
function dependsOnStored(name: string, raw: RawFederation): boolean {
  const {onlyWith = {}} = (federationFields as Schema)[name]!
  return Object.keys(onlyWith).some(other => raw[other as keyof RawFederation] === undefined)
}

/**
 * Reads the settings in the records of the clusters.
 *
 * @throws MeshError (exit 2) if they differ, and the run does not set them
 */
export function readInput(
  requested: RawFederation,
  scope: FederationScope,
  facts: FactsByContext,
  run: Run,
): FederationInput {
  const {reset, complete} = run.write
  const members = scope.contexts.map(context => resolveMember(scope, context, facts.get(context)))
  refuseLostRoles(requested, members, run)
  const stored = members.flatMap((member): StoredSettings[] => {
    const {context, cluster, facts: known} = member
    if (!known?.record) return withoutRecord(member, members, run)
    const raw = storedSettings(federationFields, known.record)
    // An earlier version stored paths. The record of a control plane contains the files.
    if (raw) delete raw.values
    const settings = inContexts(raw ?? formerSettings(known), context, members)
    return [{cluster, raw: settings, isComplete: raw !== undefined}]
  })
  const input = {requested, reset, complete, stored}
  const problems = differingSettings(input, mergeFederation(input))
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
  return input
}

/** @throws MeshError (exit 2) if records are gone whose clusters joined in primary-remote mode, and the run sets no mode */
function refuseLostRoles({mode: requestedMode}: RawFederation, members: readonly MeshMember[], {access}: Run): void {
  const problems =
    requestedMode === undefined ? members.flatMap(member => lostRoleProblem(member, access.manager) ?? []) : []
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
}

/**
 * Counts the objects of clusters whose record is gone as created, so that the run applies and lists them again. Those that it does
 * not apply are not removed: they stay among the unrecorded ones too.
 */
export function withLostObjects(facts: FactsByContext, {access}: Run): FactsByContext {
  return new Map(
    [...facts].map(([context, known]) => {
      const lost = objectsWithoutRecord(known, access.manager)
      return [context, lost.length === 0 ? known : {...known, created: [...known.created, ...lost]}]
    }),
  )
}

/** What the objects of a cluster show, if its record is gone. */
function withoutRecord(
  member: MeshMember,
  all: readonly MeshMember[],
  {terminal, write, access}: Run,
): StoredSettings[] {
  const raw = lostSettings(member, all, access.manager)
  if (!raw) return []
  const flags = (Object.keys(raw) as (keyof RawFederation)[]).map(name => `--${federationFields[name].flag}`)
  if (!write.complete)
    terminal.message([
      `warning: ${member.cluster}: the record of the federation is missing, but its objects exist. ${flags.length > 0 ? `Settings are read from them: ${flags.join(', ')}` : 'They have the default settings'}`,
      'hint:    set other settings again, such as --dns and the resources of gateways: the objects do not show them',
    ])
  return [{cluster: member.cluster, raw, isComplete: false}]
}

/** Completes the Spec of a command that has no `--server` by the stored URL of a cluster's API server. */
export function withStoredServer<N extends MemberNaming>(
  naming: N,
  context: string,
  facts: FederationFacts | undefined,
): N {
  const servers = storedSettings(federationFields, facts?.record)?.server ?? {}
  const [server] = Object.values(servers as Record<string, string>)
  return server === undefined ? naming : {...naming, server: {[context]: server}}
}

/**
 * Returns the stored settings of networks, for commands without `--single-network`. Empty if no cluster has a record.
 *
 * @param requested networks that the user set, by context
 */
export function storedNetworks(
  read: readonly {context: string; facts: FederationFacts | undefined}[],
  requested: Federation['network'],
): Partial<Pick<Federation, 'singleNetwork' | 'network'>> {
  const known = read.flatMap(({context, facts}) => {
    const settings = facts?.record && storedSettings(federationFields, facts.record)
    return settings ? [{context, settings}] : []
  })
  if (known.length === 0) return {}
  const network: Record<string, string> = Object.create(null)
  for (const {context, settings} of known) {
    const [stored] = Object.values((settings.network ?? {}) as Record<string, string>)
    if (stored !== undefined) network[context] = stored
  }
  return {
    singleNetwork: known.every(({settings}) => settings.singleNetwork === true),
    network: Object.assign(network, requested),
  }
}

/**
 * Returns the command line that repeats a run, with all its settings.
 *
 * @param stored settings of the records before the run
 */
export function replayOf(spec: Federation, stored: readonly StoredSettings[], run: Run): string {
  return commandLineOf(federationFields, spec, run, replayedResets(stored, spec))
}
