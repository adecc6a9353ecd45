import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** A server of an Istio Gateway, reduced to the fields read here (istio.io/api networking/v1 Gateway, 1.31). */
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

/** The pod selector of an Istio Gateway. */
export function selectorOf(gateway: KubernetesObject): Record<string, string> {
  return (gateway.spec as {selector?: Record<string, string>} | undefined)?.selector ?? {}
}

/** Whether an Istio Gateway applies to pods with these labels. Without a selector it applies to every gateway. */
export function selectsPod(gateway: KubernetesObject, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selectorOf(gateway)).every(([key, value]) => labels[key] === value)
}

/** Hosts of a server without their optional namespace (`./a.example` → `a.example`). */
export function plainHosts({hosts = []}: GatewayServer): string[] {
  return hosts.map(host => host.slice(host.indexOf('/') + 1))
}
