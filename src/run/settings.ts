import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {exitCodes, MeshError} from '../errors.ts'
import type {Schema} from '../spec/field.ts'
import type {RawSpec} from '../spec/read.ts'
import {parseSettings, type RiskyChange, type SettingsInput, settingsKey} from '../spec/settings.ts'
import type {Run} from './run.ts'

/** Returns the settings that a record stores. Undefined without a record, or for one of version 0.1.0. */
export function storedSettings<S extends Schema>(
  schema: S,
  record: KubernetesObject | undefined,
): RawSpec<S> | undefined {
  return parseSettings(schema, (record?.data as Record<string, string> | undefined)?.[settingsKey])
}

/** Returns the input of a run over the settings that its record stores, for `mergeSettings` and `riskyChanges`. */
export function settingsInput<S extends Schema>(
  schema: S,
  requested: RawSpec<S>,
  record: KubernetesObject | undefined,
  {write: {reset, complete}}: Run,
): SettingsInput<S> {
  return {requested, stored: storedSettings(schema, record), reset, complete}
}

/**
 * Describes risky changes before the confirmation. With `--yes`, there is no confirmation, so each change needs its flag.
 *
 * @throws MeshError (exit 2) with `--yes`, if a mesh file no longer contains the field
 */
export function announceRisks(changes: readonly RiskyChange[], {terminal, write}: Run): void {
  const silent = changes.filter(({isExplicit}) => write.yes && !isExplicit)
  if (silent.length > 0)
    throw new MeshError(
      silent.map(({flag, text}) => ({message: text, hints: [`add --reset ${flag} to confirm this without a prompt`]})),
      exitCodes.usage,
    )
  for (const {text} of changes) terminal.message(`warning: ${text}`)
}
