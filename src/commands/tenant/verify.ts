import {tenantVerifyFields} from '../../features/tenant/verify/spec.ts'
import {verifyTenants} from '../../features/tenant/verify/verify.ts'
import {untilOk} from '../../run/list-run.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, noInput, outputFlag, waitFlags, yes} from '../../terminal/flags.ts'
import {waitForOk} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class TenantVerify extends BaseCommand {
  static override summary = 'check that tenants are complete and isolated from each other'

  static override description =
    `Without --traffic, the command only reads. With --traffic, it runs two workloads per tenant that send requests to
each other in temporary namespaces, and removes the namespaces afterwards, even after Ctrl-C.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> usergroup-1 --traffic --yes',
  ]

  static override args = {name: wordArg({about: 'name of the tenant (default: all tenants)'})}

  static override flags = {
    ...flagsOf(tenantVerifyFields),
    ...clusterFlags,
    wait: waitForOk,
    timeout: waitFlags.timeout,
    yes,
    'no-input': noInput,
    output: outputFlag(['json', 'yaml']),
  }

  async run() {
    const {args, flags} = await this.parse(TenantVerify)
    const raw = rawOf(tenantVerifyFields, {...flags, ...args})
    const {yes: sure, timeout, output} = flags
    const run = {access: accessOf(flags), output, write: {yes: sure, timeout}}
    return untilOk(flags, this.terminal(flags), terminal => verifyTenants(raw, flags.context ?? '', {...run, terminal}))
  }
}
