import {BaseCommand} from '../../base-command.ts'
import {issueCas} from '../../flows/ca/issue.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {caIssueFields, caIssueProblems} from '../../specs/ca.ts'
import {readSpec} from '../../specs/read.ts'

export default class CaIssue extends BaseCommand {
  static override summary = 'issue an intermediate CA for each of some clusters'

  static override examples = ['<%= config.bin %> <%= command.id %> --dir mesh-ca --cluster east,west']

  static override flags = flagsOf(caIssueFields)

  async run() {
    const {flags} = await this.parse(CaIssue)
    await issueCas(readSpec(caIssueFields, rawOf(caIssueFields, flags), caIssueProblems), this.terminal())
    return undefined
  }
}
