import {localityLabelFields} from '../../features/locality/label/spec.ts'
import {labelNodes} from '../../features/locality/label.ts'
import {withReplay} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordsArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, fileFlags, filename, outputFlag, selectorFlag, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class LocalityLabel extends BaseCommand {
  static override summary = 'label nodes with their region, zone and subzone'

  static override description =
    `Sets the labels that Istio reads: topology.kubernetes.io/region, topology.kubernetes.io/zone and
topology.istio.io/subzone. Existing labels with other values stay unless --overwrite is set. Deprecated labels
(failure-domain.beta.kubernetes.io) are converted.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> w-1 w-2 --region shenzhen --zone sz-1',
    "<%= config.bin %> <%= command.id %> --pattern 'worker-sz*=shenzhen/sz-1' --pattern 'worker-bj*=beijing/bj-1'",
    '<%= config.bin %> <%= command.id %> --from racks.csv --dry-run=server',
  ]

  static override args = {node: wordsArg({about: localityLabelFields.nodes.about})}

  static override flags = {
    ...flagsOf(localityLabelFields),
    selector: selectorFlag('nodes with these labels'),
    filename,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
  }

  async run() {
    const {args, flags} = await this.parse(LocalityLabel)
    const file = await readMeshFile('NodeLocalities', localityLabelFields, flags.filename)
    const raw = {...file.raw, ...rawOf(localityLabelFields, {...flags, ...args})}
    const run = openRun('locality label', flags, this.terminal({...flags, context: flags.context ?? file.context}))
    return withReplay(run, flags.context ?? file.context ?? '', context => labelNodes(raw, context, run))
  }
}
