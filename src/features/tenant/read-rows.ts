import {revisioned} from '../../istio/names.ts'
import {namespaceOfIstiod} from '../../istio/proxy.ts'
import type {Tenant} from './istio.ts'
import {namespacesOf, type PodSeen, type TenantsFacts} from './read.ts'

/** The istiod of a tenant, as its proxies call it: `istiod-r1.r1`. */
export function istiodOf({revision, namespace}: Tenant): string {
  return `${revisioned('istiod', revision)}.${namespace}`
}

/** Whether a pod's proxy talks to a tenant's istiod; a proxy that does not say where it looks is told by its revision. */
export function isConnectedTo({proxy}: PodSeen, tenant: Tenant): boolean {
  if (!proxy?.alive) return false
  const namespace = namespaceOfIstiod(proxy.istiod)
  return proxy.revision === tenant.revision && (namespace === undefined || namespace === tenant.namespace)
}

/** One row a tenant: what it is, its namespaces, and the proxies that talk to its istiod. */
export function tenantRows(facts: TenantsFacts, pods: readonly PodSeen[]) {
  return facts.tenants.map(tenant => {
    const namespaces = namespacesOf(tenant, facts).map(({metadata}) => metadata.name)
    const {name, namespace, revision, version, ready, replicas, via, label} = tenant
    return {
      tenant: name,
      namespace,
      revision,
      version,
      ready,
      replicas,
      via,
      selector: label && `${label.key}=${label.value}`,
      namespaces,
      pods: pods.filter(pod => namespaces.includes(pod.namespace)).length,
      proxies: pods.filter(pod => isConnectedTo(pod, tenant)).map(pod => `${pod.namespace}/${pod.name}`),
    }
  })
}

/** Proxies that talk to an istiod that none of the tenants has. */
export function strayProxies(facts: TenantsFacts, pods: readonly PodSeen[]): {proxy: string; istiod: string}[] {
  return pods
    .filter(pod => pod.proxy?.alive && !facts.tenants.some(tenant => isConnectedTo(pod, tenant)))
    .map(pod => ({
      proxy: `${pod.namespace}/${pod.name}`,
      istiod: pod.proxy?.istiod ?? `revision ${pod.proxy?.revision}`,
    }))
}
