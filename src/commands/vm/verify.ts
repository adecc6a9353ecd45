import {vmVerifyFields} from '../../features/vm/spec.ts'
import {verifyVm} from '../../features/vm/verify/verify.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {untilOk} from '../../run/list-run.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {stringFlag, wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, namespace, outputFlag} from '../../terminal/flags.ts'
import {waitForOkFlags} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmVerify extends BaseCommand {
  static override summary = 'check whether a VM can join the mesh and is connected'

  static override description = 'The command only reads. The exit code is 5 if a check fails.'

  static override examples = ['<%= config.bin %> <%= command.id %> web -n vm']

  static override args = {name: wordArg({about: vmVerifyFields.name.about})}

  static override flags = {
    ...flagsOf(vmVerifyFields),
    namespace,
    ...clusterFlags,
    'output-dir': stringFlag({
      about: 'folder with the files of the VM, to check its token',
      valueName: 'DIR',
      fallbackText: 'NAME-vm',
    }),
    ...waitForOkFlags,
    output: outputFlag(['json', 'yaml', 'wide']),
  }

  async run() {
    const {args, flags} = await this.parse(VmVerify)
    const run = {access: accessOf(flags), output: flags.output}
    const [context, asking] = [flags.context ?? '', this.terminal(flags)]
    const raw = rawOf(vmVerifyFields, {...flags, ...args})
    const ask = async () => (await import('../../features/vm/existing/questions.ts')).askVmName
    const asker = {access: run.access, terminal: asking, context}
    return askMissing({fields: vmVerifyFields, raw, ask, yes: undefined}, asker, answered =>
      untilOk(flags, asking, terminal => verifyVm(answered, context, flags['output-dir'], {...run, terminal})),
    )
  }
}
