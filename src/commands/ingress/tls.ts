import {usageError} from '../../errors.ts'
import {ingressTlsFields} from '../../features/ingress/spec-tls.ts'
import {serveTls} from '../../features/ingress/tls.ts'
import {listTls} from '../../features/ingress/tls-list.ts'
import {accessOf, openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespace,
  outputFlag,
  switchFlag,
  wordArg,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class IngressTls extends BaseCommand {
  static override summary = "give a host its certificate at a gateway, or show all gateways' certificates"

  static override description =
    `Looks at certificate and key before anything is written: that they belong together, order, dates, names, strength.
Writes a Secret beside the gateway and an Istio Gateway for the host. With --list it only reads, and ends with 5 when a
certificate is broken or over.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> shop.example.com --cert fullchain.pem --key key.pem --redirect',
    '<%= config.bin %> <%= command.id %> shop.example.com --secret shop-cert --gateway istio-frontgateway',
    '<%= config.bin %> <%= command.id %> --list -o wide',
  ]

  static override args = {host: wordArg({about: ingressTlsFields.host.about})}

  static override flags = {
    ...flagsOf(ingressTlsFields),
    list: switchFlag({about: 'show the certificates of all gateways and when they end'}),
    namespace: {...namespace, summary: '[default: where the gateway is found] namespace of the gateway'},
    filename,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff', 'wide']),
    'output-dir': fileFlags['output-dir'],
    'include-secrets': fileFlags['include-secrets'],
  }

  async run() {
    const {args, flags} = await this.parse(IngressTls)
    const {output, context = '', ...others} = flags
    if (flags.list) {
      if (args.host !== undefined) throw usageError('--list shows all hosts, and takes none')
      if (output === 'name' || output === 'diff')
        throw usageError(`--list has no -o ${output}`, '-o wide, json or yaml')
      return listTls(flags.namespace, context, {terminal: this.terminal(), access: accessOf(flags), output})
    }
    if (output === 'wide') throw usageError('-o wide is for --list')
    const file = await readMeshFile('IngressTls', ingressTlsFields, flags.filename)
    const raw = {...file, ...rawOf(ingressTlsFields, {...flags, ...args})}
    return serveTls(raw, context, openRun('ingress tls', {...others, output}, this.terminal(flags)))
  }
}
