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
