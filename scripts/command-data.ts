import {join} from 'node:path'
import {pathToFileURL} from 'node:url'

/** A flag in oclif's manifest, as far as pages and completion use it. */
export interface CommandFlag {
  type: 'boolean' | 'option'
  char?: string
  summary?: string
  description?: string
  default?: unknown
  /** The default as help shows it. The manifest has no such key: `addFlagTexts` sets it. */
  defaultText?: string
  helpGroup?: string
  helpValue?: string
  hidden?: boolean
  multiple?: boolean
  allowNo?: boolean
  required?: boolean
  options?: string[]
}

/** An argument in oclif's manifest, as far as pages and completion use it. */
export interface CommandArgument {
  description?: string
  required?: boolean
  multiple?: boolean
  options?: string[]
}

/** A command in oclif's manifest, as far as pages and completion use it. */
export interface ManifestCommand {
  /** Command words joined by `:`. */
  id: string
  summary?: string
  description?: string
  examples?: (string | {description?: string; command: string})[]
  hidden?: boolean
  /** Path of the module, from the folder of the manifest. */
  relativePath?: string[]
  flags: Record<string, CommandFlag>
  args: Record<string, CommandArgument>
}

/** oclif.manifest.json. */
export interface Manifest {
  commands: Record<string, ManifestCommand>
}

/** `oclif.topics` of package.json. */
export type Topics = Record<string, {description?: string}>

/** The texts that `flag-builders.ts` stores in a flag, and that oclif does not copy to the manifest. */
interface FlagTexts {
  about?: string
  fallbackText?: string
}

interface CommandClass {
  flags?: Record<string, FlagTexts>
  baseFlags?: Record<string, FlagTexts>
}

/**
 * Returns the commands of a manifest with separate texts for flags: `summary` is the description alone, and `defaultText`
 * the default. In the manifest, the summary contains both, because help shows them together.
 *
 * @param folder contains the manifest and the bundled commands
 * @throws Error if a command cannot be imported
 */
export async function addFlagTexts(commands: readonly ManifestCommand[], folder: string): Promise<ManifestCommand[]> {
  return Promise.all(
    commands.map(async command => {
      const texts = await flagTextsOf(command, folder)
      const flags = Object.entries(command.flags).map(([name, flag]) => [name, withTexts(flag, texts[name])] as const)
      return {...command, flags: Object.fromEntries(flags)}
    }),
  )
}

async function flagTextsOf({relativePath}: ManifestCommand, folder: string): Promise<Record<string, FlagTexts>> {
  if (!relativePath) return {}
  const {default: command}: {default: CommandClass} = await import(pathToFileURL(join(folder, ...relativePath)).href)
  return {...command.baseFlags, ...command.flags}
}

function withTexts(flag: CommandFlag, {about, fallbackText}: FlagTexts = {}): CommandFlag {
  return {
    ...flag,
    ...(about === undefined ? {} : {summary: about}),
    ...(fallbackText === undefined ? {} : {defaultText: fallbackText}),
  }
}
