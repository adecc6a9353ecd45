import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {podCountsOf, workloadState} from '../../engine/kubernetes/workload-state.ts'
import type {Problem} from '../../errors.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {MeshMember} from '../members.ts'
import {gatewayEndpointsOf, isNodePort, isReachedByNodes, nodeEndpointsOf, nodeSelectorAnnotation} from './endpoints.ts'
import {runsIn} from './read.ts'

type Place = Pick<MeshMember, 'context' | 'facts'>

/**
 * Returns why the other clusters cannot reach a gateway of a cluster. Empty if they can, or if that is not known.
 *
 * @param byIstiod istiods of the other clusters look for the gateway. In gateways mode, imports contain its address.
 */
export function addressProblems(service: KubernetesObject, {context, facts}: Place, byIstiod: boolean): Problem[] {
  const {namespace, name} = service.metadata
  const found = gatewayEndpointsOf(service, facts?.nodes)
  if (found.length > 0 || (!byIstiod && nodeEndpointsOf(service, facts?.nodes).length > 0)) return []
  const kubectl = `kubectl ${contextFlags(context)} -n ${namespace}`
  const gateway = `gateway Service ${namespace}/${name}`
  if (isNodePort(service) && byIstiod && !isReachedByNodes(service))
    return [
      {
        message: `${gateway} of type NodePort has no annotation ${nodeSelectorAnnotation}, without which istiods of other clusters ignore it`,
        hints: [`${kubectl} annotate service ${name} ${shellWord(`${nodeSelectorAnnotation}={}`)}`],
      },
    ]
  if (!isNodePort(service))
    return [
      {
        message: `${gateway} has no address, so other clusters cannot reach pods of this cluster`,
        hints: [`${kubectl} describe service ${name}`],
      },
    ]
  if (!facts?.nodes) return []
  return [
    {
      message: `${gateway} of type NodePort has no address: ${noNode(service)} has an ExternalIP, and istiod uses no other address of a node`,
      hints: [
        `set the addresses of nodes as externalIPs: kubectl mesh federate with --gateway ${shellWord(`${context}=external-ip=IP`)}, or ${kubectl} edit service ${name}`,
        'or use --gateway-service-type LoadBalancer',
      ],
    },
  ]
}

function noNode({metadata}: KubernetesObject): string {
  const selector = metadata.annotations?.[nodeSelectorAnnotation] ?? '{}'
  return selector === '{}' || selector === '' ? 'no node' : `no node that ${nodeSelectorAnnotation}=${selector} selects`
}

/**
 * Returns why a gateway in the system namespace has no pods, or fewer than desired. Empty if its pods are not known. It is only a
 * warning if all pods of the current template exist, and some are available.
 */
export function podProblems(
  service: KubernetesObject,
  {context, facts}: Place,
): (Problem & {level: 'error' | 'warning'})[] {
  const deployments = (facts?.gatewayDeployments ?? []).filter(
    deployment => deployment.metadata.namespace === service.metadata.namespace && runsIn(deployment, service),
  )
  const isServed = deployments.some(deployment => podCountsOf(deployment).available > 0)
  return deployments.flatMap(deployment => {
    const state = workloadState(deployment)
    if (state === true) return []
    const {namespace, name} = deployment.metadata
    const {desired, updated} = podCountsOf(deployment)
    const hints = [`kubectl ${contextFlags(context)} -n ${namespace} describe deployment ${name}`]
    return [
      {
        level: isServed && updated >= desired ? 'warning' : 'error',
        message: `gateway ${namespace}/${name}: ${state}`,
        hints,
      },
    ]
  })
}
