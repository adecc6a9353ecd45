import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Problem} from '../../../errors.ts'
import {problemsOf, runChecks} from '../../../findings/check.ts'
import {exportLabel} from '../../../mesh/services/objects.ts'
import type {ServiceCluster} from '../../../mesh/services/read.ts'
import {readEach} from '../read.ts'
import type {Round} from '../round.ts'
import type {ServiceExport} from '../spec.ts'
import {sharingChecks} from './checks.ts'
import {isStub, planSharing, type SharedPair} from './plan.ts'
import {readSharing, type SharingCluster} from './read.ts'
import {changeOf} from './share.ts'

/**
 * Reads what labelled Services change in clusters that share Services in ambient mode.
 *
 * @param bases the clusters that answered
 * @param problems gets those of clusters that do not answer any more
 */
export async function sharingRound(
  spec: ServiceExport,
  bases: readonly ServiceCluster[],
  problems: Problem[],
  manager: string,
): Promise<Round> {
  const contexts = bases.map(({context}) => context)
  const all = await readEach(contexts, problems, context =>
    readSharing(bases.find(one => one.context === context)!, spec),
  )
  const among = (list: readonly string[]) => all.filter(({context}) => list.includes(context))
  const exporting = among(spec.contexts)
  const selected = (one: SharingCluster) =>
    new Map([...one.services].filter(([, service]) => isExported(spec, service) && !isStub(one, service, manager)))
  const plan = planSharing({
    exporting,
    importing: among(spec.to.length > 0 ? spec.to : spec.contexts),
    selected,
    isWithdrawn: withdrawnBy(spec, all, exporting),
    byLabel: () => true,
    manager,
  })
  const {systemNamespace} = spec
  const subject = {...plan, exporting, hasSelected: () => true, named: undefined, systemNamespace}
  const findings = runChecks(sharingChecks, subject)
  return {
    changes: plan.clusters.map(one => changeOf(spec, one)),
    problems: [...problemsOf(findings, 'error'), ...problemsOf(findings, 'warning')],
    unrecorded: all.map(({name, stubs}) => ({
      name,
      unrecorded: stubs.unrecorded.filter(object => !stubs.adopts(object, manager)),
    })),
  }
}

function isExported({namespace}: ServiceExport, {metadata}: KubernetesObject): boolean {
  return metadata.labels?.[exportLabel] === 'true' && (namespace === undefined || metadata.namespace === namespace)
}

/** A Service is not shared any more if it was by its label, both clusters answered, and no exporting one has the label. */
function withdrawnBy(spec: ServiceExport, all: readonly SharingCluster[], exporting: readonly SharingCluster[]) {
  const answered = new Set(all.map(({name}) => name))
  const isLabelled =
    (key: string) =>
    ({name, services}: SharingCluster) => {
      const service = services.get(key)
      return service !== undefined && isExported(spec, service) && exporting.some(one => one.name === name)
    }
  return ({key, cluster, peer, record}: SharedPair): boolean => {
    const isWatched = spec.namespace === undefined || key.startsWith(`${spec.namespace}/`)
    if (!isWatched || record.byLabel !== true || !answered.has(peer)) return false
    return !all.filter(({name}) => name === cluster || name === peer).some(isLabelled(key))
  }
}
