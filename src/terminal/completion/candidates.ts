import {type CommandData, type FlagData, splitTokens} from '../argv.ts'
import {childrenOf} from '../unknown-command.ts'

/** A manifest's command, as far as completion needs it. */
export interface CompletedCommand extends CommandData {
  hidden?: boolean
  summary?: string
  description?: string
  flags: Record<string, CompletedFlag>
  args: Record<string, {options?: string[]; description?: string; multiple?: boolean}>
}

/** A manifest's flag, as far as completion needs it. */
export interface CompletedFlag extends FlagData {
  hidden?: boolean
  summary?: string
  description?: string
  options?: string[]
  helpValue?: string
}

/** What is known without asking anybody. `topics` are the descriptions of package.json, by name. */
export interface Known {
  commands: CompletedCommand[]
  topics: Record<string, {description?: string}>
}

/** One answer: the value, and what it is. */
export interface Candidate {
  value: string
  about?: string
}

/**
 * What the word at the cursor may become: answers that are known, or a value that somebody must be asked for.
 * `begun` is the part of the value that was typed, and `said` the values of single options before it.
 */
export type Completion =
  | {kind: 'known'; candidates: Candidate[]}
  | {kind: 'value'; valueName: string; begun: string; said: Record<string, string>}

/**
 * Completes a command line behind `kubectl mesh`.
 *
 * @param args the words; the last one is the one being typed, '' when it is new
 */
export function completionOf(args: string[], {commands, topics}: Known): Completion {
  const begun = args.at(-1) ?? ''
  const shown = commands.filter(command => !command.hidden)
  const allFlags: Record<string, CompletedFlag> = Object.assign({}, ...shown.map(command => command.flags))
  const ids = shown.map(command => command.id)

  const {words} = read(args.slice(0, -1), allFlags)
  const command = longest(words, shown)
  const flags = command?.flags ?? allFlags
  const {words: allWords, said, open, isBehind} = read(args.slice(0, -1), flags)

  if (open) return completionOfValue(flags[open]!, begun, said)
  if (!isBehind && begun.startsWith('--') && begun.includes('=')) {
    const name = begun.slice(2, begun.indexOf('='))
    const value = begun.slice(begun.indexOf('=') + 1)
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
    return flag ? completionOfValue(flag, value, said) : none
  }
  if (!isBehind && begun.startsWith('-')) return known(flagCandidates(command ? flags : {}, said), begun)

  const helped = allWords[0] === 'help' ? allWords.slice(1) : allWords
  const children = childrenOf(helped, ids).map(child => ({value: child, ...about([...helped, child], shown, topics)}))
  if (allWords[0] === 'help') return known(children, begun)
  const given = allWords.length - (command?.id.split(':').length ?? allWords.length)
  const args_ = Object.entries(command?.args ?? {})
  const arg = args_[given] ?? (args_.at(-1)?.[1].multiple ? args_.at(-1) : undefined)
  if (given === 0 && children.length > 0 && !arg) return known(children, begun)
  if (!arg) return none
  const [name, {options}] = arg
  if (options)
    return known(
      options.map(value => ({value})),
      begun,
    )
  return {kind: 'value', valueName: name.toUpperCase(), begun, said}
}

const none: Completion = {kind: 'known', candidates: []}

function known(candidates: Candidate[], begun: string): Completion {
  return {kind: 'known', candidates: candidates.filter(({value}) => value.startsWith(begun))}
}

function completionOfValue(flag: CompletedFlag, begun: string, said: Record<string, string>): Completion {
  if (flag.options)
    return known(
      flag.options.map(value => ({value})),
      begun,
    )
  if (flag.type === 'boolean') return known([{value: 'true'}, {value: 'false'}], begun)
  return {kind: 'value', valueName: flag.helpValue ?? '', begun, said}
}

/** The words before the cursor. `open` is the option whose value the cursor stands at. */
function read(before: string[], flags: Record<string, CompletedFlag>) {
  // `!` stands for what is being typed: when an option takes it, the cursor is at its value.
  const cursor = '\u0000'
  const {tokens, behind} = splitTokens([...before, cursor], flags)
  const words = tokens.flatMap(token => (token.kind === 'word' && token.word !== cursor ? [token.word] : []))
  const said: Record<string, string> = {}
  let open: string | undefined
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    if (token.value === cursor) open = token.name
    else if (!flags[token.name]!.multiple) said[token.name] = token.value
  }
  return {words, said, open, isBehind: behind.length > 0}
}

function longest(words: string[], commands: CompletedCommand[]): CompletedCommand | undefined {
  for (let length = words.length; length > 0; length--) {
    const found = commands.find(command => command.id === words.slice(0, length).join(':'))
    if (found) return found
  }
  return undefined
}

/** Flags that may still be said, single ones once. */
function flagCandidates(flags: Record<string, CompletedFlag>, said: Record<string, string>): Candidate[] {
  const candidates = Object.entries(flags).flatMap(([name, flag]) => {
    if (flag.hidden || Object.hasOwn(said, name)) return []
    // What it is, without the default that help shows first.
    const text = (flag.summary ?? flag.description)?.replace(/^\[default: [^\]]*\] /, '')
    const about = text ? {about: text} : {}
    return [
      {value: `--${name}`, ...about},
      ...(flag.type === 'boolean' && flag.allowNo ? [{value: `--no-${name}`, ...about}] : []),
    ]
  })
  return [...candidates, {value: '--help', about: 'show help'}]
}

function about(words: string[], commands: CompletedCommand[], topics: Known['topics']): {about?: string} {
  const id = words.join(':')
  const command = commands.find(known => known.id === id)
  const text = command?.summary ?? command?.description ?? topics[id]?.description
  return text ? {about: text.split('\n', 1)[0]!} : {}
}
