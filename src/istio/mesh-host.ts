import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** A host of the mesh: the full name of a Service, or a host of a ServiceEntry. */
export interface MeshHost {
  host: string
  /** Undefined if the host is not the name of a Service in the cluster. */
  service: {name: string; namespace: string} | undefined
}

/**
 * Returns the host that a short or full name refers to. A name without dots is a Service in the namespace. The cluster
 * domain is appended to a name that ends in `.svc`. Any other name is taken as it is.
 */
export function readMeshHost(text: string, namespace: string, clusterDomain: string): MeshHost {
  const host = expandHost(text, namespace, clusterDomain)
  const suffix = `.svc.${clusterDomain}`
  const parts = host.endsWith(suffix) ? host.slice(0, -suffix.length).split('.') : []
  return {host, service: parts.length === 2 ? {name: parts[0]!, namespace: parts[1]!} : undefined}
}

function expandHost(text: string, namespace: string, clusterDomain: string): string {
  if (!text.includes('.')) return `${text}.${namespace}.svc.${clusterDomain}`
  return text.endsWith('.svc') ? `${text}.${clusterDomain}` : text
}

/** Returns the full form of a host in a resource: a short name refers to the namespace of the resource. */
export function fullHost(text: string, namespace: string, clusterDomain: string): string {
  return text.includes('*') ? text : readMeshHost(text, namespace, clusterDomain).host
}

/**
 * Returns whether a host pattern includes a host.
 *
 * @param pattern a host, `*`, or a wildcard such as `*.example.com`
 */
export function coversHost(pattern: string, host: string): boolean {
  return pattern === host || pattern === '*' || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)))
}

/** Returns the full form of a DestinationRule's host. */
export function hostOfRule(rule: KubernetesObject, clusterDomain: string): string {
  const {host = ''} = (rule.spec ?? {}) as {host?: string}
  return fullHost(host, rule.metadata.namespace ?? '', clusterDomain)
}
