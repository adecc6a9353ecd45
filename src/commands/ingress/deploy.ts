import {deployIngress} from '../../features/ingress/deploy.ts'
import {ingressDeployFields} from '../../features/ingress/spec-deploy.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespace,
  outputFlag,
  waitFlags,
  wordArg,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class IngressDeploy extends BaseCommand {
  static override summary = 'run an ingress gateway, also on host ports of chosen nodes'

  static override description =
    `Account, Deployment or DaemonSet by gateway injection and a Service, without privileges. Host ports that others have
taken and nodes without the label are found before anything is written. Run it again at any time: it does what is left.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> -n istio-ingress',
    '<%= config.bin %> <%= command.id %> -n istio-ingress --kind daemonset --host-port 80:8080 --host-port 443:8443 --node-selector front_end=true',
    '<%= config.bin %> <%= command.id %> -n istio-ingress --dry-run=server',
  ]

  static override args = {name: wordArg({about: ingressDeployFields.name.about})}

  static override flags = {
    ...flagsOf(ingressDeployFields),
    namespace: {...namespace, summary: "[default: the context's] namespace of the gateway, made when it is missing"},
    filename,
    ...clusterFlags,
    ...writeFlags,
    ...waitFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
  }

  async run() {
    const {args, flags} = await this.parse(IngressDeploy)
    const file = await readMeshFile('IngressGateway', ingressDeployFields, flags.filename)
    const raw = {...file, ...rawOf(ingressDeployFields, {...flags, ...args})}
    return deployIngress(raw, flags.context ?? '', openRun('ingress deploy', flags, this.terminal(flags)))
  }
}
