import {askMissingFile} from '../features/files/questions/ask.ts'
import {validateFiles} from '../features/files/validate.ts'
import {meshKinds} from '../kinds/kinds.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {documentChoice, documentFlags} from '../terminal/document-flags.ts'
import {outputFlag} from '../terminal/flags.ts'

export default class Validate extends BaseCommand {
  static override summary = 'validate mesh files; needs no cluster'

  static override description =
    `Reads every document of the files, and reports each problem with its file, line and column. The exit code is 2 if there
is one. -o junit prints a test suite for each file. Files that contain a private key or a token are rejected.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> -f mesh/',
    '<%= config.bin %> <%= command.id %> -f mesh/ -R -o json',
    '<%= config.bin %> <%= command.id %> -f mesh/ -o junit > mesh.xml',
    'cat mesh.yaml | <%= config.bin %> <%= command.id %> -f -',
  ]

  static override flags = {...documentFlags, output: outputFlag(['json', 'yaml', 'name', 'junit'], 'table')}

  async run() {
    const {flags} = await this.parse(Validate)
    const terminal = this.terminal()
    return askMissingFile(flags, {kinds: meshKinds, terminal, reportsProblems: true}, answered =>
      validateFiles(documentChoice(answered), meshKinds, terminal, flags.output),
    )
  }
}
