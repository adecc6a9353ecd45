import {type RotateOthers, rotateFederation} from '../../features/federate/rotate/rotate.ts'
import {federationRotateFields} from '../../features/federate/rotate/spec.ts'
import {askMissing, asksNothing} from '../../run/ask-missing.ts'
import {openRun, type Run} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, waitFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class FederateRotate extends BaseCommand {
  static override summary = 'replace the credentials that clusters hold for each other'

  static override description =
    `Replaces one credential after the other. For each: creates a new token beside the old one, proves that istiod can use it,
changes one key of the remote Secret, and observes every istiod for the time of --hold. If an istiod loses the cluster, its gateways or
its endpoints, the previous credential is restored and the run stops with exit code 4. The old token is revoked last.

An interrupted run continues where it stopped when you run the command again.

Some versions of istiod lose endpoints when a credential changes. The command refuses to run if any istiod pod has such a version;
--restart-istiod restarts istiod after each change instead.

At the end, the tokens of Kiali (addon connect) are replaced too.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> --contexts east,west --yes',
    '<%= config.bin %> <%= command.id %> --contexts east,west,south --cluster south',
    '<%= config.bin %> <%= command.id %> --contexts east,west --credential-duration 720h',
  ]

  static override flags = {
    ...flagsOf(federationRotateFields),
    ...accessFlags,
    ...writeFlags,
    timeout: waitFlags.timeout,
  }

  async run() {
    const {flags} = await this.parse(FederateRotate)
    const run = openRun('federate rotate', flags, this.terminal(flags))
    const kiali: RotateOthers = async (all, systemNamespace) =>
      (await import('../../features/addon/connect/rotate.ts')).rotateKiali(all, systemNamespace, run)
    const raw = rawOf(federationRotateFields, flags)
    const ask = async () => {
      const {askMeshContexts} = await import('../../mesh/contexts/questions.ts')
      return (input: typeof raw, asker: Run) => askMeshContexts(input, asker, 2)
    }
    const yes = asksNothing(flags)
    return askMissing({fields: federationRotateFields, raw, ask, yes}, run, answered =>
      rotateFederation(answered, run, kiali),
    )
  }
}
