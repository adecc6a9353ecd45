import {federationVerifyFields} from '../../features/federate/verify/spec.ts'
import {verifyFederation} from '../../features/federate/verify/verify.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, noInput, outputFlag, waitFlags, yes} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class FederateVerify extends BaseCommand {
  static override summary = 'prove that clusters are one mesh, as each of their istiods sees it'

  static override description =
    `Without --traffic it only reads. With it, HelloWorld and a client run in a throw-away namespace of each cluster, which is
removed again, also after Ctrl-C. Ends with 5 when a check fails.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west',
    '<%= config.bin %> <%= command.id %> --contexts east,west --traffic --yes',
    '<%= config.bin %> <%= command.id %> --contexts east,west -o junit > federate.xml',
  ]

  static override flags = {
    ...flagsOf(federationVerifyFields),
    ...accessFlags,
    timeout: waitFlags.timeout,
    yes,
    'no-input': noInput,
    output: outputFlag(['json', 'yaml', 'junit']),
  }

  async run() {
    const {flags} = await this.parse(FederateVerify)
    const {yes: sure, timeout, output} = flags
    const run = {terminal: this.terminal(flags), access: accessOf(flags), output, write: {yes: sure, timeout}}
    return verifyFederation(rawOf(federationVerifyFields, flags), run)
  }
}
