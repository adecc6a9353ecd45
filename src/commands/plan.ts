import {printFilesPlan} from '../features/files/diff.ts'
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
import {stringFlag} from '../terminal/flag-builders.ts'
import {outputGroup} from '../terminal/flag-groups.ts'
import {fileFlags, outputFlag} from '../terminal/flags.ts'

export default class Plan extends BaseCommand {
  static override summary = 'show what mesh files would change in all of their clusters'

  static override description =
    `Validates all documents, reads their clusters, and prints one plan in the order in which apply would make the changes.
The command only reads. A document that needs what another one creates, such as the gateway of a certificate, is planned when
that one has been applied.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> -f mesh/',
    '<%= config.bin %> <%= command.id %> -f mesh/ -R --output-dir manifests/',
    '<%= config.bin %> <%= command.id %> -f mesh/ --out plan.json',
  ]

  static override flags = {
    ...documentFlags,
    ...documentSetFlags,
    ...documentClusterFlags,
    ...documentPlanFlags,
    output: outputFlag(['diff', 'yaml', 'json', 'name'], 'diff'),
    ...fileFlags,
    out: stringFlag({
      about: 'also save the plan, for apply FILE; it contains no secrets',
      valueName: 'FILE',
      group: outputGroup,
    }),
  }

  async run() {
    const {flags} = await this.parse(Plan)
    const {filename: _files, out, name, prune, ...others} = flags
    const opened = openRun('plan', {...others, 'dry-run': 'server', yes: false}, this.terminal({'no-input': true}))
    const asker = {kinds: meshKinds, terminal: this.terminal(), access: opened.access}
    return askMissingFile(flags, asker, async answered => {
      const {documents, run} = await openFiles({...documentChoice(answered), name, prune}, meshKinds, opened)
      return printFilesPlan(documents, run, out)
    })
  }
}
