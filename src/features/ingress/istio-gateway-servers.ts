import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** One server of an Istio Gateway (istio.io/api networking/v1 Gateway, 1.31), as far as it is read here. */
export interface GatewayServer {
  hosts?: string[]
  port?: {name?: string; number?: number; protocol?: string}
  tls?: {
    mode?: string
    credentialName?: string
    credentialNames?: string[]
    httpsRedirect?: boolean
  }
}

/** The servers of an Istio Gateway. */
export function serversOf(gateway: KubernetesObject): GatewayServer[] {
  return (gateway.spec as {servers?: GatewayServer[]} | undefined)?.servers ?? []
}

/** Whether an Istio Gateway is for pods with these labels; one without a selector is for all gateways. */
export function selectsPod(gateway: KubernetesObject, labels: Readonly<Record<string, string>>): boolean {
  const selector = (gateway.spec as {selector?: Record<string, string>} | undefined)?.selector ?? {}
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}

/** Hosts of a server without the namespace that may stand before them (`./a.example` → `a.example`). */
export function plainHosts({hosts = []}: GatewayServer): string[] {
  return hosts.map(host => host.slice(host.indexOf('/') + 1))
}
