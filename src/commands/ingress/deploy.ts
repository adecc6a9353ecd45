import {deployIngress} from '../../features/ingress/deploy.ts'
import {ingressDeployFields} from '../../features/ingress/spec-deploy.ts'
import {askMissing, asksNothing} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespaceFlag,
  outputFlag,
  settingsFlags,
  waitFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class IngressDeploy extends BaseCommand {
  static override summary = 'deploy an ingress gateway, optionally on host ports of selected nodes'

  static override description =
    `Creates a service account, a Deployment or DaemonSet that uses gateway injection, and a Service. The pods run
unprivileged. Before it makes changes, the command checks for host ports in use and for nodes without the label. You can run it
again at any time: it makes only the missing changes, and keeps the settings of earlier runs.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> -n istio-ingress',
    '<%= config.bin %> <%= command.id %> -n istio-ingress --kind daemonset --host-port 80:8080 --host-port 443:8443 --node-selector front_end=true',
    '<%= config.bin %> <%= command.id %> -n istio-ingress --dry-run=server',
  ]

  static override args = {name: wordArg({about: ingressDeployFields.name.about})}

  static override flags = {
    ...flagsOf(ingressDeployFields),
    namespace: namespaceFlag('namespace of the gateway; created if it does not exist'),
    filename,
    ...settingsFlags,
    ...clusterFlags,
    ...writeFlags,
    ...waitFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
  }

  async run() {
    const {args, flags} = await this.parse(IngressDeploy)
    const file = await readMeshFile('IngressGateway', ingressDeployFields, flags.filename)
    const raw = {...file.raw, ...rawOf(ingressDeployFields, {...flags, ...args})}
    const run = openRun('ingress deploy', flags, this.terminal({...flags, context: flags.context ?? file.context}))
    const context = flags.context ?? file.context ?? ''
    const ask = async () => (await import('../../features/ingress/questions.ts')).askDeploy
    const yes = asksNothing(flags)
    return askMissing({fields: ingressDeployFields, raw, ask, yes}, {...run, context}, answered =>
      deployIngress(answered, context, run),
    )
  }
}
