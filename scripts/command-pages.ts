import {exitCodes} from '../src/errors.ts'
import {exitTexts} from '../src/terminal/exit-texts.ts'
import {isSharedGroup, settingsGroup} from '../src/terminal/flag-groups.ts'
import type {CommandArgument, CommandFlag, ManifestCommand, Topics} from './command-data.ts'
import {generated, page, program, reflow, sentence, shellBlock, table} from './markdown.ts'

/**
 * Renders the command reference: an index and a page for each command that is not hidden.
 *
 * @param all commands with separate flag texts, see `addFlagTexts`
 * @returns the text of each page by its path
 */
export function commandPages(all: readonly ManifestCommand[], topics: Topics): Record<string, string> {
  const commands = all.filter(command => !command.hidden)
  return Object.fromEntries([
    ['docs/commands/README.md', indexPage(commands, topics)],
    ...commands.map(command => [`docs/commands/${fileOf(command)}`, commandPage(command, commands)]),
  ])
}

function indexPage(commands: readonly ManifestCommand[], topics: Topics): string {
  const groups = [...Map.groupBy(commands, topicOf)]
  const isTopic = (members: readonly ManifestCommand[]) => members.some(({id}) => id.includes(':'))
  const single = groups.filter(([, members]) => !isTopic(members)).flatMap(([, members]) => members)
  return page([
    '# Commands',
    generated,
    ...groups.filter(([, members]) => isTopic(members)).flatMap(group => topicSection(group, topics)),
    '## Other commands',
    commandTable(single),
  ])
}

function topicSection([topic, members]: [string, ManifestCommand[]], topics: Topics): string[] {
  const about = topics[topic]?.description
  return [`## ${topic}`, ...(about ? [sentence(about)] : []), commandTable(members)]
}

function commandTable(commands: readonly ManifestCommand[]): string {
  return table(
    ['command', ''],
    commands.map(command => [linkTo(command), aboutOf(command)]),
  )
}

function commandPage(command: ManifestCommand, all: readonly ManifestCommand[]): string {
  return page([
    `# ${program} ${wordsOf(command)}`,
    generated,
    sentence(aboutOf(command)),
    shellBlock(usageOf(command)),
    ...(command.summary && command.description ? [reflow(command.description)] : []),
    ...exampleSection(command),
    ...argumentSection(command),
    ...flagSections(command),
    ...exitSection(command),
    ...siblingSection(command, all),
  ])
}

function exampleSection(command: ManifestCommand): string[] {
  const examples = (command.examples ?? []).map(example => exampleText(example, command))
  return examples.length > 0 ? ['## Examples', shellBlock(examples.join('\n'))] : []
}

function argumentSection({args}: ManifestCommand): string[] {
  const rows = Object.entries(args).map(([name, argument]) => [
    `\`${argumentName(name, argument)}\``,
    joined(argument.description, argument.options && `one of ${argument.options.join(', ')}`),
  ])
  return rows.length > 0 ? ['## Arguments', table(['argument', ''], rows)] : []
}

function flagSections({flags}: ManifestCommand): string[] {
  const shown = Object.entries(flags).filter(([, flag]) => !flag.hidden)
  const rankOf = (group: string) => (isSharedGroup(group) ? 2 : group === settingsGroup ? 1 : 0)
  return [...Map.groupBy(shown, ([, flag]) => flag.helpGroup ?? '')]
    .sort(([a], [b]) => rankOf(a) - rankOf(b))
    .flatMap(([group, members]) => [
      `## ${group === '' ? 'Flags' : `${sentenceCase(group)} flags`}`,
      table(
        ['flag', '', 'default'],
        members.map(([name, flag]) => flagRow(name, flag)),
      ),
    ])
}

/** Commands that connect to clusters have the flag `--kubeconfig`, and all exit codes. */
function exitSection({flags}: ManifestCommand): string[] {
  if (!flags.kubeconfig) return []
  const rows = Object.entries(exitCodes).map(([name, code]) => [
    String(code),
    exitTexts[name as keyof typeof exitCodes],
  ])
  return ['## Exit codes', table(['code', ''], rows)]
}

function siblingSection(command: ManifestCommand, all: readonly ManifestCommand[]): string[] {
  const siblings = all.filter(other => other !== command && topicOf(other) === topicOf(command))
  if (siblings.length === 0) return []
  return ['## See also', siblings.map(sibling => `- ${linkTo(sibling)}: ${aboutOf(sibling)}`).join('\n')]
}

function flagRow(name: string, flag: CommandFlag): string[] {
  const about = flag.summary ?? flag.description ?? ''
  return [
    `\`${flagForm(name, flag)}\``,
    joined(about, flag.required && 'required', flag.multiple && !about.includes('repeat') && 'may be repeated'),
    flag.defaultText ?? defaultOf(flag),
  ]
}

/** `-n, --namespace=NS`, `--[no-]wait`, `--mode=a|b`. */
function flagForm(name: string, {type, char, options, helpValue, allowNo}: CommandFlag): string {
  const short = char ? `-${char}, ` : ''
  const long = allowNo ? `--[no-]${name}` : `--${name}`
  return type === 'boolean' ? short + long : `${short}${long}=${options?.join('|') ?? helpValue ?? 'VALUE'}`
}

function defaultOf(flag: CommandFlag): string {
  return flag.default === undefined || flag.default === false ? '' : String(flag.default)
}

function usageOf(command: ManifestCommand): string {
  const args = Object.entries(command.args).map(([name, argument]) =>
    argument.required ? argumentName(name, argument) : `[${argumentName(name, argument)}]`,
  )
  return [program, wordsOf(command), ...args, '[flags]'].join(' ')
}

function argumentName(name: string, {multiple}: CommandArgument): string {
  return `${name.toUpperCase()}${multiple ? '…' : ''}`
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

function linkTo(command: ManifestCommand): string {
  return `[\`${program} ${wordsOf(command)}\`](${fileOf(command)})`
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

function sentenceCase(word: string): string {
  return word === 'DNS' ? word : `${word[0]}${word.slice(1).toLowerCase()}`
}

function joined(...parts: (string | false | undefined)[]): string {
  return parts.filter(part => part !== undefined && part !== false).join('; ')
}
