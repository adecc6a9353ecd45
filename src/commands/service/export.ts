import {exportServices} from '../../features/service/export.ts'
import {serviceExportFields, serviceExportFileFields, serviceExportFlagFields} from '../../features/service/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {importResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {
  accessFlags,
  fileFlags,
  filename,
  namespace,
  outputFlag,
  selectorFlag,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class ServiceExport extends BaseCommand {
  static override summary = 'make a Service available in other clusters as NAME.NAMESPACE.global'

  static override description =
    `Creates in each importing cluster a ServiceEntry, whose endpoints are the gateways of the exporting clusters, and
a DestinationRule. No cluster needs access to the API server of another. If several clusters export a service, it has endpoints in
all of them. With --output-dir, the command writes everything that each cluster imports to files, and changes no cluster.

Clusters that are joined in ambient mode share Services under their own names instead: each gets the label istio.io/global=true,
and a cluster without the Service gets one without pods.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> helloworld -n sample --contexts east --to west',
    '<%= config.bin %> <%= command.id %> -l team=shop -n shop --contexts east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> --watch --contexts east,west --yes',
  ]

  static override args = {name: wordArg({about: 'name of the Service'})}

  static override flags = {
    ...flagsOf(serviceExportFlagFields, {
      SERVICES: ['contexts', 'to', 'all', 'watch', 'interval'],
      MESH: ['clusterName', 'clusterDomain', 'systemNamespace', 'revision'],
    }),
    namespace,
    selector: selectorFlag(),
    filename,
    ...accessFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
    only: fileFlags.only,
  }

  async run() {
    const {args, flags} = await this.parse(ServiceExport)
    const file = await readMeshFile('ServiceExport', serviceExportFileFields, flags.filename)
    const raw = {...file.raw, ...rawOf(serviceExportFields, {...flags, name: args.name})}
    const run = openRun('service export', flags, this.terminal(flags), importResults)
    const ask = async () => (await import('../../features/service/questions.ts')).askExport
    return askMissing({fields: serviceExportFields, raw, ask, yes: flags.yes}, {...run, context: ''}, answered =>
      exportServices(answered, run),
    )
  }
}
