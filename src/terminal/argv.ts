import {exitCodes, MeshError, type Problem, usageError} from '../errors.ts'
import {shellWord} from '../text/shell-word.ts'
import {closest} from '../text/suggest.ts'
import {argvOf, type FlagData, type FlagTable, splitTokens, type Token, withoutOverridden} from './tokens.ts'
import {childrenOf} from './unknown-command.ts'

/** A command in oclif's manifest, as far as the command line reader needs it. */
export interface CommandData {
  /** Command words joined by `:`. */
  id: string
  aliases?: string[]
  flags: Record<string, FlagData>
  args: Record<string, unknown>
  /** false: the command accepts any number of arguments. */
  strict?: boolean
}

/** What a command line requests. `words` are command words, which may be unknown. */
export type CommandLine =
  | {run: 'help'; words: string[]}
  | {run: 'version'}
  /** `id` may be unknown. `argv` has the form that oclif's parser accepts. */
  | {run: 'command'; id: string; argv: string[]; verbosity: number}

/** A command and the id, or alias, that the command line begins with. */
interface MatchedCommand {
  id: string
  command: CommandData
}

/**
 * Reads a command line and converts it for oclif. It accepts forms that kubectl users type and oclif rejects: flags
 * before and between the command words, `--x=false`, a bare `--dry-run`, and a repeated flag. Arguments after `--` stay
 * unchanged. The caller handles unknown commands.
 *
 * @param commands every command of the manifest
 * @throws MeshError (exit 2) for unknown flags, for a boolean flag with another value, and for flags without a command
 */
export function readCommandLine(argv: string[], commands: CommandData[]): CommandLine {
  const match = matchCommand(argv, commands)
  if (!match) return readWithoutCommand(argv, commands)

  const {id, command} = match
  const {tokens, behind} = splitTokens(argv, command.flags)
  refuseUnknownFlags(tokens, command.flags, ...insteadOf(id, tokens), `kubectl mesh ${id.replaceAll(':', ' ')} --help`)
  const length = id.split(':').length
  const next = wordsOf(tokens)[length]
  // `federate` is a command and a topic. It has no arguments, so a further word is a misspelled subcommand.
  const isWrongWord = next !== undefined && !takesArguments(command) && isTopic(id.split(':'), commands)
  const named = isWrongWord ? `${id}:${next}` : id
  if (asksForHelp(tokens)) return {run: 'help', words: named.split(':')}
  if (isWrongWord) return {run: 'command', id: named, argv: [], verbosity: 0}
  const effective = withoutWords(withoutOverridden(tokens, command.flags), length)
  return {
    run: 'command',
    id: command.id,
    argv: [...effective.flatMap(token => argvOf(token, command.flags)), ...behind],
    verbosity: verbosityOf(tokens),
  }
}

/**
 * The command with the most words among those that the command line begins with. Which elements are words depends on the
 * flags of each command, because a flag may take the next element as its value.
 */
function matchCommand(argv: string[], commands: CommandData[]): MatchedCommand | undefined {
  let best: MatchedCommand | undefined
  for (const command of commands) {
    for (const id of [command.id, ...(command.aliases ?? [])]) {
      const words = id.split(':')
      if (words.length <= (best?.id.split(':').length ?? 0) || !words.every(word => argv.includes(word))) continue
      const typed = wordsOf(splitTokens(argv, command.flags).tokens)
      if (words.every((word, at) => typed[at] === word)) best = {id, command}
    }
  }
  return best
}

/** Reads a command line that does not begin with a command: help, the version, a topic, or an unknown command. */
function readWithoutCommand(argv: string[], commands: CommandData[]): CommandLine {
  const allFlags: FlagTable = Object.assign({}, ...commands.map(command => command.flags))
  const {tokens} = splitTokens(argv, allFlags)
  const words = wordsOf(tokens)
  if (words.length === 0 && argv[0] === '--version') return {run: 'version'}
  const isTopicAlone = isTopic(words, commands)
  if (asksForHelp(tokens) || (isTopicAlone && tokens.length === words.length)) return {run: 'help', words}
  const hint = ['kubectl mesh', ...(isTopicAlone ? words : []), '--help'].join(' ')
  refuseUnknownFlags(tokens, allFlags, hint)
  if (isTopicAlone)
    throw usageError(words.length === 0 ? 'no command specified' : `${words.join(' ')} requires a subcommand`, hint)
  return {run: 'command', id: words.join(':'), argv: [], verbosity: 0}
}

/** The command that does what a flag of other commands does: `apply` has no dry run. */
function insteadOf(id: string, tokens: readonly Token[]): string[] {
  if (id !== 'apply' || !tokens.some(token => token.kind === 'unknown' && /^--dry-run(?:=|$)/.test(token.text)))
    return []
  const files = tokens.flatMap(token =>
    token.kind === 'option' && token.name === 'filename' ? [`-f ${shellWord(token.value)}`] : [],
  )
  const switches = tokens.flatMap(token =>
    token.kind === 'switch' && token.on && ['recursive', 'prune'].includes(token.name) ? [`--${token.name}`] : [],
  )
  const words = [...(files.length > 0 ? files : ['-f FILE']), ...switches]
  return [`to see what apply would change: kubectl mesh plan ${words.join(' ')}`]
}

/** Reports all unknown flags in one error. A dash before a digit begins a negative number, not a flag. */
function refuseUnknownFlags(tokens: Token[], flags: FlagTable, ...hints: string[]): void {
  const problems = tokens.flatMap((token): Problem[] => {
    if (token.kind !== 'unknown' || /^-\d/.test(token.text)) return []
    const near = closest(token.text.replace(/^-+/, '').replace(/=.*/, ''), Object.keys(flags))
    return [{message: `unknown flag ${token.text}`, hints: near ? [`did you mean --${near}?`] : []}]
  })
  problems.at(-1)?.hints?.push(...hints)
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
}

function isTopic(words: string[], commands: CommandData[]): boolean {
  return (
    childrenOf(
      words,
      commands.map(({id}) => id),
    ).length > 0
  )
}

function takesArguments(command: CommandData): boolean {
  return command.strict === false || Object.keys(command.args).length > 0
}

function wordsOf(tokens: Token[]): string[] {
  return tokens.flatMap(token => (token.kind === 'word' ? [token.word] : []))
}

/** The tokens without the first words, which are the command. */
function withoutWords(tokens: Token[], count: number): Token[] {
  let left = count
  return tokens.filter(token => token.kind !== 'word' || left-- <= 0)
}

function asksForHelp(tokens: Token[]): boolean {
  return tokens.some(token => token.kind === 'help')
}

/** The value of the last `-v`. 0 without one, or if it is not a number. */
function verbosityOf(tokens: Token[]): number {
  const last = tokens.findLast(token => token.kind === 'option' && token.name === 'v')
  return last?.kind === 'option' ? Number(last.value) || 0 : 0
}
