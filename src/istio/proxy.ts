import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/** A pod with a sidecar or a gateway's proxy, as the injector left it. */
export interface PodProxy {
  pod: string
  namespace: string
  /** Revision that injected it: the annotation `istio.io/rev` (injection-template.yaml, 1.24–1.31). */
  revision: string
  /** The istiod that it gets its certificate and configuration from: `istiod-r1.r1.svc:15012`; undefined when unknown. */
  istiod: string | undefined
  /** Runs or is about to; false for one that has ended. */
  alive: boolean
}

interface PodSpec {
  containers?: Container[]
  initContainers?: Container[]
}

interface Container {
  name: string
  env?: {name: string; value?: string}[]
}

/** Reads a pod's proxy; undefined when it has none. */
export function readProxy(pod: KubernetesObject): PodProxy | undefined {
  const {containers = [], initContainers = []} = (pod.spec ?? {}) as PodSpec
  const proxy = [...containers, ...initContainers].find(({name}) => name === 'istio-proxy')
  if (!proxy) return undefined
  const {metadata} = pod
  const phase = (pod.status as {phase?: string} | undefined)?.phase
  const env = (name: string) => proxy.env?.find(entry => entry.name === name)?.value
  return {
    pod: metadata.name,
    namespace: metadata.namespace ?? '',
    revision: metadata.annotations?.['istio.io/rev'] ?? metadata.labels?.['istio.io/rev'] ?? 'default',
    istiod: discoveryAddress(env('PROXY_CONFIG')) ?? env('CA_ADDR'),
    alive: phase !== 'Succeeded' && phase !== 'Failed' && metadata.deletionTimestamp === undefined,
  }
}

/** Namespace of the istiod of an address like `istiod-r1.r1.svc:15012`; undefined when it is not one. */
export function namespaceOfIstiod(address: string | undefined): string | undefined {
  return /^istiod[^.]*\.([^.:]+)\.svc(?:[.:]|$)/.exec(address ?? '')?.[1]
}

function discoveryAddress(proxyConfig: string | undefined): string | undefined {
  try {
    return (JSON.parse(proxyConfig ?? '{}') as {discoveryAddress?: string}).discoveryAddress
  } catch {
    return undefined
  }
}

/** What has to be restarted: a Deployment in place of its ReplicaSet, whose name is the Deployment's with a hash behind. */
export function ownerOf({metadata}: KubernetesObject): {kind: string; name: string} | undefined {
  const [owner] = metadata.ownerReferences ?? []
  if (!owner) return undefined
  const hash = metadata.labels?.['pod-template-hash']
  if (owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`))
    return {kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1)}
  return {kind: owner.kind, name: owner.name}
}
