import {caStatusFields} from '../../features/ca/spec.ts'
import {caStatus} from '../../features/ca/status.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, outputFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class CaStatus extends BaseCommand {
  static override summary = 'show issuer, expiry and root of the CAs in clusters and in a CA folder'

  static override examples = ['<%= config.bin %> <%= command.id %> --contexts east,west --dir mesh-ca']

  static override flags = {...flagsOf(caStatusFields), ...accessFlags, output: outputFlag(['json', 'yaml', 'wide'])}

  async run() {
    const {flags} = await this.parse(CaStatus)
    return caStatus(rawOf(caStatusFields, flags), {
      terminal: this.terminal(),
      access: accessOf(flags),
      output: flags.output,
    })
  }
}
