import {caInitFields} from '../../features/ca/spec.ts'
import {initCa} from '../../mesh/ca/create-root.ts'
import {exitAfterChange} from '../../run/apply-plan.ts'
import {readSpec} from '../../spec/read.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'
import {shellWord} from '../../text/shell-word.ts'

export default class CaInit extends BaseCommand {
  static override summary = 'create a root CA for a mesh in a new folder'

  static override examples = ['<%= config.bin %> <%= command.id %> --dir mesh-ca']

  static override flags = flagsOf(caInitFields)

  async run() {
    const {flags} = await this.parse(CaInit)
    const terminal = this.terminal()
    const {folder, files} = await initCa(readSpec(caInitFields, rawOf(caInitFields, flags)), terminal)
    terminal.print(files.join('\n'))
    terminal.message(`hint:  kubectl mesh federate --contexts CTX,CTX --ca-dir ${shellWord(folder)}`)
    return exitAfterChange({terminal})
  }
}
