import {waves} from '../../engine/kubernetes/waves.ts'
import {membersOf, pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, refusedError} from '../../errors.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {connect, type Run} from '../../run/run.ts'
import {withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatWarnings} from '../../terminal/output/findings.ts'
import {count} from '../../text/count.ts'
import {selectorOf, selectsPod} from './istio-gateway.ts'
import {ingressApplySet, ingressLabels} from './objects.ts'
import {type IngressRemove, ingressRemoveFields} from './spec-deploy.ts'

/**
 * Removes the objects that `mesh ingress deploy` created for one gateway. Its namespace, Istio Gateways and TLS Secrets
 * remain.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError for invalid input (exit 2), and if no such gateway is found (exit 3)
 */
export async function removeIngress(
  input: RawSpec<typeof ingressRemoveFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  const raw = withContextNamespace(input, context, run.access)
  const spec = readSpec(ingressRemoveFields, raw) as IngressRemove & {namespace: string}
  refuseClientDryRun(run)
  const cluster = await connect(run.access, context)
  const set = ingressApplySet(spec)
  const parentRef = {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name}
  const [members, parent, gateways] = await Promise.all([
    membersOf(cluster, set),
    cluster.get(parentRef),
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'Gateway'}),
  ])
  if (members.length === 0 && !parent)
    throw refusedError(
      `${cluster.context}: no gateway ${spec.name} in namespace ${spec.namespace} that was created by kubectl mesh ingress deploy`,
      'kubectl get configmaps -A | grep kubectl-mesh-ingress-',
    )
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
    ...pruneChanges(cluster.context, members, [], () => false),
    {action: 'remove' as const, cluster: cluster.context, wave: waves.namespaces, target: parentRef},
  ]
  const change = {cluster, name: cluster.context, changes, set}
  const confirmation = {question: `Remove ingress gateway ${spec.name} from ${cluster.context}?`, typed: spec.name}
  const {exit} = await changeClusters([change], confirmation, run, () => undefined)
  return exit
}
