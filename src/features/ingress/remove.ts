import {waves} from '../../engine/kubernetes/waves.ts'
import {membersOf, pruneChanges} from '../../engine/plan/prune.ts'
import {type ExitCode, refusedError} from '../../errors.ts'
import {changeClusters} from '../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../run/dry-run.ts'
import {connect, type Run} from '../../run/run.ts'
import {withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {selectsPod} from './istio-gateway-servers.ts'
import {ingressApplySet, ingressLabels} from './objects.ts'
import {type IngressRemove, ingressRemoveFields} from './spec-deploy.ts'

/** Takes away what `ingress deploy` made, and nothing else. `context` '' is the current one. */
export async function removeIngress(
  said: RawSpec<typeof ingressRemoveFields>,
  context: string,
  run: Run,
): Promise<ExitCode> {
  const raw = withContextNamespace(said, context, run.access)
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
      `${cluster.context}: no gateway ${spec.name} in namespace ${spec.namespace} was made by mesh ingress deploy`,
      'kubectl get configmaps -A | grep kubectl-mesh-ingress-',
    )
  const left = gateways.filter(gateway => {
    const {selector} = (gateway.spec ?? {}) as {selector?: Record<string, string>}
    return selector?.istio !== undefined && selectsPod(gateway, ingressLabels(spec.name))
  })
  if (left.length > 0)
    run.terminal.message(
      `warning: ${left.length === 1 ? 'a Gateway stays' : `${left.length} Gateways stay`} that nobody serves then: ${left.map(({metadata}) => `${metadata.namespace}/${metadata.name}`).join(', ')}`,
    )
  const changes = [
    ...pruneChanges(cluster.context, members, [], () => false),
    {action: 'remove' as const, cluster: cluster.context, wave: waves.namespaces, target: parentRef},
  ]
  const wish = {cluster, name: cluster.context, changes, set}
  const consent = {question: `${spec.name} goes from ${cluster.context}.`, typed: spec.name}
  const {exit} = await changeClusters([wish], consent, run, () => undefined)
  return exit
}
