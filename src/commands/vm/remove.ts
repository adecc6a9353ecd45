import {removeVm} from '../../features/vm/remove.ts'
import {vmRemoveFields} from '../../features/vm/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {removalResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, namespace, outputFlag, removalFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmRemove extends BaseCommand {
  static override summary = 'remove a VM from the mesh'

  static override description =
    'Removes the objects that the registration created, and revokes the tokens of the VM. With the last VM, removes the gateway, the exposure of istiod and the DNS capture that registrations created.'

  static override examples = ['<%= config.bin %> <%= command.id %> web -n vm']

  static override args = {name: wordArg({about: vmRemoveFields.name.about})}

  static override flags = {
    ...flagsOf(vmRemoveFields),
    namespace,
    ...clusterFlags,
    ...writeFlags,
    ...removalFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(VmRemove)
    const run = openRun('vm remove', flags, this.terminal(flags), removalResults)
    const context = flags.context ?? ''
    const raw = rawOf(vmRemoveFields, {...flags, ...args})
    const ask = async () => (await import('../../features/vm/existing/questions.ts')).askVmName
    return askMissing({fields: vmRemoveFields, raw, ask, yes: flags.yes}, {...run, context}, answered =>
      removeVm(answered, context, run),
    )
  }
}
