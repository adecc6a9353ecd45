import {renderFieldNames} from '../../control-plane/spec.ts'
import {addTenant} from '../../features/tenant/add.ts'
import {printTenantFile} from '../../features/tenant/add-offline.ts'
import {tenantFields} from '../../features/tenant/spec.ts'
import {withReplay} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {readMeshFile} from '../../spec/mesh-file.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {
  clusterFlags,
  fileFlags,
  filename,
  outputFlag,
  settingsFlags,
  waitFlags,
  writeFlags,
} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class TenantAdd extends BaseCommand {
  static override summary = 'create a dedicated control plane for a group of namespaces'

  static override description =
    `Renders an istiod with its revision, system namespace and discovery selectors, using your istioctl, Helm or the
Sail operator. Shows the changes, and after confirmation creates the control plane, a STRICT mTLS policy and the labels of the
namespaces. You can run the command again at any time: it keeps the settings of earlier runs and makes only the missing
changes.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> usergroup-1 --namespaces app-1,app-2',
    '<%= config.bin %> <%= command.id %> usergroup-1 --dry-run=server',
    '<%= config.bin %> <%= command.id %> usergroup-1 --set values.pilot.autoscaleMin=2 -o istio-operator',
  ]

  static override args = {name: wordArg({about: tenantFields.name.about})}

  static override flags = {
    ...flagsOf(tenantFields, {
      TENANT: ['namespaces', 'selectorLabel', 'mtls', 'isDefault'],
      'CONTROL PLANE': ['via', 'systemNamespace', 'revision', ...renderFieldNames],
    }),
    filename,
    ...clusterFlags,
    ...writeFlags,
    ...settingsFlags,
    ...waitFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff', 'istio-operator', 'helm-values']),
    ...fileFlags,
  }

  async run() {
    const {args, flags} = await this.parse(TenantAdd)
    const file = await readMeshFile('Tenant', tenantFields, flags.filename)
    const raw = {...file.raw, ...rawOf(tenantFields, {...flags, ...args})}
    const {output, ...others} = flags
    const terminal = this.terminal({...flags, context: flags.context ?? file.context})
    if (output === 'istio-operator' || output === 'helm-values') return printTenantFile(raw, output, {terminal})
    const run = openRun('tenant add', {...others, output}, terminal)
    return withReplay(run, flags.context ?? file.context ?? '', context => addTenant(raw, context, run))
  }
}
