import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/**
 * Whether a Gateway lets a Service through to others: some server passes mTLS on by its SNI and has the Service's host
 * (`*`, `*.suffix`, the name itself, each also as `namespace/…`; istio.io/api networking/v1 Gateway, 1.31).
 */
export function exposes(gateway: KubernetesObject, host: string, namespace: string): boolean {
  const {servers = []} = (gateway.spec ?? {}) as {servers?: {hosts?: string[]; tls?: {mode?: string}}[]}
  return servers
    .filter(({tls}) => tls?.mode === 'AUTO_PASSTHROUGH')
    .flatMap(({hosts = []}) => hosts)
    .some(said => {
      const slash = said.indexOf('/')
      const scope = slash < 0 ? '*' : said.slice(0, slash)
      const inScope = scope === '*' || (scope === '.' ? gateway.metadata.namespace : scope) === namespace
      return inScope && fitsHost(said.slice(slash + 1), host)
    })
}

function fitsHost(said: string, host: string): boolean {
  if (said === '*') return true
  return said.startsWith('*.') ? host.endsWith(said.slice(1)) : said === host
}
