import {type ExitCode, exitCodes, refusedError} from '../../../errors.ts'
import {globalServiceLabel} from '../../../istio/ambient.ts'
import {forEachPlace} from '../../../mesh/contexts/for-each.ts'
import type {ServiceCluster} from '../../../mesh/services/read.ts'
import {reportAbsent} from '../../../run/report-absent.ts'
import {reportUnrecorded} from '../../../run/report-unrecorded.ts'
import type {Run} from '../../../run/run.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {formatWarnings} from '../../../terminal/output/findings.ts'
import {someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {ServiceUnexport} from '../spec.ts'
import {readSharedRecord} from './objects-record.ts'
import {planSharing} from './plan.ts'
import {readSharing, type SharingCluster} from './read.ts'
import {stillShared} from './report.ts'
import {applySharing} from './share.ts'

/** Which Services clusters stop sharing. */
export interface Withdrawal {
  isSelected: (service: {name: string; namespace: string}) => boolean
  /** Namespace of the Service that was requested by name. */
  namespace: string
  /** Names of the exporting clusters. One that does not exist any more is not among the clusters. */
  exporters: ReadonlySet<string>
  /** Contexts of the importing clusters. */
  importers: readonly string[]
}

/**
 * Withdraws Services that clusters share in ambient mode: labels get their former values, and Services that exist only for clients are
 * removed. What is shared with further clusters stays.
 *
 * @param clusters all clusters of the run
 * @throws MeshError (exit 3) for a Service that another owner shares, and for writes that failed (exit 3 or 4)
 */
export async function unshareServices(
  spec: ServiceUnexport,
  clusters: readonly ServiceCluster[],
  withdrawal: Withdrawal,
  run: Run,
): Promise<ExitCode> {
  const {isSelected, exporters, importers, namespace} = withdrawal
  const all = await forEachPlace(clusters, one => readSharing(one, spec))
  for (const {name, stubs} of all) reportUnrecorded(name, stubs.unrecorded, run)
  refuseLost(all)
  const importing = all.filter(({context}) => importers.includes(context))
  const to = new Set(importing.map(({name}) => name))
  const isSelectedKey = (key: string) => {
    const [space = '', name = ''] = key.split('/')
    return isSelected({namespace: space, name})
  }
  const plan = planSharing({
    exporting: all.filter(({name}) => exporters.has(name)),
    importing,
    selected: () => new Map(),
    isWithdrawn: ({key, cluster, peer}) =>
      isSelectedKey(key) && ((exporters.has(cluster) && to.has(peer)) || (to.has(cluster) && exporters.has(peer))),
    byLabel: () => undefined,
    manager: run.access.manager,
  })
  const keys = [...new Set(plan.clusters.flatMap(({after}) => [...after.keys()]))].sort()
  const [from, where] = [[...exporters].join(', '), [...to].join(', ')]
  if (keys.length > 0) {
    run.terminal.message(formatWarnings(stillShared(plan.clusters, exporters, to)))
    return applySharing(spec, plan.clusters, `Stop sharing ${someOf(keys)} between ${from} and ${where}?`, run)
  }
  if (spec.all) {
    run.terminal.message(`${where}: nothing is shared with ${from}; nothing to do`)
    return exitCodes.ok
  }
  refuseForeign(all, `${namespace}/${spec.name}`)
  return reportAbsent(
    {what: `Service ${namespace}/${spec.name} that ${from} exports`, where, plural: 'exports', existing: sharedIn(all)},
    run,
  )
}

function sharedIn(all: readonly SharingCluster[]): string[] {
  const keys = all.flatMap(({services}) =>
    [...services].filter(([, service]) => readSharedRecord(service)).map(([key]) => key),
  )
  return [...new Set(keys)]
}

/** @throws MeshError (exit 3) if the record of the Services that exist only for clients is missing: their removal would not be proved */
function refuseLost(all: readonly SharingCluster[]): void {
  const lost = all.find(({stubs}) => stubs.parent === undefined && stubs.unrecorded.length > 0)
  if (!lost) return
  throw refusedError(
    `${lost.name}: ConfigMap ${lost.stubs.set.name} in namespace ${lost.stubs.set.namespace}, the record of the Services above, is missing; nothing was removed`,
    'run kubectl mesh service export to list them again',
  )
}

/** @throws MeshError (exit 3) if another owner shares the Service */
function refuseForeign(all: readonly SharingCluster[], key: string): void {
  const found = all.find(({services}) => services.get(key)?.metadata.labels?.[globalServiceLabel] === 'true')
  if (!found) return
  const [namespace = '', name = ''] = key.split('/')
  throw refusedError(
    `${found.name}: Service ${key} is labelled ${globalServiceLabel}=true, but not by kubectl-mesh, and keeps the label`,
    `kubectl ${contextFlags(found.context)} -n ${shellWord(namespace)} label service ${shellWord(name)} ${shellWord(`${globalServiceLabel}-`)}`,
  )
}
