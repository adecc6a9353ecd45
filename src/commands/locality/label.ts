import {BaseCommand} from '../../base-command.ts'
import {clusterFlags, fileFlags, filename, outputFlag, selector, wordsArg, writeFlags} from '../../flags.ts'
import {labelNodes} from '../../flows/locality/label.ts'
import {openRun} from '../../flows/run.ts'
import {readMeshFile} from '../../mesh-file.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {localityLabelFields} from '../../specs/locality-label.ts'

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
