import {usageError} from '../../errors.ts'
import {listTls} from '../../features/ingress/tls/list.ts'
import {removeTls} from '../../features/ingress/tls/remove.ts'
import {serveTls} from '../../features/ingress/tls/serve.ts'
import {ingressTlsFields} from '../../features/ingress/tls/spec.ts'
import {accessOf, openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {switchFlag, wordArg} from '../../terminal/flag-builders.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespaceFlag,
  outputFlag,
  removalFlags,
  settingsFlags,
  writeFlags,
} from '../../terminal/flags.ts'
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
    output: outputFlag(['yaml', 'json', 'name', 'diff', 'wide']),
    'output-dir': fileFlags['output-dir'],
    'include-secrets': fileFlags['include-secrets'],
  }

  async run() {
    const {args, flags} = await this.parse(IngressTls)
    const {output, context = '', ...others} = flags
    if (flags.list && flags.remove) throw usageError('--list conflicts with --remove')
    if (flags.list) {
      if (args.host !== undefined) throw usageError('--list does not accept a host: it lists all hosts')
      if (output === 'name' || output === 'diff')
        throw usageError(`--list does not support -o ${output}`, 'use -o wide, json or yaml')
      return listTls(flags.namespace, context, {terminal: this.terminal(), access: accessOf(flags), output})
    }
    if (output === 'wide') throw usageError('-o wide requires --list')
    if (flags.remove) {
      if (flags.filename !== undefined) throw usageError('--remove conflicts with --filename')
      const host = rawOf(ingressTlsFields, {...flags, ...args})
      return removeTls(host, context, openRun('ingress tls', {...others, output}, this.terminal(flags)))
    }
    const file = await readMeshFile('IngressTls', ingressTlsFields, flags.filename)
    const raw = {...file, ...rawOf(ingressTlsFields, {...flags, ...args})}
    return serveTls(raw, context, openRun('ingress tls', {...others, output}, this.terminal(flags)))
  }
}
