import {Command, Flags} from '@oclif/core'
import {wordArg} from '../terminal/flag-builders.ts'
import {helpText} from '../terminal/help/help.ts'
import {helpView, programOf} from '../terminal/program.ts'

export default class Help extends Command {
  static override description = 'show help for a command'
  static override strict = false
  static override args = {command: wordArg({about: 'words of a command'})}
  static override flags = {
    'nested-commands': Flags.boolean({char: 'n', description: 'Include all nested commands in the output.'}),
  }

  async run() {
    const {argv, flags} = await this.parse(Help)
    const program = programOf(this.config.pjson as never, this.config.commands)
    process.stdout.write(helpText(argv as string[], program, {...helpView(), all: flags['nested-commands']}))
  }
}
