import {attachAuthorizer} from '../../features/authz/attach.ts'
import {authzAttachFields} from '../../features/authz/spec.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  namespace,
  outputFlag,
  selector,
  wordArg,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AuthzAttach extends BaseCommand {
  static override summary = 'put an external authorizer in front of a gateway or workload'

  static override description =
    `Writes the authorizer into the mesh config as a provider (all else there stays as it is), then an
AuthorizationPolicy that asks it. The value that keeps the provider through the next upgrade is printed.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> ext-authz --service ext-authz.authz.svc:9000 --to gateway/istio-ingressgateway',
    "<%= config.bin %> <%= command.id %> oauth --service oauth.authz.svc:8000 --type http --header-to-check cookie -l app=web --not-path '/health*'",
  ]

  static override args = {name: wordArg({about: authzAttachFields.name.about})}

  static override flags = {
    ...flagsOf(authzAttachFields),
    selector: {...selector, summary: 'workloads with these labels, in place of --to', helpValue: 'KEY=VALUE'},
    namespace: {...namespace, summary: "[default: the context's] namespace of what it stands in front of"},
    filename,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
  }

  async run() {
    const {args, flags} = await this.parse(AuthzAttach)
    const file = await readMeshFile('ExternalAuthorizer', authzAttachFields, flags.filename)
    const labels = flags.selector === undefined ? {} : {selector: flags.selector.split(',')}
    const raw = {...file, ...rawOf(authzAttachFields, {...flags, ...args, ...labels})}
    return attachAuthorizer(raw, flags.context ?? '', openRun('authz attach', flags, this.terminal(flags)))
  }
}
