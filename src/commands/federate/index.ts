import {renderFieldNames} from '../../control-plane/spec.ts'
import {federate} from '../../features/federate/federate.ts'
import {federationFields} from '../../features/federate/spec.ts'
import {reportResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {
  accessFlags,
  fileFlags,
  filename,
  outputFlag,
  settingsFlags,
  sourceFlagsIn,
  waitFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class Federate extends BaseCommand {
  static override summary = 'join clusters into one Istio mesh'

  static override description =
    `Reads and checks all clusters, shows the changes, and after confirmation creates in each cluster: the network
label, the CA (with --ca-dir), an east-west gateway, the exposure of services, a reader service account, and a remote Secret in every
other cluster. You can run the command again at any time: it makes only the missing changes.

The settings of a run are stored in each cluster. A later run keeps them: set a flag to change its setting, or use --reset FLAG to return
to its default. A mesh file (-f) is complete: what it omits has its default. Wider exposure and tokens that live
longer or do not expire are described before the confirmation. With a file and --yes, they also need --reset FLAG.

If you join only some clusters of a mesh, all other links stay. The report shows each cluster that is not linked with every other as
"partly linked" and prints the command that links them. The exit code is 0.

With --mode primary-remote, one cluster runs istiod and the others connect to it. With --mode gateways, no cluster reads the API
server of another: there are no reader service accounts and no remote Secrets. Export services with mesh service export instead.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> --contexts east,west --ca-dir mesh-ca --yes',
    '<%= config.bin %> <%= command.id %> --contexts east,west --dry-run=client --output-dir fleet/',
    '<%= config.bin %> <%= command.id %> --mode primary-remote --contexts east,west --control-plane istioctl',
    '<%= config.bin %> <%= command.id %> --contexts east,west --reset expose',
    '<%= config.bin %> <%= command.id %> --clusters-from capi://mgmt/fleet --dry-run=server',
    '<%= config.bin %> <%= command.id %> --mode gateways --contexts east,west --ca-dir mesh-ca --capture-dns',
  ]

  static override flags = {
    ...flagsOf(federationFields, {
      CLUSTERS: ['contexts', 'clusterName', 'server'],
      MESH: [
        'mode',
        'primary',
        'remotePilotAddress',
        'meshId',
        'trustDomain',
        'clusterDomain',
        'systemNamespace',
        'revision',
      ],
      NETWORK: ['network', 'singleNetwork', 'dataPlane', 'expose', 'gatewayServiceType', 'gateway'],
      'CERTIFICATES AND CREDENTIALS': ['caDir', 'createCa', 'credentials', 'credentialDuration'],
      DNS: ['dns', 'captureDns', 'dnsForward', 'replaceDns'],
      'CONTROL PLANE': ['controlPlane', 'certProvider', ...renderFieldNames],
    }),
    filename,
    ...accessFlags,
    ...sourceFlagsIn('CLUSTERS'),
    ...settingsFlags,
    ...writeFlags,
    ...waitFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    ...fileFlags,
  }

  async run() {
    const {flags} = await this.parse(Federate)
    const named = rawOf(federationFields, flags)
    const run = openRun('federate', flags, this.terminal(flags), reportResults)
    if (flags.filename === undefined) return federate(named, run)
    const {federationFileFields} = await import('../../features/federate/clusters/spec.ts')
    const {withSelectedClusters} = await import('../../features/federate/clusters/selected.ts')
    const file = await readMeshFile('Federation', federationFileFields, flags.filename)
    const selected = await withSelectedClusters({...file.raw, ...named}, 'contexts' in named, run)
    return federate(selected.raw, selected.run)
  }
}
