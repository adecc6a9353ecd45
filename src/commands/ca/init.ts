import {BaseCommand} from '../../base-command.ts'
import {initCa} from '../../flows/ca/init.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {caInitFields} from '../../specs/ca.ts'
import {readSpec} from '../../specs/read.ts'

export default class CaInit extends BaseCommand {
  static override summary = 'make a root CA for a mesh in a new folder'

  static override examples = ['<%= config.bin %> <%= command.id %> --dir mesh-ca']

  static override flags = flagsOf(caInitFields)

  async run() {
    const {flags} = await this.parse(CaInit)
    const terminal = this.terminal()
    const {folder, files} = await initCa(readSpec(caInitFields, rawOf(caInitFields, flags)), terminal)
    terminal.print(files.join('\n'))
    terminal.talk(`hint:  next: kubectl mesh federate --ca-dir ${folder} --contexts …`)
    return undefined
  }
}
