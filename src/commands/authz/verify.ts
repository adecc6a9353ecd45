import {authzVerifyFields} from '../../features/authz/spec.ts'
import {verifyAuthorizer} from '../../features/authz/verify.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {untilOk} from '../../run/list-run.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, outputFlag} from '../../terminal/flags.ts'
import {waitForOkFlags} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AuthzVerify extends BaseCommand {
  static override summary = 'check everything that an external authorizer depends on'

  static override examples = ['<%= config.bin %> <%= command.id %> ext-authz']

  static override args = {name: wordArg({about: authzVerifyFields.name.about})}

  static override flags = {
    ...flagsOf(authzVerifyFields),
    ...clusterFlags,
    ...waitForOkFlags,
    output: outputFlag(['json', 'yaml']),
  }

  async run() {
    const {args, flags} = await this.parse(AuthzVerify)
    const run = {access: accessOf(flags), output: flags.output}
    const [context, asking] = [flags.context ?? '', this.terminal(flags)]
    const raw = rawOf(authzVerifyFields, {...flags, ...args})
    const ask = async () => (await import('../../features/authz/existing/questions.ts')).askAuthorizer
    const asker = {access: run.access, terminal: asking, context}
    return askMissing({fields: authzVerifyFields, raw, ask, yes: undefined}, asker, answered =>
      untilOk(flags, asking, terminal => verifyAuthorizer(answered, context, {...run, terminal})),
    )
  }
}
