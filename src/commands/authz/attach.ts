import {attachAuthorizer} from '../../features/authz/attach.ts'
import {authzAttachFields} from '../../features/authz/spec.ts'
import {withReplay} from '../../run/ask-missing.ts'
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
  selectorFlag,
  settingsFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AuthzAttach extends BaseCommand {
  static override summary = 'attach an external authorizer to a gateway, a workload or a namespace'

  static override description =
    `Adds the authorizer to extensionProviders of the mesh config, without changing other settings, and creates an
AuthorizationPolicy with the action CUSTOM that uses it. A later run keeps the settings that it does not set. The command prints the setting that keeps the provider after an upgrade of
the control plane.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> ext-authz --service ext-authz.authz.svc:9000 --to gateway/istio-ingressgateway',
    "<%= config.bin %> <%= command.id %> oauth --service oauth.authz.svc:8000 --type http --header-to-check cookie -l app=web --not-path '/health*'",
  ]

  static override args = {name: wordArg({about: authzAttachFields.name.about})}

  static override flags = {
    ...flagsOf(authzAttachFields, {
      AUTHORIZER: ['service', 'type', 'timeout', 'fail', 'headersToCheck', 'includeBody', 'via'],
      REQUESTS: ['to', 'paths', 'notPaths', 'methods'],
      MESH: ['systemNamespace', 'revision', 'clusterDomain'],
    }),
    selector: selectorFlag('workloads with these labels (instead of --to)', 'KEY=VALUE'),
    namespace: namespaceFlag('namespace of the gateway or workload'),
    filename,
    ...settingsFlags,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
  }

  async run() {
    const {args, flags} = await this.parse(AuthzAttach)
    const file = await readMeshFile('ExternalAuthorizer', authzAttachFields, flags.filename)
    const labels = flags.selector === undefined ? {} : {selector: flags.selector.split(',')}
    const raw = {...file.raw, ...rawOf(authzAttachFields, {...flags, ...args, ...labels})}
    const run = openRun('authz attach', flags, this.terminal({...flags, context: flags.context ?? file.context}))
    return withReplay(run, flags.context ?? file.context ?? '', context => attachAuthorizer(raw, context, run))
  }
}
