import type {Problem} from '../../../errors.ts'
import {exposedHosts} from '../../../istio/exposed-hosts.ts'
import {type GatewaysByContext, mergeGateways} from '../../../mesh/gateways/spec.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {primaryAmong} from '../../../mesh/primary-remote.ts'
import {clusterInRecord} from '../../../mesh/record.ts'
import type {Raw, Schema} from '../../../spec/field.ts'
import type {RawSpec} from '../../../spec/read.ts'
import {isSet, relationsHold} from '../../../spec/relations.ts'
import {mergeSettings, type RiskyChange, riskyChanges, type SettingsInput} from '../../../spec/settings.ts'
import {type Federation, federationFields} from '../spec.ts'

// Each cluster has its own record, and contexts have other names on other machines. A record therefore stores the settings
// of its cluster alone, and names clusters as the mesh does.

type RawFederation = RawSpec<typeof federationFields>

/** The settings in the record of one cluster, in terms of the contexts of a run. */
export interface StoredSettings {
  /** Name of the cluster in the mesh. */
  cluster: string
  raw: RawFederation
  /** A setting that is not in `raw` has its default. Otherwise it is unknown: version 0.1.0 stored no settings. */
  isComplete: boolean
}

/** Fields with one value per context. */
const perCluster = ['clusterName', 'network', 'server', 'gateway'] as const

const names = Object.keys(federationFields) as (keyof typeof federationFields)[]

/** Returns the settings of a Spec that the record of one cluster stores. */
export function settingsFor(spec: Federation, member: MeshMember, all: readonly MeshMember[]): Federation {
  const {context, cluster} = member
  const own = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
    map[context] === undefined ? Object.create(null) : {[cluster]: map[context]}
  const primary = spec.mode === 'primary-remote' ? primaryAmong(all)?.cluster : undefined
  return {
    ...spec,
    // Paths of this computer: the record of the control plane contains the files.
    values: [],
    primary,
    clusterName: own(spec.clusterName),
    network: own(spec.network),
    server: own(spec.server),
    gateway: own(spec.gateway),
  }
}

/** Returns settings as a record stores them, in terms of the contexts of a run. */
export function inContexts(raw: RawFederation, context: string, all: readonly MeshMember[]): RawFederation {
  const result = {...raw}
  for (const name of perCluster) {
    const [value] = Object.values(valuesOf(name, raw[name]))
    if (value !== undefined) result[name] = {[context]: value as Raw}
  }
  const primary = all.find(({facts, cluster}) => (clusterInRecord(facts?.record) ?? cluster) === raw.primary)
  return primary ? {...result, primary: primary.context} : result
}

/** What a run is asked for, and what the records of its clusters store. */
export interface FederationInput extends Omit<SettingsInput<typeof federationFields>, 'stored'> {
  stored: readonly StoredSettings[]
}

/**
 * Returns the stored settings with the requested ones over them. Maps are merged by context.
 *
 * @throws MeshError (exit 2) for an unknown name in `reset`
 */
export function mergeFederation(input: FederationInput): RawFederation {
  const stored = firstStored(input.stored)
  const requested = {...input.requested}
  if (stored && !input.complete)
    for (const name of perCluster)
      if (requested[name] !== undefined && !input.reset.includes(federationFields[name].flag))
        requested[name] = mergeValues(name, stored[name], requested[name])
  return mergeSettings(federationFields, {...input, requested, stored})
}

type PerCluster = (typeof perCluster)[number]

/** The values of a field by key. Those of gateways are stored as texts. */
function valuesOf(name: PerCluster, raw: Raw): Readonly<Record<string, unknown>> {
  return raw === undefined || raw === null ? {} : federationFields[name].parse(raw)
}

/** The settings of a gateway are merged one by one. */
function mergeValues(name: PerCluster, stored: Raw, requested: Raw): Raw {
  const [before, after] = [valuesOf(name, stored), valuesOf(name, requested)]
  const merged =
    name === 'gateway' ? mergeGateways(before as GatewaysByContext, after as GatewaysByContext) : {...before, ...after}
  return merged as Raw
}

/** The first value of each field, except for maps, which have a value per context. Undefined without a record. */
function firstStored(stored: readonly StoredSettings[]): RawFederation | undefined {
  if (stored.length === 0) return undefined
  const result: RawFederation = {}
  // What the user has set takes precedence over what the objects of a cluster without a record show.
  const known = [...stored].sort((a, b) => Number(b.isComplete) - Number(a.isComplete))
  for (const name of names) {
    const values = known.flatMap(({raw}) => (raw[name] === undefined ? [] : [raw[name]]))
    if (values.length === 0) continue
    result[name] = isPerCluster(name) ? Object.assign({}, ...(values as object[])) : values[0]
  }
  return result
}

function isPerCluster(name: string): boolean {
  return (perCluster as readonly string[]).includes(name)
}

/**
 * Returns a problem for each setting that differs between the records, and that this run neither sets nor resets. A setting
 * without an effect in this run is no problem.
 *
 * @param merged what `mergeFederation` returned
 */
export function differingSettings(
  {requested, reset, complete, stored}: FederationInput,
  merged: RawFederation,
): Problem[] {
  if (complete) return []
  return names.flatMap((name): Problem[] => {
    const {flag} = federationFields[name]
    if (isPerCluster(name) || requested[name] !== undefined || reset.includes(flag) || merged[name] === undefined)
      return []
    const known = stored.filter(({raw, isComplete}) => isComplete || raw[name] !== undefined)
    const groups = Map.groupBy(known, ({raw}) => effectOf(name, raw[name], merged))
    if (groups.size < 2) return []
    const values = [...groups.values()].map(
      group => `${textOf(group[0]!.raw[name])} in ${group.map(({cluster}) => cluster).join(', ')}`,
    )
    return [
      {
        message: `the clusters joined with different settings: --${flag} is ${values.join(', and ')}`,
        hints: [`set --${flag} for all of them, or return to the default with --reset ${flag}`],
      },
    ]
  })
}

/** Values with the same effect are equal. Without a record, the hosts of a Gateway are known, but not how the user wrote them. */
function effectOf(name: keyof typeof federationFields, value: Raw, merged: RawFederation): string {
  if (name !== 'expose' || value === undefined || value === null) return textOf(value)
  const {systemNamespace, clusterDomain} = federationFields
  const scope = {
    systemNamespace: String(merged.systemNamespace ?? systemNamespace.fallback),
    clusterDomain: String(merged.clusterDomain ?? clusterDomain.fallback),
  }
  return exposedHosts(federationFields.expose.parse(value), scope).sort().join()
}

function textOf(value: Raw): string {
  if (value === undefined) return 'not set'
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** Returns the changes to the settings of any cluster that widen access or extend the life of a credential, each once. */
export function federationRisks({stored, ...input}: FederationInput, spec: Federation): RiskyChange[] {
  const all = stored.flatMap(({raw}) => riskyChanges(federationFields, {...input, stored: raw}, spec))
  // A field that has no effect any more widens nothing.
  const effective = all.filter(({flag}) =>
    names.some(name => federationFields[name].flag === flag && relationsHold(federationFields, spec, name)),
  )
  return [...new Map(effective.map(risk => [risk.text, risk])).values()]
}

/** Returns `--reset FLAG` for each setting that a record stores and that has its default in this run, to repeat the run. */
export function replayedResets(stored: readonly StoredSettings[], spec: Federation): string[] {
  const fields: Schema = federationFields
  return names.flatMap(name => {
    const wasSet = stored.some(({raw}) => raw[name] !== undefined)
    const hasDefault = !isSet(fields[name]!, spec[name]) && relationsHold(fields, spec, name)
    return wasSet && hasDefault ? ['--reset', fields[name]!.flag] : []
  })
}
