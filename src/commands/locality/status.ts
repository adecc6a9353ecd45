import {localityStatusFields} from '../../features/locality/status/spec.ts'
import {drawLocalityStatus, localityStatus} from '../../features/locality/status.ts'
import {runList} from '../../run/list-run.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, namespaceFlag} from '../../terminal/flags.ts'
import {listFlags, listOutput, refuseListFlags, waitForOkFlags} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class LocalityStatus extends BaseCommand {
  static override summary = 'show the localities of nodes and endpoints, and how requests are routed'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> helloworld -n sample --from shenzhen/sz-1',
    '<%= config.bin %> <%= command.id %> helloworld -n sample -o svg > locality.svg',
  ]

  static override args = {host: wordArg({about: localityStatusFields.host.about})}

  static override flags = {
    ...flagsOf(localityStatusFields),
    namespace: namespaceFlag('namespace of a host that is given without one'),
    ...clusterFlags,
    ...listFlags,
    ...waitForOkFlags,
    output: listOutput('svg'),
  }

  async run() {
    const {args, flags} = await this.parse(LocalityStatus)
    const terminal = this.terminal()
    const raw = rawOf(localityStatusFields, {...flags, ...args})
    const {context = '', namespace: _ofHost, ...others} = flags
    if (flags.output === 'svg') {
      refuseListFlags('-o svg', flags)
      return drawLocalityStatus(raw, context, {terminal, access: accessOf(flags)})
    }
    // A locality has no namespace, so -n selects no rows.
    return runList(others, terminal, run => localityStatus(raw, context, run, flags.wait))
  }
}
