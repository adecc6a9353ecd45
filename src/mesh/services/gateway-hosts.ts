import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/**
 * Whether an Istio Gateway exposes a Service to other networks: a server with mode AUTO_PASSTHROUGH has the host of the
 * Service. Hosts are `*`, `*.suffix` or a name, each optionally with a namespace: `namespace/…` (istio.io/api
 * networking/v1 Gateway, 1.31).
 *
 * @param host host of the Service, such as `hello.sample.svc.cluster.local`
 * @param namespace namespace of the Service
 */
export function exposes(gateway: KubernetesObject, host: string, namespace: string): boolean {
  const {servers = []} = (gateway.spec ?? {}) as {servers?: {hosts?: string[]; tls?: {mode?: string}}[]}
  return servers
    .filter(({tls}) => tls?.mode === 'AUTO_PASSTHROUGH')
    .flatMap(({hosts = []}) => hosts)
    .some(entry => {
      const slash = entry.indexOf('/')
      const scope = slash < 0 ? '*' : entry.slice(0, slash)
      const inScope = scope === '*' || (scope === '.' ? gateway.metadata.namespace : scope) === namespace
      return inScope && matchesHost(entry.slice(slash + 1), host)
    })
}

function matchesHost(pattern: string, host: string): boolean {
  if (pattern === '*') return true
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host
}
