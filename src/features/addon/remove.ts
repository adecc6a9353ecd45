import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetParentRemoval} from '../../engine/kubernetes/applyset-parent.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {managerOf} from '../../engine/kubernetes/manager.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Membership} from '../../engine/plan/membership.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, refusedError} from '../../errors.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportAbsent} from '../../run/report-absent.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {readInstalledNames, readWorkloads} from './list.ts'
import {addonApplySet} from './objects.ts'
import {type AddonFacts, namespaceInRecord, readAddons} from './read.ts'
import {nameOfWorkload} from './report.ts'
import {addonRemovalRights} from './rights.ts'
import {addonRemoveFields, validateAddonRemove} from './spec.ts'
import {type AddonName, namesIn} from './spec-names.ts'

/**
 * Removes add-ons that `mesh addon install` created. Their namespace stays.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3) for an add-on without a record
 */
export async function removeAddons(
  raw: RawSpec<typeof addonRemoveFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  const spec = readSpec(addonRemoveFields, raw, validateAddonRemove)
  refuseClientDryRun(run)
  const names = namesIn(spec.names)
  const cluster = await connect(run.access, context, addonRemovalRights(names, spec))
  const facts = await readAddons(cluster, names, spec, {trustLabels: run.write.trustLabels})
  const name = nameOfCluster(facts.controlPlanes[0], cluster.context)
  for (const membership of facts.memberships.values())
    reportUnrecorded(name, membership.unrecorded, run, isInPlace(membership, spec))
  const absent = names.filter(one => isAbsent(facts, one))
  refuseLost(facts, absent, name)
  if (absent.length > 0) {
    await refuseForeign(cluster, absent, name)
    reportAbsent(
      {
        what: `add-on ${absent.join(', ')} of kubectl mesh addon install`,
        where: name,
        plural: 'add-ons with a record',
        existing: await readInstalledNames(cluster, spec),
      },
      run,
    )
  }
  const present = names.filter(one => !absent.includes(one))
  if (present.length === 0) return 0
  refuseConnected(facts, present, name)
  const changes = present.flatMap(one => removalOf(facts.memberships.get(one)!, addonApplySet(one, spec), spec, name))
  const change = {cluster, name, changes, set: addonApplySet(present[0]!, spec)}
  const question = `This removes ${present.join(', ')} from ${name}.`
  const {exit} = await changeClusters([change], {question, typed: present.join(',')}, run, () => undefined)
  return exit
}

function isAbsent({memberships}: AddonFacts, name: AddonName): boolean {
  const {parent, objects} = memberships.get(name)!
  return !parent && objects.length === 0
}

/** Without Kiali, nothing would find the accounts and tokens in the other clusters any more. */
function refuseConnected({connected}: AddonFacts, present: readonly AddonName[], cluster: string): void {
  if (!present.includes('kiali') || connected.length === 0) return
  throw refusedError(
    `${cluster}: Kiali has credentials for ${connected.join(', ')}, with an account in each of these clusters`,
    'remove them first: kubectl mesh addon disconnect kiali --contexts with the contexts of all these clusters',
  )
}

/** Objects that carry our label, but whose record is gone, are not removed without a decision. */
function refuseLost({memberships}: AddonFacts, absent: readonly AddonName[], cluster: string): void {
  const lost = absent.filter(name =>
    memberships.get(name)!.unrecorded.some(({metadata}) => metadata.deletionTimestamp === undefined),
  )
  if (lost.length === 0) return
  throw refusedError(
    `${cluster}: the record of ${lost.join(', ')} is missing; nothing was removed`,
    'check the objects above, then add --trust-labels to remove them',
  )
}

/** An add-on of another installer is not removed, and its absence must not be reported. */
async function refuseForeign(cluster: Cluster, absent: readonly AddonName[], name: string): Promise<void> {
  const workloads = (await readWorkloads(cluster)).filter(({metadata}) => metadata.deletionTimestamp === undefined)
  const foreign = workloads.find(workload => absent.some(one => one === nameOfWorkload(workload)))
  if (!foreign) return
  throw refusedError(
    `${name}: kubectl-mesh did not install ${nameOfWorkload(foreign)} in namespace ${foreign.metadata.namespace}; it has no record of its objects`,
    `remove it with ${managerOf(foreign)?.name ?? 'the tool that installed it'}`,
    'if kubectl-mesh installed it, its record may be in another namespace: --system-namespace',
  )
}

/** Whether an object is where the add-on is: with `--trust-labels`, a label elsewhere causes no removal there. */
function isInPlace(
  {parent, owns}: Membership,
  {systemNamespace}: {systemNamespace: string},
): (object: KubernetesObject) => boolean {
  const places = [systemNamespace, namespaceInRecord(parent)]
  return object => owns(object) || object.metadata.namespace === undefined || places.includes(object.metadata.namespace)
}

function removalOf(
  membership: Membership,
  set: ReturnType<typeof addonApplySet>,
  place: {systemNamespace: string},
  cluster: string,
): Change[] {
  const objects = membership.objects.filter(isInPlace(membership, place))
  return [
    ...pruneChanges(cluster, objects, [], () => false).map(removal => ({...removal, memberOf: set})),
    ...(membership.parent ? [applySetParentRemoval(set, cluster)] : []),
  ]
}
