import {renderFieldNames} from '../../control-plane/spec.ts'
import {installControlPlane} from '../../features/install/install.ts'
import {installFields} from '../../features/install/spec.ts'
import {withReplay} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  outputFlag,
  settingsFlags,
  waitFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class InstallCommand extends BaseCommand {
  static override summary = 'install Istio in one cluster, with your istioctl, Helm or the Sail operator'

  static override description =
    `Renders a control plane and shows the changes before it applies them. Objects that another installer created and that
already match stay as they are. You can run the command again at any time: it keeps the settings of earlier runs, and upgrades
the control plane to the version of your istioctl or chart.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --mesh-id mesh1 --network net-east --dry-run=server',
    '<%= config.bin %> <%= command.id %> --via helm --chart istio/istiod --revision 1-31-0',
  ]

  static override flags = {
    ...flagsOf(installFields, {
      MESH: ['meshId', 'clusterName', 'network', 'trustDomain'],
      'CONTROL PLANE': ['via', 'systemNamespace', 'revision', ...renderFieldNames],
    }),
    filename,
    ...clusterFlags,
    ...writeFlags,
    ...settingsFlags,
    ...waitFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    ...fileFlags,
  }

  async run() {
    const {flags} = await this.parse(InstallCommand)
    const file = await readMeshFile('ControlPlane', installFields, flags.filename)
    const raw = {...file.raw, ...rawOf(installFields, flags)}
    const run = openRun('install', flags, this.terminal({...flags, context: flags.context ?? file.context}))
    return withReplay(run, flags.context ?? file.context ?? '', context => installControlPlane(raw, context, run))
  }
}
