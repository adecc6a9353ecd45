import {BaseCommand} from '../../base-command.ts'
import {clusterFlags, outputFlag, wordArg} from '../../flags.ts'
import {verifyAuthorizer} from '../../flows/authz/verify.ts'
import {accessOf} from '../../flows/run.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {authzVerifyFields} from '../../specs/authz.ts'

export default class AuthzVerify extends BaseCommand {
  static override summary = 'look at all that an external authorizer hangs on'

  static override examples = ['<%= config.bin %> <%= command.id %> ext-authz']

  static override args = {name: wordArg({about: authzVerifyFields.name.about})}

  static override flags = {...flagsOf(authzVerifyFields), ...clusterFlags, output: outputFlag(['json', 'yaml'])}

  async run() {
    const {args, flags} = await this.parse(AuthzVerify)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return verifyAuthorizer(rawOf(authzVerifyFields, {...flags, ...args}), flags.context ?? '', run)
  }
}
