import {labelNodes} from '../../features/locality/label.ts'
import {localityLabelFields} from '../../features/locality/spec-label.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, fileFlags, filename, outputFlag, selector, wordsArg, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class LocalityLabel extends BaseCommand {
  static override summary = 'say in which region, zone and subzone nodes are'

  static override description =
    `Sets the labels that Istio reads: topology.kubernetes.io/region and /zone, topology.istio.io/subzone. Labels that
say something else stay, unless --overwrite. Labels of old (failure-domain.beta.kubernetes.io) are translated.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> w-1 w-2 --region shenzhen --zone sz-1',
    "<%= config.bin %> <%= command.id %> --pattern 'worker-sz*=shenzhen/sz-1' --pattern 'worker-bj*=beijing/bj-1'",
    '<%= config.bin %> <%= command.id %> --from racks.csv --dry-run=server',
  ]

  static override args = {node: wordsArg({about: localityLabelFields.nodes.about})}

  static override flags = {
    ...flagsOf(localityLabelFields),
    selector: {...selector, summary: 'nodes with these labels'},
    filename,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
  }

  async run() {
    const {args, flags} = await this.parse(LocalityLabel)
    const file = await readMeshFile('NodeLocalities', localityLabelFields, flags.filename)
    const raw = {...file, ...rawOf(localityLabelFields, {...flags, ...args})}
    return labelNodes(raw, flags.context ?? '', openRun('locality label', flags, this.terminal(flags)))
  }
}
