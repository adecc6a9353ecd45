import {readFileSync} from 'node:fs'
import {join} from 'node:path'

import type {HelpFlag} from './help/flags.ts'
import type {HelpView} from './help/layout.ts'
import {openTerminal} from './output/terminal.ts'
import type {FlagData} from './tokens.ts'

/** What oclif's manifest contains of a command, as far as this program needs it to read a command line and to show help. */
export interface ProgramCommand {
  /** Command words joined by `:`. */
  id: string
  hidden?: boolean
  summary?: string
  description?: string
  /** Command lines with oclif's placeholders for the names of the program and of the command. */
  examples?: string[]
  args: Record<string, ProgramArgument>
  flags: Record<string, FlagData & HelpFlag>
  strict?: boolean
}

/** An argument of a command. */
export interface ProgramArgument {
  name: string
  description?: string
  required?: boolean
  multiple?: boolean
  options?: readonly string[]
}

/** What the program consists of. */
export interface Program {
  /** How users call it. */
  bin: string
  description: string
  /** `kubectl-mesh/1.2.3 linux-x64 node-v24.0.0`. */
  userAgent: string
  topics: Readonly<Record<string, {description: string}>>
  commands: ProgramCommand[]
}

/** package.json, as far as it describes the program. */
export interface ProgramPackage {
  name: string
  version: string
  description: string
  oclif: {bin: string; topics: Program['topics']}
}

/** Reads package.json and oclif.manifest.json in a folder, without oclif. */
export function readProgram(root: string): Program {
  const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'))
  return programOf(read('package.json'), Object.values(read('oclif.manifest.json').commands))
}

/**
 * The program that a package and its commands are.
 *
 * @param commands of the manifest, or of oclif's configuration
 */
export function programOf({name, version, description, oclif}: ProgramPackage, commands: readonly object[]): Program {
  const userAgent = `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`
  return {bin: oclif.bin, description, userAgent, topics: oclif.topics, commands: commands as ProgramCommand[]}
}

/** A terminal that is not as wide wraps the lines itself. */
const leastColumns = 40

/** The view of the terminal of this process; 80 columns in a pipe. */
export function helpView(): HelpView {
  const {color} = openTerminal()
  const columns = process.stdout.isTTY ? process.stdout.columns : 0
  return {columns: columns > 0 ? Math.max(columns, leastColumns) : 80, bold: color.stdout && color.stderr}
}
