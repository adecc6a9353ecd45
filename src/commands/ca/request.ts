import {requestCas} from '../../features/ca/request.ts'
import {caRequestFields, validateCaRequest} from '../../features/ca/spec-organization.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {accessOf} from '../../run/run.ts'
import {readSpec} from '../../spec/read.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class CaRequest extends BaseCommand {
  static override summary = 'create keys and signing requests for intermediate CAs below the root of your organization'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dir mesh-ca --cluster east,west --organization Example',
    '<%= config.bin %> <%= command.id %> --dir mesh-ca --contexts east,west',
  ]

  static override flags = {...flagsOf(caRequestFields), ...accessFlags}

  async run() {
    const {flags} = await this.parse(CaRequest)
    const terminal = this.terminal()
    const raw = rawOf(caRequestFields, flags)
    const ask = async () => (await import('../../features/ca/questions.ts')).askRequest
    return askMissing({fields: caRequestFields, raw, ask, yes: undefined}, {terminal}, answered =>
      requestCas(readSpec(caRequestFields, answered, validateCaRequest), accessOf(flags), terminal),
    )
  }
}
