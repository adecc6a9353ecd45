import type {CommandData} from '../argv.ts'
import {type FlagData, splitTokens} from '../tokens.ts'
import {childrenOf} from '../unknown-command.ts'

/** A command of the manifest, as far as completion needs it. */
export interface CompletedCommand extends CommandData {
  hidden?: boolean
  summary?: string
  description?: string
  flags: Record<string, CompletedFlag>
  args: Record<string, CompletedArgument>
}

/** A flag of the manifest, as far as completion needs it. */
export interface CompletedFlag extends FlagData {
  hidden?: boolean
  summary?: string
  description?: string
  options?: string[]
  helpValue?: string
}

/** An argument of the manifest, as far as completion needs it. */
export interface CompletedArgument {
  options?: string[]
  description?: string
  multiple?: boolean
}

/** The static data of completion. `topics` are the descriptions in package.json, by name. */
export interface Known {
  commands: CompletedCommand[]
  topics: Record<string, {description?: string}>
}

/** A word that completion offers, with its description. */
export interface Candidate {
  value: string
  about?: string
}

/** Options before the cursor that take one value, by name. */
export type OptionValues = Record<string, string>

/**
 * How to complete the word at the cursor: with candidates that are already known, or with values that must be read from
 * the kubeconfig, a cluster or the file system. `prefix` is the typed part of the value.
 */
export type Completion =
  | {kind: 'known'; candidates: Candidate[]}
  | {kind: 'value'; valueName: string; prefix: string; options: OptionValues}

/** The part of a command line before the cursor. */
interface LineBefore {
  words: string[]
  options: OptionValues
  /** The option whose value is at the cursor. */
  open: string | undefined
  /** The cursor is after `--`. */
  isAfterDashes: boolean
}

/** What the stages of `completionOf` work on. */
interface Cursor extends LineBefore {
  /** The typed part of the word at the cursor. */
  prefix: string
  command: CompletedCommand | undefined
  /** The flags of the command, or of all commands while the command is unknown. */
  flags: Record<string, CompletedFlag>
  /** The commands that are not hidden. */
  commands: CompletedCommand[]
  topics: Known['topics']
}

const none: Completion = {kind: 'known', candidates: []}

/** The stages, in order of precedence. A stage returns undefined if the word at the cursor is not its subject. */
const stages: readonly ((cursor: Cursor) => Completion | undefined)[] = [
  completeOpenOption,
  completeInlineValue,
  completeFlagName,
  completeHelpWord,
  completeSubcommand,
  completeArgument,
]

/**
 * Completes a command line after `kubectl mesh`.
 *
 * @param args the words of the command line. The last one is at the cursor, and is empty for a new word.
 */
export function completionOf(args: string[], known: Known): Completion {
  const cursor = cursorOf(args, known)
  for (const stage of stages) {
    const completion = stage(cursor)
    if (completion) return completion
  }
  return none
}

function cursorOf(args: string[], {commands, topics}: Known): Cursor {
  const shown = commands.filter(command => !command.hidden)
  const allFlags: Record<string, CompletedFlag> = Object.assign({}, ...shown.map(command => command.flags))
  const before = args.slice(0, -1)
  const command = longestMatch(readBefore(before, allFlags).words, shown)
  const flags = command?.flags ?? allFlags
  return {...readBefore(before, flags), prefix: args.at(-1) ?? '', command, flags, commands: shown, topics}
}

function readBefore(before: string[], flags: Record<string, CompletedFlag>): LineBefore {
  // A placeholder for the word at the cursor: the option that takes it as its value is the open one.
  const placeholder = '\u0000'
  const {tokens, behind} = splitTokens([...before, placeholder], flags)
  const words = tokens.flatMap(token => (token.kind === 'word' && token.word !== placeholder ? [token.word] : []))
  const options: OptionValues = {}
  let open: string | undefined
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    if (token.value === placeholder) open = token.name
    else if (!flags[token.name]!.multiple) options[token.name] = token.value
  }
  return {words, options, open, isAfterDashes: behind.length > 0}
}

function longestMatch(words: string[], commands: CompletedCommand[]): CompletedCommand | undefined {
  for (let length = words.length; length > 0; length--) {
    const match = commands.find(command => command.id === words.slice(0, length).join(':'))
    if (match) return match
  }
  return undefined
}

/** `--context <TAB>` */
function completeOpenOption({open, flags, prefix, options}: Cursor): Completion | undefined {
  return open === undefined ? undefined : completeFlagValue(flags[open]!, prefix, options)
}

/** `--context=<TAB>` */
function completeInlineValue({isAfterDashes, prefix, flags, options}: Cursor): Completion | undefined {
  const [, name, value] = /^--([^=]*)=(.*)$/s.exec(prefix) ?? []
  if (isAfterDashes || name === undefined) return undefined
  return Object.hasOwn(flags, name) ? completeFlagValue(flags[name]!, value!, options) : none
}

/** `--<TAB>` */
function completeFlagName({isAfterDashes, prefix, command, flags, options}: Cursor): Completion | undefined {
  if (isAfterDashes || !prefix.startsWith('-')) return undefined
  return matching(flagCandidates(command ? flags : {}, options), prefix)
}

/** `help <TAB>` */
function completeHelpWord(cursor: Cursor): Completion | undefined {
  if (cursor.words[0] !== 'help') return undefined
  return matching(subcommands(cursor.words.slice(1), cursor), cursor.prefix)
}

/** `federate <TAB>` */
function completeSubcommand(cursor: Cursor): Completion | undefined {
  if (argumentsBefore(cursor) > 0 || argumentAtCursor(cursor)) return undefined
  const candidates = subcommands(cursor.words, cursor)
  return candidates.length > 0 ? matching(candidates, cursor.prefix) : undefined
}

/** `tenant add <TAB>` */
function completeArgument(cursor: Cursor): Completion | undefined {
  const argument = argumentAtCursor(cursor)
  if (!argument) return undefined
  const [name, {options}] = argument
  if (options) return matching(candidatesOf(options), cursor.prefix)
  return {kind: 'value', valueName: name.toUpperCase(), prefix: cursor.prefix, options: cursor.options}
}

/** The number of words after the command. */
function argumentsBefore({words, command}: Cursor): number {
  return command ? words.length - command.id.split(':').length : 0
}

function argumentAtCursor(cursor: Cursor): [name: string, argument: CompletedArgument] | undefined {
  const all = Object.entries(cursor.command?.args ?? {})
  const last = all.at(-1)
  return all[argumentsBefore(cursor)] ?? (last?.[1].multiple ? last : undefined)
}

function completeFlagValue(flag: CompletedFlag, prefix: string, options: OptionValues): Completion {
  if (flag.options) return matching(candidatesOf(flag.options), prefix)
  if (flag.type === 'boolean') return matching(candidatesOf(['true', 'false']), prefix)
  return {kind: 'value', valueName: flag.helpValue ?? '', prefix, options}
}

function candidatesOf(values: readonly string[]): Candidate[] {
  return values.map(value => ({value}))
}

function matching(candidates: Candidate[], prefix: string): Completion {
  return {kind: 'known', candidates: candidates.filter(({value}) => value.startsWith(prefix))}
}

/** The flags that may still be set: those that take one value only if they are not set yet. */
function flagCandidates(flags: Record<string, CompletedFlag>, options: OptionValues): Candidate[] {
  const candidates = Object.entries(flags).flatMap(([name, flag]) => {
    if (flag.hidden || Object.hasOwn(options, name)) return []
    const text = flag.summary ?? flag.description
    const about = text ? {about: text} : {}
    return [
      {value: `--${name}`, ...about},
      ...(flag.type === 'boolean' && flag.allowNo ? [{value: `--no-${name}`, ...about}] : []),
    ]
  })
  return [...candidates, {value: '--help', about: 'show help'}]
}

function subcommands(words: string[], {commands, topics}: Cursor): Candidate[] {
  const ids = commands.map(command => command.id)
  return childrenOf(words, ids).map(child => ({value: child, ...aboutCommand([...words, child], commands, topics)}))
}

function aboutCommand(words: string[], commands: CompletedCommand[], topics: Known['topics']): {about?: string} {
  const id = words.join(':')
  const command = commands.find(shown => shown.id === id)
  const text = command?.summary ?? command?.description ?? topics[id]?.description
  return text ? {about: text.split('\n', 1)[0]!} : {}
}
