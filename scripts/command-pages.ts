import {exitCodes} from '../src/errors.ts'
import {exitTexts} from '../src/terminal/exit-texts.ts'
import {flowed, generated, page, program, sentence, shellBlock, table} from './markdown.ts'

/** What oclif's manifest says about a flag, as far as a page shows it. */
interface ManifestFlag {
  type: 'boolean' | 'option'
  char?: string
  summary?: string
  description?: string
  default?: unknown
  helpGroup?: string
  helpValue?: string
  hidden?: boolean
  multiple?: boolean
  allowNo?: boolean
  required?: boolean
  options?: string[]
}

/** What oclif's manifest says about a command, as far as a page shows it. */
export interface ManifestCommand {
  /** Words joined by `:`. */
  id: string
  summary?: string
  description?: string
  examples?: (string | {description?: string; command: string})[]
  hidden?: boolean
  flags: Record<string, ManifestFlag>
  args: Record<string, {description?: string; required?: boolean; multiple?: boolean; options?: string[]}>
}

/** oclif.manifest.json. */
export interface Manifest {
  commands: Record<string, ManifestCommand>
}

/** `oclif.topics` of package.json. */
export type Topics = Record<string, {description?: string}>

/**
 * The reference: a page for each command and an index, by path. Nothing in them but what the manifest and the topics say.
 */
export function commandPages({commands}: Manifest, topics: Topics): Record<string, string> {
  const shown = Object.values(commands).filter(command => !command.hidden)
  return Object.fromEntries([
    ['docs/commands/README.md', indexPage(shown, topics)],
    ...shown.map(command => [`docs/commands/${fileOf(command)}`, commandPage(command, shown)]),
  ])
}

function indexPage(commands: ManifestCommand[], topics: Topics): string {
  const byTopic = Map.groupBy(commands, topicOf)
  const alone = commands.filter(command => !isTopic(topicOf(command), byTopic))
  const sections = [...byTopic].filter(([topic]) => isTopic(topic, byTopic))
  return page([
    '# Commands',
    generated,
    ...sections.flatMap(([topic, own]) => [
      `## ${topic}`,
      ...(topics[topic]?.description ? [sentence(topics[topic].description)] : []),
      listOf(own),
    ]),
    '## others',
    listOf(alone),
  ])
}

function isTopic(topic: string, byTopic: Map<string, ManifestCommand[]>): boolean {
  return (byTopic.get(topic) ?? []).some(command => command.id.includes(':'))
}

function listOf(commands: ManifestCommand[]): string {
  return table(
    ['command', ''],
    commands.map(command => [`[\`${program} ${wordsOf(command)}\`](${fileOf(command)})`, aboutOf(command)]),
  )
}

function commandPage(command: ManifestCommand, all: ManifestCommand[]): string {
  const flags = Object.entries(command.flags).filter(([, flag]) => !flag.hidden)
  const args = Object.entries(command.args)
  const examples = (command.examples ?? []).map(example => exampleText(example, command))
  const siblings = all.filter(other => other !== command && topicOf(other) === topicOf(command))
  return page([
    `# ${program} ${wordsOf(command)}`,
    generated,
    sentence(aboutOf(command)),
    shellBlock(usageOf(command)),
    ...(command.summary && command.description ? [flowed(command.description)] : []),
    ...(examples.length > 0 ? ['## Examples', shellBlock(examples.join('\n'))] : []),
    ...(args.length > 0
      ? [
          '## Arguments',
          table(
            ['argument', ''],
            args.map(([name, arg]) => [`\`${argText(name, arg)}\``, argAbout(arg)]),
          ),
        ]
      : []),
    ...[...Map.groupBy(flags, ([, flag]) => flag.helpGroup ?? '')]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([group, own]) => [
        `## ${group === '' ? 'Flags' : `${group[0]}${group.slice(1).toLowerCase()} flags`}`,
        table(
          ['flag', '', 'default'],
          own.map(([name, flag]) => flagRow(name, flag)),
        ),
      ]),
    ...(command.flags.kubeconfig ? ['## Exit codes', exitTable()] : []),
    ...(siblings.length > 0
      ? [
          '## See also',
          siblings.map(other => `- [\`${program} ${wordsOf(other)}\`](${fileOf(other)}): ${aboutOf(other)}`).join('\n'),
        ]
      : []),
  ])
}

function usageOf(command: ManifestCommand): string {
  const args = Object.entries(command.args).map(([name, arg]) =>
    arg.required ? argText(name, arg) : `[${argText(name, arg)}]`,
  )
  return [program, wordsOf(command), ...args, '[flags]'].join(' ')
}

function argText(name: string, {multiple}: {multiple?: boolean}): string {
  return `${name.toUpperCase()}${multiple ? '…' : ''}`
}

function argAbout({description = '', options}: {description?: string; options?: string[]}): string {
  return [description, ...oneOf(options)].join('; ')
}

function flagRow(name: string, flag: ManifestFlag): string[] {
  const value = flag.type === 'option' ? `=${flag.options ? flag.options.join('|') : (flag.helpValue ?? 'VALUE')}` : ''
  const long = flag.allowNo ? `--[no-]${name}` : `--${name}`
  const text = flag.summary ?? flag.description ?? ''
  const [, said, about] = /^(?:\[default: ([^\]]*)\] )?([\s\S]*)$/.exec(text)!
  const fallback = said ?? (flag.default === undefined || flag.default === false ? '' : String(flag.default))
  return [
    `\`${flag.char ? `-${flag.char}, ` : ''}${long}${value}\``,
    [
      about!,
      ...(flag.required ? ['required'] : []),
      ...(flag.multiple && !about!.includes('repeat') ? ['may be repeated'] : []),
    ].join('; '),
    fallback,
  ]
}

function oneOf(options: string[] | undefined): string[] {
  return options ? [`one of ${options.join(', ')}`] : []
}

function exitTable(): string {
  return table(
    ['code', ''],
    Object.entries(exitCodes).map(([name, code]) => [String(code), exitTexts[name as keyof typeof exitCodes]]),
  )
}

function exampleText(example: string | {description?: string; command: string}, command: ManifestCommand): string {
  const text = typeof example === 'string' ? example : example.command
  return text
    .replaceAll('<%= config.bin %>', program)
    .replaceAll('<%= command.id %>', wordsOf(command))
    .replace(/^\$ /gm, '')
}

function aboutOf({summary, description = ''}: ManifestCommand): string {
  return summary ?? description.split('\n', 1)[0]!
}

function wordsOf({id}: ManifestCommand): string {
  return id.replaceAll(':', ' ')
}

function topicOf({id}: ManifestCommand): string {
  return id.split(':', 1)[0]!
}

function fileOf({id}: ManifestCommand): string {
  return `${id.replaceAll(':', '-')}.md`
}
