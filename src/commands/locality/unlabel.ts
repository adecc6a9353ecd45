import {localityUnlabelFields} from '../../features/locality/label/spec-unlabel.ts'
import {unlabelNodes} from '../../features/locality/unlabel.ts'
import {withReplay} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordsArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, outputFlag, selectorFlag, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class LocalityUnlabel extends BaseCommand {
  static override summary = 'restore the labels that nodes had before locality label'

  static override description =
    `An annotation of each node stores the labels that locality label has set, and their former values. A label that was
changed afterwards stays and is reported.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> w-1 w-2',
    '<%= config.bin %> <%= command.id %> --all --dry-run=server',
  ]

  static override args = {node: wordsArg({about: localityUnlabelFields.nodes.about})}

  static override flags = {
    ...flagsOf(localityUnlabelFields),
    selector: selectorFlag('nodes with these labels'),
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(LocalityUnlabel)
    const raw = rawOf(localityUnlabelFields, {...flags, ...args})
    const run = openRun('locality unlabel', flags, this.terminal(flags))
    return withReplay(run, flags.context ?? '', context => unlabelNodes(raw, context, run))
  }
}
