import {exitCodes} from '../../errors.ts'
import {openAddon} from '../../features/addon/open/open.ts'
import {addonOpenFields} from '../../features/addon/open/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, namespaceFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AddonOpen extends BaseCommand {
  static override summary = 'open the user interface of an add-on through the API server'

  static override description =
    `Forwards a port of this machine to a pod, prints the URL, and runs until you press Ctrl-C, with exit code 0 as kubectl
port-forward. Only programs on this machine can connect. A token is created only with --print-token; it is printed to standard output and nowhere else.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> kiali --browser',
    '<%= config.bin %> <%= command.id %> kiali --print-token',
    '<%= config.bin %> <%= command.id %> grafana --port 8080',
  ]

  static override args = {addon: wordArg({about: addonOpenFields.name.about})}

  static override flags = {
    ...flagsOf(addonOpenFields),
    namespace: namespaceFlag('namespace of the add-on', 'the only one in which it runs'),
    ...clusterFlags,
  }

  async run() {
    const {args, flags} = await this.parse(AddonOpen)
    const run = {terminal: this.terminal(flags), access: accessOf(flags)}
    const context = flags.context ?? ''
    const raw = rawOf(addonOpenFields, {...flags, ...args})
    const ask = async () => (await import('../../features/addon/open/questions.ts')).askOpen
    await askMissing({fields: addonOpenFields, raw, ask, yes: undefined}, {...run, context}, answered =>
      openAddon(answered, context, run),
    )
    // Ctrl-C is how it ends, without an error, as `kubectl port-forward` (kubectl pkg/cmd/portforward, 1.36).
    await new Promise(resolve => process.once('SIGINT', resolve))
    return exitCodes.ok
  }
}
