import {type ValuesFile, valuesData} from '../../control-plane/values.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Run} from '../../run/run.ts'
import {settingsInput, storedSettings} from '../../run/settings.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {listOfRaw, mergeSettings, type SettingsInput, settingsData} from '../../spec/settings.ts'
import {type TenantSpec, tenantFields} from './spec.ts'
import {formatLabel, namesOf} from './spec-names.ts'

/** Unvalidated input of `mesh tenant add`. */
export type RawTenant = RawSpec<typeof tenantFields>

/** The input of `mesh tenant add` over the settings in the record of the tenant. */
export type TenantInput = SettingsInput<typeof tenantFields>

type Data = Record<string, string | undefined>

/** Returns the input of a run over the settings in a record. A record of version 0.1.0 has only the names and the tool. */
export function tenantInput(requested: RawTenant, record: KubernetesObject | undefined, run: Run): TenantInput {
  const input = settingsInput(tenantFields, requested, record, run)
  if (!record || input.stored) return input
  const {tenant, revision, selector, via} = (record.data ?? {}) as Data
  return {
    ...input,
    stored: {name: tenant, systemNamespace: record.metadata.namespace, revision, selectorLabel: selector, via},
  }
}

/**
 * Returns the stored settings with the requested ones over them. Namespaces and `--set` are added to the stored ones: the
 * stored namespaces still belong to the tenant.
 *
 * @throws MeshError (exit 2) for an unknown name in `--reset`
 */
export function mergeTenant(input: TenantInput): RawTenant {
  return mergeSettings(tenantFields, input, ['namespaces', 'set'])
}

/** Returns a Spec with all names of the tenant, so that a later change of a default does not change them. */
export function withNames(spec: TenantSpec): TenantSpec {
  const {systemNamespace, revision, selector} = namesOf(spec)
  return {...spec, systemNamespace, revision, selectorLabel: formatLabel(selector)}
}

/** Returns the part of the record that stores the settings. */
export function tenantSettings(spec: TenantSpec, values: readonly ValuesFile[]): Record<string, string> {
  return {...settingsData(tenantFields, withNames(spec)), ...valuesData(values)}
}

/**
 * Returns the data of a record after namespaces joined or left the tenant. Undefined if the record stores no settings, or
 * already has this result.
 *
 * @param change receives the stored namespaces and returns the new ones
 */
export function withNamespaces(
  record: KubernetesObject,
  change: (stored: readonly string[]) => string[],
): Record<string, string> | undefined {
  const {members: _members, ...data} = (record.data ?? {}) as Record<string, string>
  const stored = storedSettings(tenantFields, record)
  if (!stored) return undefined
  const before = listOfRaw(stored.namespaces).map(String)
  const namespaces = change(before)
  if (namespaces.length === before.length && namespaces.every(name => before.includes(name))) return undefined
  return {...data, ...settingsData(tenantFields, readSpec(tenantFields, {...stored, namespaces}))}
}
