import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes, usageError} from '../../../errors.ts'
import {runChecks} from '../../../findings/check.ts'
import {forEachPlace} from '../../../mesh/contexts/for-each.ts'
import {exportLabel} from '../../../mesh/services/objects.ts'
import {type ServiceChoice, type ServiceCluster, selectServices} from '../../../mesh/services/read.ts'
import {reportFindings} from '../../../run/report-findings.ts'
import {reportUnrecorded} from '../../../run/report-unrecorded.ts'
import type {Run} from '../../../run/run.ts'
import {someOf} from '../../../text/count.ts'
import type {ServiceExport} from '../spec.ts'
import {sharingChecks} from './checks.ts'
import {isStub, planSharing} from './plan.ts'
import {readSharing, type SharingCluster} from './read.ts'
import {stubTexts} from './report.ts'
import {applySharing} from './share.ts'

/**
 * Shares Services of clusters whose pods run in ambient mode: they get the label `istio.io/global`, and clusters with clients that lack
 * them get a Service without pods.
 *
 * @param clusters all clusters of the run
 * @throws MeshError for findings that prevent the change (exit 3), and for writes that failed (exit 3 or 4)
 */
export async function shareServices(
  spec: ServiceExport,
  choice: ServiceChoice,
  clusters: readonly ServiceCluster[],
  run: Run,
): Promise<ExitCode> {
  if (spec.clusterDomain !== undefined)
    throw usageError('--cluster-domain has no effect in ambient mode: Services keep their names', 'omit it')
  const {manager} = run.access
  const all = await forEachPlace(clusters, one => readSharing(one, spec))
  for (const {name, stubs} of all) {
    const others = stubs.unrecorded.filter(object => !stubs.adopts(object, manager))
    reportUnrecorded(name, others, run)
  }
  const withContext = (context: string) => all.find(one => one.context === context)!
  const exporting = spec.contexts.map(withContext)
  const importing = (spec.to.length > 0 ? spec.to : spec.contexts).map(withContext)
  const selected = await readSelected(exporting, choice, manager)
  const plan = planSharing({
    exporting,
    importing,
    selected: one => selected.get(one.context) ?? new Map(),
    isWithdrawn: () => false,
    byLabel: ({metadata}) => (metadata.labels?.[exportLabel] === 'true' ? true : undefined),
    manager,
  })
  const named = choice.name === undefined ? undefined : {name: choice.name, namespace: choice.namespace!}
  const hasSelected = (one: SharingCluster) => (selected.get(one.context)?.size ?? 0) > 0
  const {systemNamespace} = spec
  reportFindings(runChecks(sharingChecks, {...plan, exporting, hasSelected, named, systemNamespace}), run)
  const keys = [...new Set(plan.clusters.flatMap(({after}) => [...after.keys()]))].sort()
  if (keys.length === 0) {
    run.terminal.message('no selected Service can be exported; nothing to do')
    return exitCodes.ok
  }
  run.terminal.message(stubTexts(plan.clusters))
  const question = `Share ${someOf(keys)} between ${all.map(({name}) => name).join(', ')}?`
  return applySharing(spec, plan.clusters, question, run)
}

/** The selected Services of each cluster, by context. Those that exist only for clients are not exported. */
async function readSelected(
  exporting: readonly SharingCluster[],
  choice: ServiceChoice,
  manager: string,
): Promise<Map<string, ReadonlyMap<string, KubernetesObject>>> {
  const found = await forEachPlace(exporting, async sharing => {
    const services = await selectServices(sharing.cluster, choice)
    const own = services.filter(service => !isStub(sharing, service, manager))
    const keys = own.map(({metadata}) => `${metadata.namespace}/${metadata.name}`)
    return [sharing.context, new Map(keys.map((key, at) => [key, own[at]!]))] as const
  })
  return new Map(found)
}
