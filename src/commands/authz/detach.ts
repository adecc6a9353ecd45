import {detachAuthorizer} from '../../features/authz/detach.ts'
import {authzDetachFields} from '../../features/authz/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {removalResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, outputFlag, removalFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AuthzDetach extends BaseCommand {
  static override summary = 'detach an external authorizer: remove its policy, then its provider'

  static override examples = ['<%= config.bin %> <%= command.id %> ext-authz']

  static override args = {name: wordArg({about: authzDetachFields.name.about})}

  static override flags = {
    ...flagsOf(authzDetachFields),
    ...clusterFlags,
    ...writeFlags,
    ...removalFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(AuthzDetach)
    const raw = rawOf(authzDetachFields, {...flags, ...args})
    const run = openRun('authz detach', flags, this.terminal(flags), removalResults)
    const context = flags.context ?? ''
    const ask = async () => (await import('../../features/authz/existing/questions.ts')).askAuthorizer
    return askMissing({fields: authzDetachFields, raw, ask, yes: flags.yes}, {...run, context}, answered =>
      detachAuthorizer(answered, context, run),
    )
  }
}
