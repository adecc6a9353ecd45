import {usageError} from '../../errors.ts'
import {listTls} from '../../features/ingress/tls/list.ts'
import {removeTls} from '../../features/ingress/tls/remove.ts'
import {serveTls} from '../../features/ingress/tls/serve.ts'
import {ingressTlsFields} from '../../features/ingress/tls/spec.ts'
import {withReplay} from '../../run/ask-missing.ts'
import {removalResults} from '../../run/flags/results.ts'
import {runList} from '../../run/list-run.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {switchFlag, wordArg} from '../../terminal/flag-builders.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespaceFlag,
  removalFlags,
  settingsFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {listFlags} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class IngressTls extends BaseCommand {
  static override summary =
    'set or remove the certificate of a host at a gateway, or list the certificates of all gateways'

  static override description =
    `Checks certificate and key before it makes changes: whether they match, the order of the chain, validity, names
and key strength. Creates a Secret in the namespace of the gateway and an Istio Gateway for the host. A later run
keeps the settings of the host that it does not set. With --list, the command only
reads, and the exit code is 5 if a certificate is invalid or expired.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> shop.example.com --cert fullchain.pem --key key.pem --redirect',
    '<%= config.bin %> <%= command.id %> shop.example.com --secret shop-cert --gateway istio-frontgateway',
    '<%= config.bin %> <%= command.id %> shop.example.com --remove',
    '<%= config.bin %> <%= command.id %> --list -o wide',
  ]

  static override args = {host: wordArg({about: ingressTlsFields.host.about})}

  static override flags = {
    ...flagsOf(ingressTlsFields, {
      CERTIFICATE: ['cert', 'key', 'ca', 'secret'],
      GATEWAY: ['gateway', 'mutual', 'redirect', 'systemNamespace'],
    }),
    list: switchFlag({about: 'list the certificates of all gateways and their expiry'}),
    remove: switchFlag({about: 'remove the Gateway and the Secret that were created for the host'}),
    namespace: namespaceFlag('namespace of the gateway', 'the namespace in which the gateway is found'),
    filename,
    ...settingsFlags,
    ...clusterFlags,
    ...writeFlags,
    ...removalFlags,
    ...listFlags,
    'output-dir': fileFlags['output-dir'],
    'include-secrets': fileFlags['include-secrets'],
  }

  async run() {
    const {args, flags} = await this.parse(IngressTls)
    const {context = '', ...others} = flags
    if (flags.list && flags.remove) throw usageError('--list conflicts with --remove')
    if (flags.list) {
      if (args.host !== undefined) throw usageError('--list does not accept a host: it lists all hosts')
      return runList({...flags, wait: false}, this.terminal(flags), run => listTls(flags.namespace, context, run))
    }
    const output = writeOutput(flags)
    if (flags.remove) {
      if (flags.filename !== undefined) throw usageError('--remove conflicts with --filename')
      const host = rawOf(ingressTlsFields, {...flags, ...args})
      return removeTls(host, context, openRun('ingress tls', {...others, output}, this.terminal(flags), removalResults))
    }
    const file = await readMeshFile('IngressTls', ingressTlsFields, flags.filename)
    const raw = {...file.raw, ...rawOf(ingressTlsFields, {...flags, ...args})}
    const run = openRun(
      'ingress tls',
      {...others, output},
      this.terminal({...flags, context: flags.context ?? file.context}),
    )
    return withReplay(run, flags.context ?? file.context ?? '', context => serveTls(raw, context, run))
  }
}

/** The output of a run that writes. @throws MeshError (exit 2) for a flag that needs `--list` */
function writeOutput(flags: {
  output?: string | undefined
  'sort-by'?: string | undefined
  'no-headers': boolean
  watch: boolean
}) {
  const {output} = flags
  if (flags['sort-by'] !== undefined || flags['no-headers'] || flags.watch)
    throw usageError('--sort-by, --no-headers and --watch require --list')
  const formats = ['yaml', 'json', 'name', 'diff'] as const
  const format = formats.find(one => one === output)
  if (output !== undefined && !format)
    throw usageError(`-o ${output} requires --list`, `without --list: ${formats.join(', ')}`)
  return format
}
