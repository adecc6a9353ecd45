import {printSchema} from '../features/files/schema.ts'
import {meshKinds} from '../kinds/kinds.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {wordArg} from '../terminal/flag-builders.ts'

export default class Schema extends BaseCommand {
  static override summary = 'print the JSON Schema of mesh files, for editors'

  static override description =
    `Prints the schema of one kind, or of a document of any kind. Editors with the YAML language server complete and check a
file that begins with the comment # yaml-language-server: $schema=FILE.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> Tenant',
    '<%= config.bin %> <%= command.id %> > mesh.schema.json',
  ]

  static override args = {kind: wordArg({about: 'kind of the document (default: all)'})}

  async run() {
    const {args} = await this.parse(Schema)
    return printSchema(args.kind, meshKinds, this.terminal())
  }
}
