import {revisioned} from '../../istio/names.ts'
import {isServedBy, type PodProxy} from '../../istio/proxy.ts'
import type {Tenant} from './istio.ts'

/** What is read of a pod. */
export interface PodFacts {
  name: string
  namespace: string
  /** Its sidecar or gateway proxy. */
  proxy: PodProxy | undefined
  /** The workload that replaces the pod when it is deleted. */
  owner: {kind: string; name: string} | undefined
  /** The pod is labelled `sidecar.istio.io/inject=false`. */
  refuses: boolean
  /** The pod uses the network of its host. Such pods are never injected. */
  hostNetwork: boolean
  /** Its phase is Running. */
  running: boolean
}

/** Whether a pod's proxy is connected to a tenant's istiod. */
export function isConnectedTo({proxy}: PodFacts, tenant: Tenant): boolean {
  return proxy !== undefined && isServedBy(proxy, tenant)
}

/**
 * Returns whether a pod must be created again to join or leave a tenant: only then it changes its sidecar.
 *
 * @param isRemoved its namespace leaves the tenant
 */
export function needsRestart(
  {proxy, refuses, hostNetwork}: PodFacts,
  {revision}: Pick<Tenant, 'revision'>,
  isRemoved: boolean,
): boolean {
  if (refuses || hostNetwork) return false
  if (proxy === undefined) return !isRemoved
  return proxy.alive && (proxy.revision === revision) === isRemoved
}

/** Name of a tenant's istiod: its Deployment and its Service have the same. */
export function istiodName({revision}: Pick<Tenant, 'revision'>): string {
  return revisioned('istiod', revision)
}
