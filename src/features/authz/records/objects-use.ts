import {isDeepStrictEqual} from 'node:util'
import type {Check, Finding} from '../../../findings/check.ts'
import {isSet} from '../../../spec/relations.ts'
import type {Provider} from '../objects.ts'
import {authzAttachFields, type CompleteAuthz} from '../spec.ts'
import {type AuthzRecord, sharedPlace} from './objects.ts'

/** What becomes of the providers of an authorizer's name. Places are revisions, or `sharedPlace`. */
export interface ProviderUse {
  /** Places that get the provider, or in which ours is updated. */
  written: string[]
  /** Places that had such a provider before. It is used as it is, and stays when the authorizer is detached. */
  existing: string[]
  /** Places in which an earlier run with another `--via` wrote the provider, and that still have it. */
  former: string[]
}

/** The mesh configs of an authorizer. */
export interface ProviderPlaces {
  provider: Provider
  places: readonly string[]
  /** The present `extensionProviders`, by place. */
  live: ReadonlyMap<string, readonly unknown[]>
  record: AuthzRecord | undefined
  via: CompleteAuthz['via']
}

/** Determines which providers are ours: those that the record lists, and all that do not exist yet. */
export function providerUse({provider, places, live, record, via}: ProviderPlaces): ProviderUse {
  const existing = places.filter(place => !isRecorded(place, record) && liveProvider(provider.name, live.get(place)))
  const former = formerPlaces(record, via).filter(
    place => !places.includes(place) && liveProvider(provider.name, live.get(place)),
  )
  return {written: places.filter(place => !existing.includes(place)), existing, former}
}

/** The places that earlier runs wrote and that this run, with another `--via`, does not use. */
function formerPlaces(record: AuthzRecord | undefined, via: CompleteAuthz['via']): string[] {
  // Printed values: the user decides when the provider leaves the mesh config.
  if (!record || via === 'helm-values' || via === 'sail') return []
  const before = record.via === via ? [] : [...record.revisions, sharedPlace]
  return [...new Set([...before.filter(place => isRecorded(place, record)), ...record.former])]
}

/** A provider of another owner is used as it is if it does what was requested. */
export const existingFits: Check<ProviderPlaces & {spec: CompleteAuthz}> = {
  id: 'provider-owner',
  about: 'no other component manages a provider of this name',
  run: ({spec, ...places}) => {
    const {name} = places.provider
    return providerUse(places).existing.map((place): Finding => {
      const differing = differences(spec, places.provider, liveProvider(name, places.live.get(place))!)
      const where = place === sharedPlace ? 'the shared mesh config' : `the mesh config of revision ${place}`
      if (differing.length === 0)
        return {
          level: 'warning',
          message: `provider ${name} in ${where} was not created by kubectl-mesh: it is used as it is, and stays when you detach the authorizer`,
        }
      return {
        message: `provider ${name} in ${where} was not created by kubectl-mesh, and differs: ${differing.join('; ')}`,
        hints: ['choose another name', `or request what the provider has, to use it as it is`],
      }
    })
  },
}

/** Whether an earlier run wrote the provider, according to the record. Printed providers are those of the user. */
function isRecorded(place: string, record: AuthzRecord | undefined): boolean {
  if (!record || record.existing.includes(place)) return false
  if (place === sharedPlace) return record.via === 'shared-config'
  return record.via === 'mesh-config' && record.revisions.includes(place)
}

function liveProvider(name: string, providers: readonly unknown[] = []): Record<string, unknown> | undefined {
  const found = providers.find(one => (one as {name?: unknown} | null)?.name === name)
  return found as Record<string, unknown> | undefined
}

/** What an existing provider does not do as requested. Fields that were not requested are its own. */
function differences(spec: CompleteAuthz, provider: Provider, live: Record<string, unknown>): string[] {
  const {name: _name, ...typed} = provider
  const [type, body] = Object.entries(typed)[0] as [string, Record<string, unknown>]
  const actual = live[type] as Record<string, unknown> | undefined
  if (typeof actual !== 'object' || actual === null) return [`it has no ${type}`]
  const {timeout, ...others} = body
  const requested: Record<string, unknown> = {
    failOpen: false,
    ...others,
    ...(isSet(authzAttachFields.timeout, spec.timeout) ? {timeout} : {}),
  }
  return Object.entries(requested).flatMap(([key, expected]) => {
    // The default of a missing field (istio.io/api mesh/v1alpha1, 1.31).
    const value = key === 'failOpen' ? actual[key] === true : (actual as Record<string, unknown>)[key]
    if (isDeepStrictEqual(value, expected)) return []
    return [`${key} is ${JSON.stringify(value) ?? 'not set'}; expected ${JSON.stringify(expected)}`]
  })
}
