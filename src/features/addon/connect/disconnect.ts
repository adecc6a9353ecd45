import type {ExitCode} from '../../../errors.ts'
import {kialiAccessSet} from '../../../mesh/kiali/objects.ts'
import {buildKialiCleanup} from '../../../mesh/kiali/objects-cleanup.ts'
import type {KialiMember} from '../../../mesh/kiali/read.ts'
import {type ClusterChange, changeClusters} from '../../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {reportUnrecorded} from '../../../run/report-unrecorded.ts'
import type {Run} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {readConnection} from './read.ts'
import {disconnectRights} from './rights.ts'
import {addonDisconnectFields, validateAddonDisconnect} from './spec.ts'

/**
 * Ends what `mesh addon connect` has created between Kiali and other clusters: first its Secrets and their mounts, then the accounts.
 *
 * @throws MeshError (exit 2) for invalid input, (exit 3 or 4) if a cluster cannot be read or a write fails
 */
export async function disconnectKiali(raw: RawSpec<typeof addonDisconnectFields>, run: Run): Promise<ExitCode> {
  const spec = readSpec(addonDisconnectFields, raw, validateAddonDisconnect)
  refuseClientDryRun(run)
  const {home, targets} = await readConnection(spec, {}, disconnectRights(spec), run)
  for (const {member, kiali} of [home, ...targets])
    reportUnrecorded(member.cluster, kiali.membership.unrecorded, run, true)
  const {systemNamespace} = spec
  const changeOf = ({member, kiali}: KialiMember, others: readonly string[]): ClusterChange => ({
    cluster: member.facts!.cluster,
    name: member.cluster,
    changes: buildKialiCleanup({cluster: member.cluster, systemNamespace}, kiali, others),
    set: kialiAccessSet(spec),
  })
  const names = targets.map(({member}) => member.cluster)
  const changes = [changeOf(home, names), ...targets.map(target => changeOf(target, [home.member.cluster]))]
  if (changes.every(({changes: own}) => own.length === 0)) {
    run.terminal.message(
      `nothing to remove: Kiali of ${home.member.cluster} has no credential of kubectl mesh addon connect for ${names.join(', ')}`,
    )
    return 0
  }
  const question = `This ends the access of Kiali of ${home.member.cluster} to ${names.join(', ')}.`
  const {exit} = await changeClusters(changes, {question, typed: names.join(',')}, run, () => undefined)
  return exit
}
