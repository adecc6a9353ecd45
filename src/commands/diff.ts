import {diffDocuments, diffFormats, printFilesPlan} from '../features/files/diff.ts'
import {openFiles} from '../features/files/prune/open.ts'
import {askMissingFile} from '../features/files/questions/ask.ts'
import {meshKinds} from '../kinds/kinds.ts'
import {openRun} from '../run/run.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {
  documentChoice,
  documentClusterFlags,
  documentFlags,
  documentPlanFlags,
  documentSetFlags,
} from '../terminal/document-flags.ts'
import {outputFlag} from '../terminal/flags.ts'

export default class Diff extends BaseCommand {
  static override summary = 'compare mesh files with their clusters, such as in a cron job'

  static override description =
    `The command only reads. -o table prints one row for each document, -o junit one test case. With --exit-code, the exit
code is 1 if there is a difference.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> -f mesh/ --exit-code',
    '<%= config.bin %> <%= command.id %> -f mesh/ -o junit > drift.xml',
    '<%= config.bin %> <%= command.id %> -f mesh/ --name prod --prune --exit-code',
  ]

  static override flags = {
    ...documentFlags,
    ...documentSetFlags,
    ...documentClusterFlags,
    ...documentPlanFlags,
    output: outputFlag(diffFormats, 'diff'),
  }

  async run() {
    const {flags} = await this.parse(Diff)
    const {filename: _files, output = 'diff', name, prune, ...others} = flags
    const opened = openRun('diff', {...others, 'dry-run': 'server', yes: false}, this.terminal({'no-input': true}))
    const asker = {kinds: meshKinds, terminal: this.terminal(), access: opened.access}
    return askMissingFile(flags, asker, async answered => {
      const {documents, run} = await openFiles({...documentChoice(answered), name, prune}, meshKinds, opened)
      return output === 'diff' ? printFilesPlan(documents, run) : diffDocuments(documents, output, run)
    })
  }
}
