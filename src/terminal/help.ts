import type {Command} from '@oclif/core/command'
import {CommandHelp, Help} from '@oclif/core/help'
import {exitCodes} from '../errors.ts'
import {exitTexts} from './exit-texts.ts'
import {isSharedGroup, settingsGroup} from './flag-groups.ts'
import {flagLabel, flagRows, type HelpFlag} from './help-flags.ts'
import {startingPoints} from './starting-points.ts'
import {unknownCommand} from './unknown-command.ts'

/** `kubectl mesh help flags` describes the flags that several commands share. */
const flagsTopic = 'flags'

type Sections = ReturnType<CommandHelp['sections']>
type Flags = Parameters<CommandHelp['flags']>[0]

/**
 * Help of a command: one line of usage, examples, the flags that only this command has by their purpose, and the names of the
 * shared ones. Commands that connect to clusters show their exit codes.
 */
class MeshCommandHelp extends CommandHelp {
  /** Flags keep the order in which a command declares them. The command `help` passes no options. */
  override generate(): string {
    this.opts.flagSortOrder = 'none'
    return super.generate()
  }

  protected override sections(): Sections {
    const sections = super.sections()
    const named = (name: string) => sections.filter(({header}) => header === name)
    return [
      ...named('USAGE'),
      ...named('EXAMPLES'),
      ...named('DESCRIPTION'),
      ...named('ARGUMENTS'),
      {header: 'FLAGS', generate: ({flags}) => this.ownFlags(flags)},
      ...this.exitSection(),
      {header: 'SHARED FLAGS', generate: ({flags}) => this.sharedFlags(flags)},
    ]
  }

  protected override usage(): string {
    const args = Object.entries(this.command.args).map(([name, {required, multiple}]) => {
      const shown = `${name.toUpperCase()}${multiple ? '...' : ''}`
      return required ? shown : `[${shown}]`
    })
    const flags = Object.keys(this.command.flags).length > 0 ? ['[flags]'] : []
    return ['$', this.config.bin, this.command.id.replaceAll(':', ' '), ...args, ...flags].join(' ')
  }

  /** Without the summary, which is the first line of the help. Paragraphs wrap at the width of the terminal. */
  protected override description(): string | undefined {
    const {summary, description = ''} = this.command
    if (!summary || description === '') return undefined
    return this.wrap(description.replace(/(?<=\S)\n(?=\S)/g, ' '))
  }

  protected override examples(examples: Parameters<CommandHelp['examples']>[0]): string | undefined {
    return super.examples(examples)?.replaceAll('\n\n', '\n')
  }

  /** Flags with their descriptions. */
  describe(flags: readonly HelpFlag[]): string {
    return flagRows(flags, (text, indentation) => this.wrap(text, indentation))
  }

  private ownFlags(flags: Flags) {
    const own = flags.filter(({helpGroup}) => !isSharedGroup(helpGroup))
    const groups = [...Map.groupBy(own, ({helpGroup = ''}) => helpGroup)]
    // Most users need the flags for files and stored settings last.
    const sorted = groups.sort(([a], [b]) => Number(a === settingsGroup) - Number(b === settingsGroup))
    return sorted.map(([group, members]) => ({
      header: group === '' ? 'FLAGS' : `${group} FLAGS`,
      body: this.describe(members),
    }))
  }

  private sharedFlags(flags: Flags): string | undefined {
    const shared = flags.filter(({helpGroup}) => isSharedGroup(helpGroup))
    if (shared.length === 0) return undefined
    return this.wrap(`${shared.map(flagLabel).join(', ')}\nTheir descriptions: ${this.config.bin} help ${flagsTopic}`)
  }

  private exitSection(): Sections {
    if (!this.command.flags.kubeconfig) return []
    const rows = Object.entries(exitCodes).map(([name, code]): [string, string] => [
      String(code),
      exitTexts[name as keyof typeof exitCodes],
    ])
    const body = this.renderList(rows, {spacer: '\n', stripAnsi: this.opts.stripAnsi, indentation: 2})
    return [{header: 'EXIT CODES', generate: () => body}]
  }
}

/**
 * Shows the help of the root, of a topic or of a command.
 *
 * @throws MeshError (exit 2) if the words are neither a topic nor a command
 */
export default class MeshHelp extends Help {
  protected override CommandHelpClass = MeshCommandHelp

  override async showHelp(argv: string[]): Promise<void> {
    const words = argv.filter(word => !word.startsWith('-'))
    if (words.length === 0) return this.showRootHelp()
    const id = words.join(':')
    const command = this.config.findCommand(id)
    if (command) return this.showCommandHelp(command as Command.Loadable)
    const topic = this.config.findTopic(id)
    if (topic) return this.showTopicHelp(topic)
    if (id === flagsTopic) return this.log(this.describeSharedFlags())
    throw unknownCommand(
      words,
      this.config.commands.filter(known => !known.hidden).map(known => known.id),
    )
  }

  /** Of the root, the topics follow the tasks that a new user begins with. */
  protected override formatTopics(topics: Parameters<Help['formatTopics']>[0]): string {
    const isRoot = topics.some(({name}) => name === 'federate')
    return isRoot ? `${this.gettingStarted()}\n\n${super.formatTopics(topics)}` : super.formatTopics(topics)
  }

  private gettingStarted(): string {
    const rows = startingPoints.map(({about, id}): [string, string] => [
      `${this.config.bin} ${id.replaceAll(':', ' ')}`,
      about.charAt(0).toLowerCase() + about.slice(1),
    ])
    const all: [string, string][] = [
      [this.config.bin, 'on a terminal: show your contexts, what runs in each, and these tasks'],
      ...rows,
      [`${this.config.bin} help ${flagsTopic}`, 'describe the flags that several commands share'],
    ]
    return this.section(
      'GETTING STARTED',
      this.renderList(all, {indentation: 2, spacer: '\n', stripAnsi: this.opts.stripAnsi}),
    )
  }

  /** A flag that several commands describe differently is shown as the first of them describes it. */
  private describeSharedFlags(): string {
    const commands = this.sortedCommands
    const shared = new Map<string, Flags[number]>()
    for (const [name, flag] of commands.flatMap(({flags}) => Object.entries(flags)))
      if (isSharedGroup(flag.helpGroup) && !flag.hidden && !shared.has(name)) shared.set(name, {...flag, name})
    const sorted = [...shared.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    return this.section('SHARED FLAGS', new MeshCommandHelp(commands[0]!, this.config, this.opts).describe(sorted))
  }
}
