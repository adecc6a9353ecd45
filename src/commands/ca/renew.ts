import {renewCas} from '../../features/ca/renew/renew.ts'
import {caRenewFields} from '../../features/ca/renew/spec.ts'
import {askMissing, asksNothing} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, waitFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class CaRenew extends BaseCommand {
  static override summary = 'renew the intermediate CAs of clusters before they expire'

  static override description =
    `Issues a new intermediate CA below the same root for each cluster whose CA expires soon, stores it in the CA folder, and
changes Secret cacerts. Clusters change one after the other: the next one follows when every istiod signs with its new CA. Workloads
need no restart, and certificates of the previous CA stay valid.

A newer CA in the folder, from ca issue --renew or ca import --renew, is installed in any case. An interrupted run continues where it
stopped when you run the command again.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> --contexts east,west --dir mesh-ca --expires-within 2160h',
  ]

  static override flags = {
    ...flagsOf(caRenewFields),
    ...accessFlags,
    ...writeFlags,
    timeout: waitFlags.timeout,
  }

  async run() {
    const {flags} = await this.parse(CaRenew)
    const run = openRun('ca renew', flags, this.terminal(flags))
    const raw = rawOf(caRenewFields, flags)
    const ask = async () => (await import('../../mesh/contexts/questions.ts')).askMeshContexts
    const yes = asksNothing(flags)
    return askMissing({fields: caRenewFields, raw, ask, yes}, run, answered => renewCas(answered, run))
  }
}
