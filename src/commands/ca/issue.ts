import {issueCas} from '../../features/ca/issue.ts'
import {caIssueFields, validateCaIssue} from '../../features/ca/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {readSpec} from '../../spec/read.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class CaIssue extends BaseCommand {
  static override summary = 'issue an intermediate CA for each given cluster'

  static override examples = ['<%= config.bin %> <%= command.id %> --dir mesh-ca --cluster east,west']

  static override flags = flagsOf(caIssueFields)

  async run() {
    const {flags} = await this.parse(CaIssue)
    const terminal = this.terminal()
    const raw = rawOf(caIssueFields, flags)
    const ask = async () => (await import('../../features/ca/questions.ts')).askIssue
    return askMissing({fields: caIssueFields, raw, ask, yes: undefined}, {terminal}, answered =>
      issueCas(readSpec(caIssueFields, answered, validateCaIssue), terminal),
    )
  }
}
