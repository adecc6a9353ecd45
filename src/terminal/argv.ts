import {exitCodes, MeshError, type Problem, usageError} from '../errors.ts'
import {closest} from './suggest.ts'
import {childrenOf} from './unknown-command.ts'

/** What the oclif manifest says about a flag, as far as reading a command line needs it. */
export interface FlagData {
  type: 'boolean' | 'option'
  char?: string
  aliases?: string[]
  /** May be said several times; else the last one wins. */
  multiple?: boolean
  /** `--no-NAME` says no. */
  allowNo?: boolean
}

/** What the oclif manifest says about a command. */
export interface CommandData {
  /** Command words joined by `:`. */
  id: string
  aliases?: string[]
  flags: Record<string, FlagData>
  args: Record<string, unknown>
  /** false: takes any number of arguments. */
  strict?: boolean
}

/** What a command line asks for. `words` are command words, known or not. */
export type CommandLine =
  | {run: 'help'; words: string[]}
  | {run: 'version'}
  /** `id` may be unknown; `argv` is in the form that oclif's parser takes. */
  | {run: 'command'; id: string; argv: string[]; verbosity: number}

/** Options that may stand without a value, as kubectl still takes a bare `--dry-run`. */
const bareValues: Record<string, {value: string; values: string[]}> = {
  'dry-run': {value: 'client', values: ['none', 'client', 'server']},
}

/** One piece of a command line. */
export type Token =
  | {kind: 'word'; word: string}
  | {kind: 'option'; name: string; value: string}
  | {kind: 'switch'; name: string; on: boolean}
  | {kind: 'help'}
  /** An option without its value. */
  | {kind: 'bare'; text: string}
  | {kind: 'unknown'; text: string}

type Flags = Record<string, FlagData>

/**
 * Reads a command line against the commands of the manifest, so that oclif can take what kubectl's users type: flags
 * before and between the command words, `--x=false`, a bare `--dry-run`, the same flag twice. What stands behind `--`
 * is left alone.
 *
 * Throws `MeshError` (exit 2) for unknown flags, for a boolean that is neither true nor false, and for flags where the
 * command word is missing. An unknown command is left to the caller.
 */
export function readCommandLine(argv: string[], commands: CommandData[]): CommandLine {
  const found = commandOf(argv, commands)
  if (!found) return withoutCommand(argv, commands)

  const {id, command} = found
  const {tokens, behind} = splitTokens(argv, command.flags)
  refuseUnknown(tokens, command.flags, `kubectl mesh ${id.replaceAll(':', ' ')} --help`)
  const length = id.split(':').length
  const next = wordsOf(tokens)[length]
  // `federate` is a command and holds others: a word behind it that it has no use for was meant as one of them.
  const isWrongWord =
    next !== undefined && !takesArguments(command) && childrenOf(id.split(':'), idsOf(commands)).length > 0
  const named = isWrongWord ? `${id}:${next}` : id
  if (asksForHelp(tokens)) return {run: 'help', words: named.split(':')}
  if (isWrongWord) return {run: 'command', id: named, argv: [], verbosity: 0}
  let left = length
  const own = lastOnes(tokens, command.flags).filter(token => token.kind !== 'word' || left-- <= 0)
  return {
    run: 'command',
    id: command.id,
    argv: [...own.flatMap(token => textOf(token, command.flags)), ...behind],
    verbosity: verbosityOf(tokens),
  }
}

/** The command whose words begin the line, the longest there is; each command reads the line by its own flags. */
function commandOf(argv: string[], commands: CommandData[]): {id: string; command: CommandData} | undefined {
  let best: {id: string; command: CommandData} | undefined
  for (const command of commands) {
    for (const id of [command.id, ...(command.aliases ?? [])]) {
      const words = id.split(':')
      if (words.length <= (best?.id.split(':').length ?? 0) || !words.every(word => argv.includes(word))) continue
      const given = wordsOf(splitTokens(argv, command.flags).tokens)
      if (words.every((word, at) => given[at] === word)) best = {id, command}
    }
  }
  return best
}

/** No command's words begin the line: help, a topic alone, or something unknown. */
function withoutCommand(argv: string[], commands: CommandData[]): CommandLine {
  const allFlags: Flags = Object.assign({}, ...commands.map(command => command.flags))
  const {tokens} = splitTokens(argv, allFlags)
  const words = wordsOf(tokens)
  if (words.length === 0 && argv[0] === '--version') return {run: 'version'}
  const isTopic = childrenOf(words, idsOf(commands)).length > 0
  if (asksForHelp(tokens) || (isTopic && tokens.length === words.length)) return {run: 'help', words}
  const hint = ['kubectl mesh', ...(isTopic ? words : []), '--help'].join(' ')
  refuseUnknown(tokens, allFlags, hint)
  if (isTopic)
    throw usageError(words.length === 0 ? 'a command is missing' : `${words.join(' ')} wants a command`, hint)
  return {run: 'command', id: words.join(':'), argv: [], verbosity: 0}
}

/** All unknown flags at once. A word that begins with a digit behind its dash is a negative number, not a flag. */
function refuseUnknown(tokens: Token[], flags: Flags, hint: string): void {
  const problems = tokens.flatMap((token): Problem[] => {
    if (token.kind !== 'unknown' || /^-\d/.test(token.text)) return []
    const near = closest(token.text.replace(/^-+/, '').replace(/=.*/, ''), Object.keys(flags))
    return [{message: `unknown flag ${token.text}`, hints: near ? [`did you mean --${near}?`] : []}]
  })
  problems.at(-1)?.hints?.push(hint)
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
}

function idsOf(commands: CommandData[]): string[] {
  return commands.map(command => command.id)
}

function takesArguments(command: CommandData): boolean {
  return command.strict === false || Object.keys(command.args).length > 0
}

function wordsOf(tokens: Token[]): string[] {
  return tokens.flatMap(token => (token.kind === 'word' ? [token.word] : []))
}

function asksForHelp(tokens: Token[]): boolean {
  return tokens.some(token => token.kind === 'help')
}

/** The last `-v`, 0 when there is none or it is no number. */
function verbosityOf(tokens: Token[]): number {
  const last = tokens.findLast(token => token.kind === 'option' && token.name === 'v')
  return last?.kind === 'option' ? Number(last.value) || 0 : 0
}

/** Splits a line by the flags that are known. `behind` is `--` and what follows, untouched. */
export function splitTokens(argv: string[], flags: Flags): {tokens: Token[]; behind: string[]} {
  const tokens: Token[] = []
  const rest = [...argv]
  while (rest.length > 0) {
    const text = rest[0]!
    if (text === '--') return {tokens, behind: rest}
    rest.shift()
    if (!text.startsWith('-') || text === '-') tokens.push({kind: 'word', word: text})
    else if (text === '--help' || text === '-h') tokens.push({kind: 'help'})
    else if (text.startsWith('--')) tokens.push(longFlag(text, rest, flags))
    else tokens.push(...shortFlags(text, rest, flags))
  }
  return {tokens, behind: []}
}

function longFlag(text: string, rest: string[], flags: Flags): Token {
  const equals = text.indexOf('=')
  const said = equals < 0 ? text.slice(2) : text.slice(2, equals)
  const value = equals < 0 ? undefined : text.slice(equals + 1)
  const found = flagNamed(said, flags)
  if (found && flags[found]!.type === 'option') return optionToken(found, text, value, rest, flags)
  if (found) return {kind: 'switch', name: found, on: value === undefined || truthOf(text, value)}
  const negated = said.startsWith('no-') ? flagNamed(said.slice(3), flags) : undefined
  if (negated && flags[negated]!.type === 'boolean' && flags[negated]!.allowNo)
    return {kind: 'switch', name: negated, on: value !== undefined && !truthOf(text, value)}
  return {kind: 'unknown', text}
}

/** `-yn foo` is `-y` and `-n foo`; `-v6`, `-v=6` and `-y=false` carry their value. */
function shortFlags(text: string, rest: string[], flags: Flags): Token[] {
  const tokens: Token[] = []
  for (let at = 1; at < text.length; at++) {
    const name = Object.keys(flags).find(flag => flags[flag]!.char === text[at])
    if (name === undefined) return [...tokens, {kind: 'unknown', text: `-${text.slice(at)}`}]
    const behind = text.slice(at + 1)
    if (flags[name]!.type === 'option') {
      const value = behind === '' ? undefined : behind.replace(/^=/, '')
      return [...tokens, optionToken(name, `-${text[at]}`, value, rest, flags)]
    }
    if (behind.startsWith('=')) return [...tokens, {kind: 'switch', name, on: truthOf(text, behind.slice(1))}]
    tokens.push({kind: 'switch', name, on: true})
  }
  return tokens
}

/** Takes the value from `rest` where the flag does not carry it. */
function optionToken(name: string, text: string, value: string | undefined, rest: string[], flags: Flags): Token {
  if (value !== undefined) return {kind: 'option', name, value}
  const bare = bareValues[name]
  const next = rest[0]
  if (bare && (next === undefined || !bare.values.includes(next))) return {kind: 'option', name, value: bare.value}
  if (next === undefined || next === '--' || isFlag(next, flags)) return {kind: 'bare', text}
  rest.shift()
  return {kind: 'option', name, value: next}
}

/** Whether a word in a value's place is a flag: then the value is missing. */
function isFlag(text: string, flags: Flags): boolean {
  if (text === '-h' || text === '--help') return true
  if (!text.startsWith('--')) return /^-./.test(text) && Object.values(flags).some(flag => flag.char === text[1])
  const said = text.slice(2).split('=', 1)[0]!
  return (
    flagNamed(said, flags) !== undefined || (said.startsWith('no-') && flagNamed(said.slice(3), flags) !== undefined)
  )
}

function flagNamed(said: string, flags: Flags): string | undefined {
  if (Object.hasOwn(flags, said)) return said
  return Object.keys(flags).find(name => flags[name]!.aliases?.includes(said))
}

/** As Go's ParseBool, which kubectl's flags use. */
function truthOf(text: string, value: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false
  throw usageError(`${text}: true or false, not "${value}"`)
}

/** Without the flags that are said again later, where a flag has one value. */
function lastOnes(tokens: Token[], flags: Flags): Token[] {
  return tokens.filter((token, at) => {
    if (!('name' in token) || flags[token.name]!.multiple) return true
    return !tokens.slice(at + 1).some(later => 'name' in later && later.name === token.name)
  })
}

function textOf(token: Token, flags: Flags): string[] {
  switch (token.kind) {
    case 'word':
      return [token.word]
    case 'help':
      return []
    case 'bare':
    case 'unknown':
      return [token.text]
    case 'option':
      return [`--${token.name}=${token.value}`]
    case 'switch':
      if (token.on) return [`--${token.name}`]
      return flags[token.name]!.allowNo ? [`--no-${token.name}`] : []
  }
}
