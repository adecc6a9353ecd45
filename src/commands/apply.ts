import {usageError} from '../errors.ts'
import {applyDocuments} from '../features/files/apply.ts'
import {requireContexts} from '../features/files/contexts.ts'
import {openFiles} from '../features/files/prune/open.ts'
import {askMissingFile} from '../features/files/questions/ask.ts'
import {readPlan} from '../features/files/saved.ts'
import {withSourcedContexts} from '../features/files/sources.ts'
import {meshKinds} from '../kinds/kinds.ts'
import {openRun} from '../run/run.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {
  choiceWords,
  documentChoice,
  documentClusterFlags,
  documentFlags,
  documentSetFlags,
  documentWriteFlags,
} from '../terminal/document-flags.ts'
import {wordArg} from '../terminal/flag-builders.ts'
import {outputFlag, settingsFlags, waitFlags} from '../terminal/flags.ts'
import {shellWord} from '../text/shell-word.ts'

export default class Apply extends BaseCommand {
  static override summary = 'apply mesh files to all of their clusters'

  static override description =
    `Validates all documents, reads their clusters, shows one plan, and asks once. Then it applies the documents in the
order of their dependencies: control planes, federations, tenants, gateways, and what uses them. A failure stops only the documents
that depend on the failed one. You can run the command again at any time: it makes only the missing changes.

With --prune, it then removes the documents of the set that the files no longer contain, each as the remove command of its
kind does. You confirm by typing the name of the set. Documents that another set or another command has applied stay.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> -f mesh/',
    '<%= config.bin %> <%= command.id %> -f mesh/ -R --yes -o json',
    '<%= config.bin %> <%= command.id %> -f mesh/ --name prod --prune',
    '<%= config.bin %> <%= command.id %> plan.json --yes',
  ]

  static override args = {plan: wordArg({about: 'plan that kubectl mesh plan --out has saved, instead of -f'})}

  static override flags = {
    ...documentFlags,
    ...documentSetFlags,
    ...settingsFlags,
    ...documentClusterFlags,
    ...documentWriteFlags,
    ...waitFlags,
    output: outputFlag(['json', 'yaml', 'name'], 'table'),
  }

  async run() {
    const {args, flags} = await this.parse(Apply)
    const {filename: _files, output, name, prune, ...others} = flags
    const opened = openRun('apply', {...others, 'dry-run': 'none', 'exit-code': false}, this.terminal(flags))
    if (args.plan !== undefined) {
      if (flags.filename !== undefined) throw usageError('PLAN conflicts with -f: the plan contains its documents')
      if (name !== undefined || prune)
        throw usageError('PLAN conflicts with --name and --prune: plan --out stores both')
      const {saved, documents} = await readPlan(args.plan, meshKinds)
      const {run} = await withSourcedContexts(documents, opened, false)
      requireContexts(documents, run.access.kubeconfig)
      const resume = `${opened.command} ${shellWord(args.plan)} --yes`
      return applyDocuments(documents, {resume, output, saved}, {...run, documentSet: saved.set})
    }
    return askMissingFile(flags, {...opened, kinds: meshKinds, yes: flags.yes}, async answered => {
      const choice = {...documentChoice(answered), name, prune}
      const {documents, run} = await openFiles(choice, meshKinds, opened)
      const words = choiceWords(choice)
      const review = ['kubectl mesh plan', opened.connection, words].filter(Boolean).join(' ')
      return applyDocuments(documents, {resume: `${run.command} ${words} --yes`, review, output}, run)
    })
  }
}
