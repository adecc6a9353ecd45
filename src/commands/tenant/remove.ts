import {removeTenant} from '../../features/tenant/remove/remove.ts'
import {tenantRemoveFields} from '../../features/tenant/remove/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {removalResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, outputFlag, removalFlags, waitFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class TenantRemove extends BaseCommand {
  static override summary =
    'remove a tenant: its control plane, the objects that it created, and the labels of its namespaces'

  static override description =
    `The command is refused while pods with sidecars of the tenant run. It removes only objects that the record of the tenant
lists. Application namespaces and their objects stay, and so do CustomResourceDefinitions, GatewayClasses and the Secret
cacerts.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> usergroup-1 --dry-run=server',
    '<%= config.bin %> <%= command.id %> usergroup-1 --yes',
  ]

  static override args = {name: wordArg({about: tenantRemoveFields.name.about})}

  static override flags = {
    ...flagsOf(tenantRemoveFields),
    ...clusterFlags,
    ...writeFlags,
    ...removalFlags,
    ...waitFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(TenantRemove)
    const raw = rawOf(tenantRemoveFields, {...flags, ...args})
    const run = openRun('tenant remove', flags, this.terminal(flags), removalResults)
    const context = flags.context ?? ''
    const ask = async () => (await import('../../features/tenant/existing/questions.ts')).askTenantName
    return askMissing({fields: tenantRemoveFields, raw, ask, yes: flags.yes}, {...run, context}, answered =>
      removeTenant(answered, context, run),
    )
  }
}
