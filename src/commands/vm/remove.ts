import {removeVm} from '../../features/vm/remove.ts'
import {vmRemoveFields} from '../../features/vm/spec.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespace, outputFlag, wordArg, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmRemove extends BaseCommand {
  static override summary = 'take a VM out of the mesh'

  static override description =
    'Removes what its registration made; its tokens end. The exposure of istiod and the mesh config stay.'

  static override examples = ['<%= config.bin %> <%= command.id %> web -n vm']

  static override args = {name: wordArg({about: vmRemoveFields.name.about})}

  static override flags = {
    ...flagsOf(vmRemoveFields),
    namespace,
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(VmRemove)
    return removeVm(
      rawOf(vmRemoveFields, {...flags, ...args}),
      flags.context ?? '',
      openRun('vm remove', flags, this.terminal(flags)),
    )
  }
}
