import {type ExitCode, exitCodes} from '../errors.ts'
import {showLanding} from '../features/landing/landing.ts'
import {accessOf} from '../run/run.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {helpText} from '../terminal/help/help.ts'
import {helpView, programOf} from '../terminal/program.ts'

/** What `kubectl mesh` runs on a terminal. The command has no flags, so that the line without words has none either. */
export default class Start extends BaseCommand {
  static override hidden = true
  static override summary = 'show contexts, what runs in each, and where to begin'

  async run() {
    const {flags} = await this.parse(Start)
    const chosen = await showLanding(accessOf(flags), this.terminal())
    if (chosen === undefined) return exitCodes.ok
    // The command prints what repeats it, as if the user had typed its words.
    process.argv.push(...chosen.split(':').filter(Boolean))
    if (chosen !== '') return this.config.runCommand<ExitCode | undefined>(chosen, [])
    const program = programOf(this.config.pjson as never, this.config.commands)
    process.stdout.write(helpText([], program, helpView()))
    return exitCodes.ok
  }
}
