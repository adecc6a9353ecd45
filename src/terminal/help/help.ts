import {exitCodes} from '../../errors.ts'
import {exitTexts} from '../exit-texts.ts'
import {isSharedGroup, settingsGroup} from '../flag-groups.ts'
import type {Program, ProgramCommand} from '../program.ts'
import {startingPoints} from '../starting-points.ts'
import {unknownCommand} from '../unknown-command.ts'
import {flagLabel, flagRows, type HelpFlag} from './flags.ts'
import {formatRows, type HelpRow, type HelpView, section, wrap} from './layout.ts'

/** `kubectl mesh help flags` describes the flags that several commands share. */
const flagsTopic = 'flags'

/** How to show help. */
export interface HelpOptions extends HelpView {
  /** Show hidden commands, and in the help of the program those of all topics. */
  all?: boolean
}

/**
 * The help of the program, of a topic or of a command. oclif's own help is not used, because loading it and oclif takes longer
 * than starting Node.
 *
 * @throws MeshError (exit 2) if the words are neither a topic nor a command
 */
export function helpText(words: readonly string[], program: Program, options: HelpOptions): string {
  const names = words.filter(word => !word.startsWith('-'))
  const id = names.join(':')
  const visible = program.commands.filter(({hidden}) => options.all || !hidden)
  const help = new Help({...program, commands: visible.sort((a, b) => (a.id < b.id ? -1 : 1))}, options)
  if (names.length === 0) return help.ofProgram()
  const command = program.commands.find(known => known.id === id)
  if (command) return help.ofCommand(command)
  if (help.isTopic(id)) return help.ofTopic(id)
  if (id === flagsTopic) return help.ofSharedFlags()
  const known = program.commands.filter(({hidden}) => !hidden)
  throw unknownCommand(
    names,
    known.map(({id}) => id),
  )
}

class Help {
  readonly #program: Program
  readonly #options: HelpOptions

  /** @param program with the commands to show, sorted by id */
  constructor(program: Program, options: HelpOptions) {
    this.#program = program
    this.#options = options
  }

  ofProgram(): string {
    const {bin, description, userAgent, commands} = this.#program
    const isShown = (id: string) => this.#options.all || !id.includes(':')
    return pageOf([
      description,
      this.#section('VERSION', wrap(userAgent, this.#options)),
      this.#section('USAGE', `$ ${bin} [COMMAND]`),
      this.#section('GETTING STARTED', formatRows(this.#gettingStarted(), this.#options)),
      this.#section('TOPICS', formatRows(this.#topicRows(), this.#options)),
      this.#commandList(commands.filter(({id}) => isShown(id))),
    ])
  }

  isTopic(id: string): boolean {
    return id in this.#program.topics || this.#childrenOf(id).length > 0
  }

  ofTopic(id: string): string {
    const usage = `$ ${this.#program.bin} ${id} COMMAND`
    const parts = [this.#topicAbout(id), this.#section('USAGE', usage), this.#commandList(this.#childrenOf(id))]
    return pageOf(parts)
  }

  /** One line of usage, examples, the flags that only this command has by their purpose, and the names of the shared ones. */
  ofCommand(command: ProgramCommand): string {
    const {id, summary, description = '', examples = []} = command
    const flags = Object.entries(command.flags).flatMap(([name, flag]) => (flag.hidden ? [] : [{...flag, name}]))
    const texts = examples.map(example => this.#exampleOf(example, id))
    // Without the summary, which is the first line of the help. Paragraphs wrap at the width of the terminal.
    const about = summary ? description.replace(/(?<=\S)\n(?=\S)/g, ' ') : ''
    return pageOf([
      summary ?? description.split('\n', 1)[0]!,
      this.#section('USAGE', this.#usageOf(command)),
      this.#section('EXAMPLES', texts.join('\n')),
      this.#section('DESCRIPTION', wrap(about, this.#options)),
      this.#section('ARGUMENTS', this.#argumentRows(command)),
      ...this.#ownFlags(flags),
      // Commands that connect to clusters show their exit codes.
      command.flags.kubeconfig ? this.#section('EXIT CODES', formatRows(exitRows, this.#options)) : '',
      this.#section('SHARED FLAGS', this.#sharedLabels(flags)),
      this.#commandList(this.#childrenOf(id)),
    ])
  }

  /** A flag that several commands describe differently is shown as the first of them describes it. */
  ofSharedFlags(): string {
    const shared = new Map<string, HelpFlag>()
    for (const [name, flag] of this.#program.commands.flatMap(({flags}) => Object.entries(flags)))
      if (isSharedGroup(flag.helpGroup) && !flag.hidden && !shared.has(name)) shared.set(name, {...flag, name})
    const sorted = [...shared.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    return `${this.#section('SHARED FLAGS', this.#describe(sorted))}\n`
  }

  #section(header: string, body: string): string {
    return body === '' ? '' : section(header, body, this.#options)
  }

  #gettingStarted(): HelpRow[] {
    const {bin} = this.#program
    return [
      [bin, 'on a terminal: show your contexts, what runs in each, and these tasks'],
      ...startingPoints.map(
        ({about, id}): HelpRow => [`${bin} ${id.replaceAll(':', ' ')}`, about.charAt(0).toLowerCase() + about.slice(1)],
      ),
      [`${bin} help ${flagsTopic}`, 'describe the flags that several commands share'],
    ]
  }

  #topicRows(): HelpRow[] {
    const topics = new Set(this.#program.commands.flatMap(({id}) => (id.includes(':') ? id.split(':', 1) : [])))
    return [...topics].sort().map(topic => [topic, this.#topicAbout(topic)])
  }

  #topicAbout(topic: string): string {
    return this.#program.topics[topic]?.description ?? ''
  }

  #childrenOf(id: string): ProgramCommand[] {
    return this.#program.commands.filter(({id: child}) => child.startsWith(`${id}:`))
  }

  #commandList(commands: readonly ProgramCommand[]): string {
    if (commands.length === 0) return ''
    const rows = commands.map(
      ({id, summary, description = ''}): HelpRow => [
        id.replaceAll(':', ' '),
        (summary ?? description).split('\n', 1)[0]!,
      ],
    )
    return this.#section('COMMANDS', formatRows(rows, this.#options))
  }

  #usageOf({id, args, flags}: ProgramCommand): string {
    const words = Object.entries(args).map(([name, {required, multiple}]) => {
      const shown = `${name.toUpperCase()}${multiple ? '...' : ''}`
      return required ? shown : `[${shown}]`
    })
    const rest = Object.keys(flags).length > 0 ? ['[flags]'] : []
    return ['$', this.#program.bin, id.replaceAll(':', ' '), ...words, ...rest].join(' ')
  }

  #argumentRows({args, strict}: ProgramCommand): string {
    const rows = Object.values(args).map(({name, required, multiple, options, description = ''}): HelpRow => {
      const shown = `${name.toUpperCase()}${multiple || strict === false ? '...' : ''}`
      return [required ? shown : `[${shown}]`, `${options ? `(${options.join('|')}) ` : ''}${description}`]
    })
    return rows.length === 0 ? '' : formatRows(rows, this.#options)
  }

  /** By purpose. Most users need the flags for files and stored settings last. */
  #ownFlags(flags: readonly HelpFlag[]): string[] {
    const groups = [...Map.groupBy(flags, ({helpGroup = ''}) => helpGroup)].filter(([group]) => !isSharedGroup(group))
    return groups
      .sort(([a], [b]) => Number(a === settingsGroup) - Number(b === settingsGroup))
      .map(([group, own]) => this.#section(group === '' ? 'FLAGS' : `${group} FLAGS`, this.#describe(own)))
  }

  #sharedLabels(flags: readonly HelpFlag[]): string {
    const shared = flags.filter(({helpGroup}) => isSharedGroup(helpGroup))
    if (shared.length === 0) return ''
    const text = `${shared.map(flagLabel).join(', ')}\nTheir descriptions: ${this.#program.bin} help ${flagsTopic}`
    return wrap(text, this.#options)
  }

  #describe(flags: readonly HelpFlag[]): string {
    return flagRows(flags, (text, indentation) => wrap(text, this.#options, indentation))
  }

  #exampleOf(example: string, id: string): string {
    const {bin} = this.#program
    const line = example.replaceAll('<%= config.bin %>', bin).replaceAll('<%= command.id %>', id.replaceAll(':', ' '))
    return line.startsWith(bin) ? `$ ${line}` : line
  }
}

const exitRows = Object.entries(exitCodes).map(
  ([name, code]): HelpRow => [String(code), exitTexts[name as keyof typeof exitCodes]],
)

/** The parts that exist, with an empty line after each. */
function pageOf(parts: readonly string[]): string {
  return parts
    .filter(part => part !== '')
    .map(part => `${part}\n\n`)
    .join('')
}
