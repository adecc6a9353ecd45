import {assignTenant} from '../../features/tenant/assign/assign.ts'
import {tenantAssignFields} from '../../features/tenant/assign/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg, wordsArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, outputFlag, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class TenantAssign extends BaseCommand {
  static override summary = 'move namespaces to a tenant, or remove them from it'

  static override description =
    'Lists the workloads that you must restart to change their control plane. The command restarts nothing.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> usergroup-1 app-3 app-4',
    '<%= config.bin %> <%= command.id %> usergroup-1 app-3 --remove',
  ]

  static override args = {
    name: wordArg({about: tenantAssignFields.name.about, required: true}),
    namespaces: wordsArg({about: tenantAssignFields.namespaces.about, required: true}),
  }

  static override flags = {
    ...flagsOf(tenantAssignFields),
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    // oclif allows no optional argument before a list, and on a terminal the command asks for both.
    const words = wordsArg({about: 'tenant and namespaces'})
    const {args, flags} = await this.parse({...TenantAssign, args: {words}})
    const [name, ...namespaces] = args.words ?? []
    const given = {...(name === undefined ? {} : {name}), ...(namespaces.length === 0 ? {} : {namespaces})}
    const raw = rawOf(tenantAssignFields, {...flags, ...given})
    const run = openRun('tenant assign', flags, this.terminal(flags))
    const context = flags.context ?? ''
    const ask = async () => (await import('../../features/tenant/existing/questions.ts')).askAssignment
    return askMissing({fields: tenantAssignFields, raw, ask, yes: flags.yes}, {...run, context}, answered =>
      assignTenant(answered, context, run),
    )
  }
}
