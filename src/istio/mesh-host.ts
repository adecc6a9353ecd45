import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** A host of the mesh: a Service's full name, or what a ServiceEntry calls its own. */
export interface MeshHost {
  host: string
  /** Of a Service of the cluster. */
  service: {name: string; namespace: string} | undefined
}

/**
 * What a host means: a name without dots is a Service of the namespace, `name.ns.svc` lacks the cluster's domain, all
 * else is taken as it is.
 */
export function readMeshHost(text: string, namespace: string, clusterDomain: string): MeshHost {
  const host = text.includes('.')
    ? text.endsWith('.svc')
      ? `${text}.${clusterDomain}`
      : text
    : `${text}.${namespace}.svc.${clusterDomain}`
  const suffix = `.svc.${clusterDomain}`
  const parts = host.endsWith(suffix) ? host.slice(0, -suffix.length).split('.') : []
  return {host, service: parts.length === 2 ? {name: parts[0]!, namespace: parts[1]!} : undefined}
}

/** A host in a resource of a namespace, in full: short names are of the resource's own namespace. */
export function fullHost(text: string, namespace: string, clusterDomain: string): string {
  return text.includes('*') ? text : readMeshHost(text, namespace, clusterDomain).host
}

/** Whether a host that may begin with `*` covers another. */
export function coversHost(said: string, host: string): boolean {
  return said === host || said === '*' || (said.startsWith('*.') && host.endsWith(said.slice(1)))
}

/** The host of a DestinationRule, in full. */
export function hostOfRule(rule: KubernetesObject, clusterDomain: string): string {
  const {host = ''} = (rule.spec ?? {}) as {host?: string}
  return fullHost(host, rule.metadata.namespace ?? '', clusterDomain)
}
