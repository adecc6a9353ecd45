import {localityBalanceFields} from '../../features/locality/balance/spec.ts'
import {balanceHosts} from '../../features/locality/balance.ts'
import {withReplay} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordsArg} from '../../terminal/flag-builders.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespaceFlag,
  outputFlag,
  settingsFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class LocalityBalance extends BaseCommand {
  static override summary = 'route requests to nearby endpoints, and configure failover'

  static override description =
    `Creates a DestinationRule with locality load balancing and outlier detection for each host, or adds the settings
to an existing rule. Without further flags, requests prefer endpoints in the same subzone, then zone, then region, then all others.
A later run for the same host keeps the settings that it does not set.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> helloworld -n sample --failover shenzhen=beijing',
    '<%= config.bin %> <%= command.id %> helloworld -n sample --distribute shenzhen=shenzhen:80,beijing:20',
    '<%= config.bin %> <%= command.id %> helloworld -n sample --prefer-close',
    '<%= config.bin %> <%= command.id %> --mesh-wide off',
    '<%= config.bin %> <%= command.id %> --mesh-wide undo',
  ]

  static override args = {host: wordsArg({about: localityBalanceFields.hosts.about})}

  static override flags = {
    ...flagsOf(localityBalanceFields, {
      BALANCING: ['failover', 'failoverPriority', 'distribute', 'preferClose', 'meshWide'],
      MESH: ['systemNamespace', 'revision', 'clusterDomain'],
    }),
    namespace: namespaceFlag('namespace of hosts that are given without one'),
    filename,
    ...settingsFlags,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
  }

  async run() {
    const {args, flags} = await this.parse(LocalityBalance)
    const file = await readMeshFile('LocalityBalance', localityBalanceFields, flags.filename)
    const raw = {...file.raw, ...rawOf(localityBalanceFields, {...flags, ...args})}
    const run = openRun('locality balance', flags, this.terminal({...flags, context: flags.context ?? file.context}))
    return withReplay(run, flags.context ?? file.context ?? '', context => balanceHosts(raw, context, run))
  }
}
