import type {Interfaces} from '@oclif/core'
import {commands} from '@oclif/plugin-help'
import {wordArg} from '../terminal/flag-builders.ts'

type Values = Record<string, unknown>

export default class Help extends commands.help {
  static override description = 'show help for a command'
  static override args = {command: wordArg({about: 'words of a command'})}

  /** Parses with the arguments of this class. The arguments of the plugin's class would read stdin. */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Interfaces.Input<F, B, A>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    return super.parse({...options, args: Help.args} as unknown as Interfaces.Input<F, B, A>, argv)
  }
}
