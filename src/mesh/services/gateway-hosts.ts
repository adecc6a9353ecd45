import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {coversHost, withoutNamespace} from '../../istio/exposed-hosts.ts'

/**
 * Whether an Istio Gateway exposes a Service to other networks: a server with mode AUTO_PASSTHROUGH has the host of the
 * Service. Hosts are `*`, `*.suffix` or a name, each optionally with a namespace, which istiod ignores in this mode.
 *
 * @param host host of the Service, such as `hello.sample.svc.cluster.local`
 */
export function exposes(gateway: KubernetesObject, host: string): boolean {
  return passthroughHosts(gateway).some(entry => coversHost(withoutNamespace(entry), host))
}

/** Returns the hosts of the servers with mode AUTO_PASSTHROUGH, as the Gateway lists them. */
export function passthroughHosts(gateway: KubernetesObject): string[] {
  const {servers = []} = (gateway.spec ?? {}) as {servers?: {hosts?: string[]; tls?: {mode?: string}}[]}
  return servers.filter(({tls}) => tls?.mode === 'AUTO_PASSTHROUGH').flatMap(({hosts = []}) => hosts)
}
