import {balanceHosts} from '../../features/locality/balance.ts'
import {localityBalanceFields} from '../../features/locality/spec-balance.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, fileFlags, filename, namespace, outputFlag, wordsArg, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class LocalityBalance extends BaseCommand {
  static override summary = 'serve requests near where they enter, and say who takes over'

  static override description =
    `Makes a DestinationRule with locality settings and outlier detection for each host, or adds them to the rule that
is there. Without further flags: same place, same zone, same region, then all others.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> helloworld -n sample --failover shenzhen=beijing',
    '<%= config.bin %> <%= command.id %> helloworld -n sample --distribute shenzhen=shenzhen:80,beijing:20',
    '<%= config.bin %> <%= command.id %> helloworld -n sample --prefer-close',
    '<%= config.bin %> <%= command.id %> --mesh-wide off',
  ]

  static override args = {host: wordsArg({about: localityBalanceFields.hosts.about})}

  static override flags = {
    ...flagsOf(localityBalanceFields),
    namespace: {...namespace, summary: "[default: the context's] namespace of hosts without one"},
    filename,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
  }

  async run() {
    const {args, flags} = await this.parse(LocalityBalance)
    const file = await readMeshFile('LocalityBalance', localityBalanceFields, flags.filename)
    const raw = {...file, ...rawOf(localityBalanceFields, {...flags, ...args})}
    return balanceHosts(raw, flags.context ?? '', openRun('locality balance', flags, this.terminal(flags)))
  }
}
