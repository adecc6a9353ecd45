import {importCas} from '../../features/ca/import.ts'
import {caImportFields, validateCaImport} from '../../features/ca/spec-organization.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {readSpec} from '../../spec/read.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class CaImport extends BaseCommand {
  static override summary = 'import intermediate CAs that your organization has signed'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dir mesh-ca --cluster east=east.pem --cluster west=west.pem --root-cert root.pem',
    '<%= config.bin %> <%= command.id %> --dir mesh-ca --from signed',
  ]

  static override flags = flagsOf(caImportFields)

  async run() {
    const {flags} = await this.parse(CaImport)
    const terminal = this.terminal()
    const raw = rawOf(caImportFields, flags)
    const ask = async () => (await import('../../features/ca/questions.ts')).askImport
    return askMissing({fields: caImportFields, raw, ask, yes: undefined}, {terminal}, answered =>
      importCas(readSpec(caImportFields, answered, validateCaImport), terminal),
    )
  }
}
