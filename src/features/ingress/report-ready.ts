import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {count} from '../../text/count.ts'
import {shellWord} from '../../text/shell-word.ts'
import {ingressPorts} from './objects.ts'
import type {IngressDeploy} from './spec-deploy.ts'

/**
 * Reports where a gateway can be reached, and the command that serves a host there.
 *
 * @param pods number of available pods
 * @param service live Service of the gateway
 */
export function formatReady(
  spec: IngressDeploy & {namespace: string},
  pods: number,
  service: KubernetesObject | undefined,
): string[] {
  const {name} = spec
  const gateway = name === 'istio-ingressgateway' ? '' : ` --gateway ${shellWord(name)}`
  return [
    `${name} is ready: ${count(pods, 'pod')} · ${endpointOf(spec, service)}`,
    `hint:  next, serve a host: kubectl mesh ingress tls HOST --cert FILE --key FILE${gateway}`,
  ]
}

function endpointOf(spec: IngressDeploy & {namespace: string}, service: KubernetesObject | undefined): string {
  const {name, namespace, hostPorts} = spec
  const ports = ingressPorts(hostPorts)
    .map(({port}) => port)
    .filter(port => port !== 15_021)
    .join(', ')
  if (hostPorts.length > 0) return `port ${ports} of its nodes`
  const {type} = (service?.spec ?? {}) as {type?: string}
  if (type !== 'LoadBalancer') return `Service ${namespace}/${name}, port ${ports}`
  const {loadBalancer} = (service?.status ?? {}) as {loadBalancer?: {ingress?: {ip?: string; hostname?: string}[]}}
  const addresses = (loadBalancer?.ingress ?? []).map(({ip, hostname}) => ip ?? hostname ?? '')
  return addresses.length > 0
    ? `${addresses.join(', ')}, port ${ports}`
    : 'no address yet: waiting for the load balancer of its Service'
}
