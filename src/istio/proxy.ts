import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** The proxy of a pod with a sidecar or of a gateway, as the injector configured it. */
export interface PodProxy {
  pod: string
  namespace: string
  /** Revision that injected the proxy: annotation `istio.io/rev` (injection-template.yaml, 1.24–1.31). */
  revision: string
  /** Address of the istiod that serves its certificate and configuration: `istiod-r1.r1.svc:15012`. Undefined if unknown. */
  istiod: string | undefined
  /** False once the pod has ended or is being deleted. */
  alive: boolean
}

interface PodSpec {
  containers?: Container[]
  initContainers?: Container[]
}

interface Container {
  name: string
  args?: string[]
  env?: {name: string; value?: string}[]
}

/**
 * Reads the proxy of a pod, or returns undefined if the pod has none. ztunnel is none: its container has the same name, but it
 * is the proxy of the other pods of its node (manifests/charts/ztunnel/templates/daemonset.yaml, 1.24–1.31).
 */
export function readProxy(pod: KubernetesObject): PodProxy | undefined {
  const container = proxyContainer(pod)
  if (!container || container.args?.includes('ztunnel')) return undefined
  return {
    pod: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    revision: revisionOf(pod),
    istiod: istiodAddress(container),
    alive: isAlive(pod),
  }
}

/** Returns a variable of the proxy of a pod. Undefined if it has none, or takes it from a field or a Secret. */
export function proxyVariable(pod: KubernetesObject, name: string): string | undefined {
  return proxyContainer(pod)?.env?.find(entry => entry.name === name)?.value
}

/** The container `istio-proxy`. A native sidecar is an init container. */
function proxyContainer(pod: KubernetesObject): Container | undefined {
  const {containers = [], initContainers = []} = (pod.spec ?? {}) as PodSpec
  return [...containers, ...initContainers].find(({name}) => name === 'istio-proxy')
}

function revisionOf({metadata: {annotations = {}, labels = {}}}: KubernetesObject): string {
  return annotations['istio.io/rev'] ?? labels['istio.io/rev'] ?? 'default'
}

function istiodAddress({env = []}: Container): string | undefined {
  const envValue = (name: string) => env.find(entry => entry.name === name)?.value
  return discoveryAddress(envValue('PROXY_CONFIG')) ?? envValue('CA_ADDR')
}

function discoveryAddress(proxyConfig: string | undefined): string | undefined {
  try {
    return (JSON.parse(proxyConfig ?? '{}') as {discoveryAddress?: string}).discoveryAddress
  } catch {
    return undefined
  }
}

function isAlive({metadata, status}: KubernetesObject): boolean {
  const {phase} = (status ?? {}) as {phase?: string}
  return phase !== 'Succeeded' && phase !== 'Failed' && metadata.deletionTimestamp === undefined
}

/** The namespace in an istiod address such as `istiod-r1.r1.svc:15012`, or undefined for any other address. */
export function namespaceOfIstiod(address: string | undefined): string | undefined {
  return /^istiod[^.]*\.([^.:]+)\.svc(?:[.:]|$)/.exec(address ?? '')?.[1]
}

/**
 * Returns whether an istiod serves a running proxy. If the proxy's configuration does not contain the address of its istiod,
 * the revision decides.
 *
 * @param istiod its revision, `default` without one, and its namespace
 */
export function isServedBy(
  {alive, revision, istiod: address}: PodProxy,
  istiod: {revision: string; namespace: string},
): boolean {
  return alive && revision === istiod.revision && (namespaceOfIstiod(address) ?? istiod.namespace) === istiod.namespace
}

/**
 * The workload that owns a pod, or undefined for a pod without an owner. The Deployment is returned in place of its
 * ReplicaSet, whose name is that of the Deployment followed by a hash.
 */
export function ownerOf({metadata}: KubernetesObject): {kind: string; name: string} | undefined {
  const [owner] = metadata.ownerReferences ?? []
  if (!owner) return undefined
  const hash = metadata.labels?.['pod-template-hash']
  if (owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`))
    return {kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1)}
  return {kind: owner.kind, name: owner.name}
}
