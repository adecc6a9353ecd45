import {installAddons} from '../../features/addon/install.ts'
import {addonInstallFields} from '../../features/addon/spec.ts'
import {askMissing, asksNothing} from '../../run/ask-missing.ts'
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
  waitFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AddonInstall extends BaseCommand {
  static override summary = 'install Kiali, Prometheus, Grafana, Jaeger and Loki from your Istio release'

  static override description =
    `Uses the manifests in samples/addons of an Istio release, other manifests, or a Helm chart, and adapts their namespace, the names
of istiod and the addresses of other add-ons. You can run the command again at any time: it makes only the missing changes, and
keeps the settings of earlier runs. Kiali with a login gets a random key for its sessions.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> kiali prometheus --from ./istio-1.31.0',
    '<%= config.bin %> <%= command.id %> kiali --from ./istio-1.31.0 --auth token --dry-run=server',
    '<%= config.bin %> <%= command.id %> kiali --from kiali/kiali-server -n monitoring --auth openid --openid-issuer https://id.example.com --openid-client-id kiali',
  ]

  static override args = {addons: wordsArg({about: addonInstallFields.names.about})}

  static override flags = {
    ...flagsOf(addonInstallFields, {
      KIALI: [
        ...(['auth', 'openidIssuer', 'openidClientId', 'openidUsernameClaim', 'openidSharedAccess'] as const),
        ...(['prometheusUrl', 'grafanaUrl', 'tracingUrl'] as const),
      ],
    }),
    namespace: namespaceFlag(
      'namespace of the add-ons; created if it does not exist',
      'the current one, else that of istiod',
    ),
    filename,
    ...settingsFlags,
    ...clusterFlags,
    ...writeFlags,
    ...waitFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    ...fileFlags,
  }

  async run() {
    const {args, flags} = await this.parse(AddonInstall)
    const file = await readMeshFile('Addons', addonInstallFields, flags.filename)
    const raw = {...file.raw, ...rawOf(addonInstallFields, {...flags, ...args})}
    const run = openRun('addon install', flags, this.terminal({...flags, context: flags.context ?? file.context}))
    const context = flags.context ?? file.context ?? ''
    const ask = async () => (await import('../../features/addon/questions.ts')).askAddons
    const yes = asksNothing(flags)
    return askMissing({fields: addonInstallFields, raw, ask, yes}, {...run, context}, answered =>
      installAddons(answered, context, run),
    )
  }
}
