import {removeIngress} from '../../features/ingress/remove.ts'
import {ingressRemoveFields} from '../../features/ingress/spec-deploy.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {removalResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, namespace, outputFlag, removalFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class IngressRemove extends BaseCommand {
  static override summary = 'remove a gateway that ingress deploy created'

  static override description = 'The namespace, Gateway resources and certificates stay.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> istio-ingressgateway -n istio-ingress --dry-run=server',
    '<%= config.bin %> <%= command.id %> istio-ingressgateway -n istio-ingress --yes',
  ]

  static override args = {name: wordArg({about: ingressRemoveFields.name.about})}

  static override flags = {
    ...flagsOf(ingressRemoveFields),
    namespace,
    ...clusterFlags,
    ...writeFlags,
    ...removalFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(IngressRemove)
    const raw = rawOf(ingressRemoveFields, {...flags, ...args})
    const run = openRun('ingress remove', flags, this.terminal(flags), removalResults)
    const context = flags.context ?? ''
    const ask = async () => (await import('../../features/ingress/questions.ts')).askRecordedGateway
    return askMissing({fields: ingressRemoveFields, raw, ask, yes: flags.yes}, {...run, context}, answered =>
      removeIngress(answered, context, run),
    )
  }
}
