import {usageError} from '../errors.ts'

/** A flag in oclif's manifest, as far as the command line reader needs it. */
export interface FlagData {
  type: 'boolean' | 'option'
  char?: string
  aliases?: string[]
  /** The flag may be repeated. Otherwise the last value wins. */
  multiple?: boolean
  /** `--no-NAME` sets the flag to false. */
  allowNo?: boolean
}

/** Flags by name. */
export type FlagTable = Readonly<Record<string, FlagData>>

/** One element of a command line. */
export type Token =
  | {kind: 'word'; word: string}
  | {kind: 'option'; name: string; value: string}
  | {kind: 'switch'; name: string; on: boolean}
  | {kind: 'help'}
  /** An option without its value. */
  | {kind: 'bare'; text: string}
  | {kind: 'unknown'; text: string}

/** Options that may be set without a value: kubectl accepts a bare `--dry-run`. */
const bareValues: Record<string, {value: string; values: string[]}> = {
  'dry-run': {value: 'client', values: ['none', 'client', 'server']},
}

/**
 * Splits a command line into words and flags.
 *
 * @param argv is not changed
 * @param flags the flags to recognize
 * @returns the tokens, and `behind`: `--` and everything after it, unchanged
 * @throws MeshError (exit 2) for a boolean flag with a value that is not a boolean
 */
export function splitTokens(argv: readonly string[], flags: FlagTable): {tokens: Token[]; behind: string[]} {
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

/**
 * Converts a token to the form that oclif's parser accepts.
 *
 * @returns no element for help and for a switch that is off and has no `--no-` form
 */
export function argvOf(token: Token, flags: FlagTable): string[] {
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

/** The tokens without the earlier occurrences of a flag that accepts only one value. */
export function withoutOverridden(tokens: readonly Token[], flags: FlagTable): Token[] {
  return tokens.filter((token, at) => {
    if (!('name' in token) || flags[token.name]!.multiple) return true
    return !tokens.slice(at + 1).some(later => 'name' in later && later.name === token.name)
  })
}

function longFlag(text: string, rest: string[], flags: FlagTable): Token {
  const equals = text.indexOf('=')
  const typed = equals < 0 ? text.slice(2) : text.slice(2, equals)
  const value = equals < 0 ? undefined : text.slice(equals + 1)
  const name = flagNamed(typed, flags)
  if (name && flags[name]!.type === 'option') return optionToken(name, text, value, rest, flags)
  if (name) return {kind: 'switch', name, on: value === undefined || parseBool(text, value)}
  const negated = typed.startsWith('no-') ? flagNamed(typed.slice(3), flags) : undefined
  if (negated && flags[negated]!.type === 'boolean' && flags[negated]!.allowNo)
    return {kind: 'switch', name: negated, on: value !== undefined && !parseBool(text, value)}
  return {kind: 'unknown', text}
}

/** `-yn foo` is `-y` and `-n foo`. In `-v6`, `-v=6` and `-y=false` the flag includes its value. */
function shortFlags(text: string, rest: string[], flags: FlagTable): Token[] {
  const tokens: Token[] = []
  for (let at = 1; at < text.length; at++) {
    const name = Object.keys(flags).find(flag => flags[flag]!.char === text[at])
    if (name === undefined) return [...tokens, {kind: 'unknown', text: `-${text.slice(at)}`}]
    const behind = text.slice(at + 1)
    if (flags[name]!.type === 'option') {
      const value = behind === '' ? undefined : behind.replace(/^=/, '')
      return [...tokens, optionToken(name, `-${text[at]}`, value, rest, flags)]
    }
    if (behind.startsWith('=')) return [...tokens, {kind: 'switch', name, on: parseBool(text, behind.slice(1))}]
    tokens.push({kind: 'switch', name, on: true})
  }
  return tokens
}

/** Removes the value from `rest` unless the flag includes it. */
function optionToken(name: string, text: string, value: string | undefined, rest: string[], flags: FlagTable): Token {
  if (value !== undefined) return {kind: 'option', name, value}
  const bare = bareValues[name]
  const next = rest[0]
  if (bare && (next === undefined || !bare.values.includes(next))) return {kind: 'option', name, value: bare.value}
  if (next === undefined || next === '--' || isFlag(next, flags)) return {kind: 'bare', text}
  rest.shift()
  return {kind: 'option', name, value: next}
}

/** Whether a word in the position of a value is a flag, which means that the value is missing. */
function isFlag(text: string, flags: FlagTable): boolean {
  if (text === '-h' || text === '--help') return true
  if (!text.startsWith('--')) return /^-./.test(text) && Object.values(flags).some(flag => flag.char === text[1])
  const typed = text.slice(2).split('=', 1)[0]!
  if (flagNamed(typed, flags) !== undefined) return true
  return typed.startsWith('no-') && flagNamed(typed.slice(3), flags) !== undefined
}

function flagNamed(typed: string, flags: FlagTable): string | undefined {
  if (Object.hasOwn(flags, typed)) return typed
  return Object.keys(flags).find(name => flags[name]!.aliases?.includes(typed))
}

/** Accepts the values of Go's `strconv.ParseBool`, which kubectl's flags use. */
function parseBool(text: string, value: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false
  throw usageError(`${text}: must be true or false, got "${value}"`)
}
