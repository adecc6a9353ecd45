import type {Command} from '@oclif/core/command'
import {CommandHelp, Help} from '@oclif/core/help'
import {exitCodes} from '../errors.ts'
import {exitTexts} from './exit-texts.ts'
import {unknownCommand} from './unknown-command.ts'

/** Help of a command, with the exit codes if the command connects to clusters. */
class MeshCommandHelp extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    const sections = super.sections()
    if (!this.command.flags.kubeconfig) return sections
    const rows = Object.entries(exitCodes).map(([name, code]): [string, string] => [
      String(code),
      exitTexts[name as keyof typeof exitCodes],
    ])
    const body = this.renderList(rows, {spacer: '\n', stripAnsi: this.opts.stripAnsi, indentation: 2})
    return [...sections, {header: 'EXIT CODES', generate: () => body}]
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
    throw unknownCommand(
      words,
      this.config.commands.filter(known => !known.hidden).map(known => known.id),
    )
  }
}
