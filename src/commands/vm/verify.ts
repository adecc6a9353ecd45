import {vmVerifyFields} from '../../features/vm/spec.ts'
import {verifyVm} from '../../features/vm/verify/verify.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespace, outputFlag, stringFlag, wordArg} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmVerify extends BaseCommand {
  static override summary = 'see whether a VM can be and is a member of the mesh'

  static override description = 'Only reads. Ends with 5 when something is wrong.'

  static override examples = ['<%= config.bin %> <%= command.id %> web -n vm']

  static override args = {name: wordArg({about: vmVerifyFields.name.about})}

  static override flags = {
    ...flagsOf(vmVerifyFields),
    namespace,
    ...clusterFlags,
    'output-dir': stringFlag({
      about: "folder of the machine's files, for the life of the token",
      valueName: 'DIR',
      fallbackText: 'NAME-vm',
    }),
    output: outputFlag(['json', 'yaml', 'wide']),
  }

  async run() {
    const {args, flags} = await this.parse(VmVerify)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return verifyVm(rawOf(vmVerifyFields, {...flags, ...args}), flags.context ?? '', flags['output-dir'], run)
  }
}
