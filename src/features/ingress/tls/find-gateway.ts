import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {refusedError} from '../../../errors.ts'
import {count} from '../../../text/count.ts'
import type {IngressTls} from './spec.ts'
import type {GatewayWorkload} from './workloads.ts'

/**
 * Returns the one gateway with the requested name, and in the requested namespace if one is set.
 *
 * @throws MeshError (exit 3) if there is none, or more than one
 */
export function findGateway(
  spec: Pick<IngressTls, 'gateway' | 'namespace'>,
  workloads: readonly GatewayWorkload[],
  context: string,
): GatewayWorkload {
  const found = workloads.filter(
    ({name, namespace}) => name === spec.gateway && (spec.namespace === undefined || namespace === spec.namespace),
  )
  if (found.length === 1) return found[0]!
  const where = spec.namespace === undefined ? '' : ` in namespace ${spec.namespace}`
  if (found.length > 1)
    throw refusedError(
      `${context}: found ${count(found.length, 'gateway')} named ${spec.gateway}${where}: ${found.map(({kind, namespace}) => `${kind} in ${namespace}`).join(', ')}`,
      'select one with -n NS',
    )
  const names = workloads.map(({namespace, name}) => `${namespace}/${name}`)
  throw refusedError(
    `${context}: no gateway named ${spec.gateway}${where}`,
    names.length > 0
      ? `gateways in this cluster: ${names.join(', ')}; select one with --gateway and -n`
      : 'to create one: kubectl mesh ingress deploy',
  )
}

/**
 * Refuses a gateway in a namespace that the user did not specify, unless mesh administrators created it: it is in the system namespace,
 * or `ingress deploy` recorded it.
 *
 * Threat: the administrator of any namespace can create a workload with the default name of a gateway. The private key
 * would be written to that namespace.
 *
 * @param recorded members of the record of `ingress deploy` for a gateway of this name and namespace
 * @throws MeshError (exit 3)
 */
export function refuseUnknownGateway(
  {namespace, systemNamespace}: Pick<IngressTls, 'namespace' | 'systemNamespace'>,
  workload: GatewayWorkload,
  recorded: readonly KubernetesObject[],
  context: string,
): void {
  const isRecorded = recorded.some(({kind, metadata}) => kind === workload.kind && metadata.name === workload.name)
  if (namespace !== undefined || workload.namespace === systemNamespace || isRecorded) return
  throw refusedError(
    `${context}: the gateway ${workload.name} was found in namespace ${workload.namespace}, whose administrators would receive the private key`,
    `if that is the right gateway: -n ${workload.namespace}`,
  )
}
