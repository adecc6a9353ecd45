import {rotateRoot} from '../../features/ca/rotate/rotate.ts'
import {caRotateFields} from '../../features/ca/rotate/spec.ts'
import {askMissing, asksNothing} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, waitFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class CaRotate extends BaseCommand {
  static override summary = 'replace the root CA of a mesh without losing requests'

  static override description = `Replaces the root in three stages, one for each run:

  trust   all clusters trust the old and the new root
  issue   the clusters get CAs below the new root
  finish  all clusters trust only the new root

Within a stage, clusters change one after the other. The next one follows when every istiod and every proxy of the cluster before holds what
the stage requires, and a stage begins only when the one before is complete in all clusters. trust and issue can be taken back with
--revert. An interrupted run continues where it stopped when you run the command again.

istiod must have ISTIO_MULTIROOT_MESH=true, and all proxies PROXY_CONFIG_XDS_AGENT="true".`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west --stage trust --dry-run=server',
    '<%= config.bin %> <%= command.id %> --contexts east,west --stage trust',
    '<%= config.bin %> <%= command.id %> --contexts east,west',
    '<%= config.bin %> <%= command.id %> --contexts east,west --revert',
  ]

  static override flags = {
    ...flagsOf(caRotateFields, {'NEW ROOT': ['commonName', 'organization', 'keyType', 'days']}),
    ...accessFlags,
    ...writeFlags,
    timeout: waitFlags.timeout,
  }

  async run() {
    const {flags} = await this.parse(CaRotate)
    const run = openRun('ca rotate', flags, this.terminal(flags))
    const raw = rawOf(caRotateFields, flags)
    const ask = async () => (await import('../../mesh/contexts/questions.ts')).askMeshContexts
    const yes = asksNothing(flags)
    return askMissing({fields: caRotateFields, raw, ask, yes}, run, answered => rotateRoot(answered, run))
  }
}
