import {federationVerifyFields} from '../../features/federate/verify/spec.ts'
import {verifyFederation} from '../../features/federate/verify/verify.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {untilOk} from '../../run/list-run.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, noInput, outputFlag, waitFlags, yes} from '../../terminal/flags.ts'
import {waitForOk} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class FederateVerify extends BaseCommand {
  static override summary = 'check that clusters form one mesh from the view of each istiod'

  static override description =
    `Without --traffic, the command only reads. With --traffic, it runs HelloWorld and a client in a temporary
namespace of each cluster, and removes the namespaces afterwards, even after Ctrl-C. The exit code is 5 if a check fails.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west',
    '<%= config.bin %> <%= command.id %> --contexts east,west --traffic --yes',
    '<%= config.bin %> <%= command.id %> --contexts east,west -o junit > federate.xml',
    '<%= config.bin %> <%= command.id %> --contexts east,west --traffic --yes -o html > traffic.html',
  ]

  static override flags = {
    ...flagsOf(federationVerifyFields),
    ...accessFlags,
    wait: waitForOk,
    timeout: waitFlags.timeout,
    yes,
    'no-input': noInput,
    output: outputFlag(['json', 'yaml', 'junit', 'html']),
  }

  async run() {
    const {flags} = await this.parse(FederateVerify)
    const {yes: sure, timeout, output} = flags
    const run = {access: accessOf(flags), output, write: {yes: sure, timeout}}
    const asking = this.terminal(flags)
    const raw = rawOf(federationVerifyFields, flags)
    const ask = async () => (await import('../../features/federate/questions/questions-existing.ts')).askJoined
    const asker = {access: run.access, terminal: asking, context: ''}
    return askMissing({fields: federationVerifyFields, raw, ask, yes: sure}, asker, answered =>
      untilOk(flags, asking, terminal => verifyFederation(answered, {...run, terminal})),
    )
  }
}
