import {readTrustedMembership} from '../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetParentRemoval, idLabel} from '../../engine/kubernetes/applyset-parent.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, refusedError, usageError} from '../../errors.ts'
import {formerParentRemoval, readFormerSet} from '../../mesh/former-set.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {type Absent, reportAbsent} from '../../run/report-absent.ts'
import {reportUnrecorded} from '../../run/report-unrecorded.ts'
import {connect, type Run} from '../../run/run.ts'
import {withContextNamespace} from '../../run/where.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {count} from '../../text/count.ts'
import {selectorOf, selectsPod} from './istio-gateway.ts'
import {type IngressId, ingressApplySet, ingressLabels} from './objects.ts'
import {ingressRemovalRights} from './rights.ts'
import {type IngressRemove, ingressRemoveFields} from './spec-deploy.ts'

/**
 * Removes the objects that `mesh ingress deploy` created for one gateway. Its namespace, Istio Gateways and TLS Secrets
 * remain.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError for invalid input (exit 2), and if such a gateway has no record (exit 3)
 */
export async function removeIngress(
  input: RawSpec<typeof ingressRemoveFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  if (input.name === undefined)
    throw usageError('NAME is missing: name of the gateway', 'kubectl mesh ingress remove NAME -n NAMESPACE')
  const raw = withContextNamespace(input, context, run.access)
  const spec = readSpec(ingressRemoveFields, raw) as IngressRemove & {namespace: string}
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context, ingressRemovalRights(spec))
  const set = ingressApplySet(spec)
  const {trustLabels} = run.write
  const [membership, former, gateways] = await Promise.all([
    readTrustedMembership(cluster, set, {trustLabels}),
    readFormerSet(cluster, set),
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'Gateway'}),
  ])
  const labelled = former.objects.filter(object => !membership.owns(object))
  // A label in another namespace causes no removal there, not even with --trust-labels.
  const isHere = ({metadata}: KubernetesObject) => metadata.namespace === spec.namespace
  const members = [...membership.objects, ...(trustLabels ? labelled : [])].filter(isHere)
  const unrecorded = [...membership.unrecorded, ...labelled]
  reportUnrecorded(clusterNameFrom(cluster.context), unrecorded, run, isHere)
  if (members.length === 0 && !membership.parent) {
    await refuseForeign(cluster, spec, unrecorded.some(isHere))
    return reportAbsent(await absentIngress(cluster, spec), run)
  }
  const unserved = gateways
    .filter(gateway => selectorOf(gateway).istio !== undefined && selectsPod(gateway, ingressLabels(spec.name)))
    .map(({metadata}) => `${metadata.namespace}/${metadata.name}`)
  if (unserved.length > 0)
    run.terminal.message(
      formatWarnings([
        {message: `no gateway will serve ${count(unserved.length, 'remaining Istio Gateway')}: ${unserved.join(', ')}`},
      ]),
    )
  const changes = [
    ...pruneChanges(clusterNameFrom(cluster.context), members, [], () => false),
    ...formerParentRemoval(former, clusterNameFrom(cluster.context)),
    applySetParentRemoval(set, clusterNameFrom(cluster.context)),
  ]
  const change = {cluster, name: clusterNameFrom(cluster.context), changes, set}
  const confirmation = {
    question: `Remove ingress gateway ${spec.name} from ${clusterNameFrom(cluster.context)}?`,
    typed: spec.name,
  }
  const {exit} = await changeClusters([change], confirmation, run, () => undefined)
  return exit
}

/** @throws MeshError (exit 3) if a gateway of the name exists without a record */
async function refuseForeign(cluster: Cluster, {name, namespace}: IngressId, isLabelled: boolean): Promise<void> {
  const found = await Promise.all([
    cluster.get({apiVersion: 'apps/v1', kind: 'Deployment', namespace, name}),
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name}),
  ])
  // What an earlier removal deletes may still exist.
  if (!isLabelled && found.every(object => !object || object.metadata.deletionTimestamp !== undefined)) return
  throw refusedError(
    `${clusterNameFrom(cluster.context)}: gateway ${name} in namespace ${namespace} has no record of kubectl mesh ingress deploy, and is not removed`,
    isLabelled
      ? 'check the objects above, then add --trust-labels to remove them'
      : 'remove it with the tool that created it',
  )
}

async function absentIngress(cluster: Cluster, {name, namespace, systemNamespace}: IngressId): Promise<Absent> {
  const maps = await cluster.list(
    {apiVersion: 'v1', kind: 'ConfigMap'},
    {namespace: systemNamespace, labelSelector: idLabel},
  )
  const prefix = ingressApplySet({name: '', namespace: '', systemNamespace}).name.slice(0, -1)
  const recorded = maps.map(({metadata}) => metadata.name).filter(one => one.startsWith(prefix))
  return {
    what: `gateway ${name} of kubectl mesh ingress deploy`,
    where: `namespace ${namespace} of ${clusterNameFrom(cluster.context)}`,
    plural: `gateways with a record in namespace ${systemNamespace}, as NAMESPACE.NAME`,
    existing: recorded.map(one => one.slice(prefix.length)),
  }
}
