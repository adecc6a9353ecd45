import {applySetParentRemoval} from '../../engine/kubernetes/applyset-parent.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, refusedError} from '../../errors.ts'
import type {PodProxy} from '../../istio/proxy.ts'
import {controlPlaneApplySet} from '../../mesh/control-plane/objects.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {reportAbsent} from '../../run/report-absent.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {nameOfCluster} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {someOf} from '../../text/count.ts'
import {shellWord} from '../../text/shell-word.ts'
import {canBelongTo, controlPlaneAt, type InstallPlace, type PlaceFacts, readPlace, readProxies} from './read.ts'
import {installRemovalRights} from './rights.ts'
import {installRemoveFields} from './spec.ts'

/**
 * Removes the control plane that `mesh install` created. Its namespace, CustomResourceDefinitions and the Secret `cacerts`
 * stay.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3) if it is not ours or is still in use
 */
export async function removeInstall(
  raw: RawSpec<typeof installRemoveFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  const place = readSpec(installRemoveFields, raw)
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context, installRemovalRights(place))
  const facts = await readPlace(cluster, place, {trustLabels: run.write.trustLabels})
  const name = nameOfCluster(controlPlaneAt(facts.controlPlanes, place), cluster.context)
  const {membership} = facts
  reportUnrecorded(name, membership.unrecorded, run, canBelongTo(place))
  if (!membership.parent && membership.objects.length === 0) return reportMissing(place, facts, name, run)
  refuseUnlisted(place, facts, name, run)
  refuseUse(place, facts, await readProxies(cluster, place), name)
  const changes = [
    ...pruneChanges(name, membership.objects, [], () => false),
    ...(membership.parent ? [applySetParentRemoval(controlPlaneApplySet(place), name)] : []),
  ]
  const change = {cluster, name, changes, set: controlPlaneApplySet(place)}
  const question = `This removes the control plane of ${name}.`
  const {exit, outcomes} = await changeClusters([change], {question, typed: name}, run, () => undefined)
  if (outcomes)
    run.terminal.message(
      `Namespace ${place.systemNamespace}, Istio's CustomResourceDefinitions and the Secret cacerts stay.`,
    )
  return exit
}

/** Nothing to remove is no error, but a control plane of another installer is. */
function reportMissing(place: InstallPlace, {membership, controlPlanes}: PlaceFacts, name: string, run: Run): ExitCode {
  const revision = place.revision ?? 'default'
  const isLeft = ({metadata}: KubernetesObject) => metadata.deletionTimestamp === undefined
  if (membership.unrecorded.filter(canBelongTo(place)).some(isLeft))
    throw refusedError(
      `${name}: the record of control plane ${revision} in namespace ${place.systemNamespace} is missing; nothing was removed`,
      'run kubectl mesh install with the former flags and --force-conflicts to list its objects again',
      'or check the objects above, then add --trust-labels to remove them',
    )
  const foreign = controlPlaneAt(controlPlanes, place)
  if (foreign)
    throw refusedError(
      `${name}: kubectl-mesh did not install the control plane ${revision} in namespace ${place.systemNamespace}; it has no record of its objects`,
      `remove it with ${foreign.manager?.name ?? 'the tool that installed it'}`,
    )
  return reportAbsent(
    {
      what: `control plane ${revision}`,
      where: `namespace ${place.systemNamespace} of ${name}`,
      plural: 'control planes',
      existing: controlPlanes.map(({namespace, revision}) => `${namespace}/${revision}`),
    },
    run,
  )
}

/** A record that lists nothing proves nothing, and without it nothing would be found any more. */
function refuseUnlisted(
  place: InstallPlace,
  {membership: {objects, unrecorded, parent}}: PlaceFacts,
  name: string,
  {write}: Run,
): void {
  if (objects.length > 0 || !unrecorded.some(canBelongTo(place)) || write.trustLabels) return
  throw refusedError(
    `${name}: ConfigMap ${parent!.metadata.name} in namespace ${place.systemNamespace} lists none of the objects above`,
    'check who changed it, then run kubectl mesh install to list the objects of the control plane again',
  )
}

function refuseUse(
  {systemNamespace, revision}: InstallPlace,
  {isFederated, controlPlanes}: PlaceFacts,
  proxies: readonly PodProxy[],
  name: string,
): void {
  const others = controlPlanes.filter(
    one => one.namespace === systemNamespace && one.revision !== (revision ?? 'default'),
  )
  if (isFederated && others.length === 0)
    throw refusedError(
      `${name}: the cluster is a member of a mesh, which needs this control plane`,
      `remove the cluster from the mesh first: kubectl mesh federate remove --contexts CTX --from CTX,CTX`,
    )
  if (proxies.length > 0)
    throw refusedError(
      `${name}: pods with proxies of this control plane still run: ${someOf(proxies.map(({namespace, pod}) => `${namespace}/${pod}`))}`,
      'move their namespaces to another revision, or disable injection, then restart the workloads:',
      ...[...new Set(proxies.map(({namespace}) => namespace))].map(
        namespace => `kubectl -n ${shellWord(namespace)} rollout restart deployments`,
      ),
    )
}
