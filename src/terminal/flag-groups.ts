import type {Schema} from '../spec/field.ts'

/** Flags that have the names and meanings of kubectl's. */
export const kubectlGroup = 'KUBECTL'

/** Flags that select and shape the output. */
export const outputGroup = 'OUTPUT'

/** Mesh files and the settings of earlier runs. */
export const settingsGroup = 'SETTINGS'

/** Whether several commands share the flags of a group. Help shows only their names. */
export function isSharedGroup(group: string | undefined): boolean {
  return group === kubectlGroup || group === outputGroup
}

/** The fields of a schema by the heading under which help lists their flags. */
export type FlagGroups<S extends Schema> = Readonly<Record<string, readonly (keyof S & string)[]>>
