import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** A pod that occupies ports of its node. */
export interface PodPorts {
  name: string
  namespace: string
  /** Undefined while the pod is not scheduled. */
  node: string | undefined
  labels: Record<string, string>
  /** TCP ports of the node that the pod uses. */
  hostPorts: number[]
}

interface Container {
  ports?: {containerPort: number; hostPort?: number; protocol?: string}[]
}

interface PodSpec {
  nodeName?: string
  hostNetwork?: boolean
  containers?: Container[]
  initContainers?: Container[]
}

/**
 * Pods that have not ended, with the node ports they use: each `hostPort`, or with `hostNetwork` every container port.
 */
export function activePods(pods: readonly KubernetesObject[]): PodPorts[] {
  return pods.filter(hasNotEnded).map(({metadata, spec}) => ({
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    node: ((spec ?? {}) as PodSpec).nodeName,
    labels: metadata.labels ?? {},
    hostPorts: hostPortsOf((spec ?? {}) as PodSpec),
  }))
}

function hasNotEnded({status}: KubernetesObject): boolean {
  const {phase} = (status ?? {}) as {phase?: string}
  return phase !== 'Succeeded' && phase !== 'Failed'
}

function hostPortsOf({hostNetwork, containers = [], initContainers = []}: PodSpec): number[] {
  const ports = [...containers, ...initContainers].flatMap(container => container.ports ?? [])
  const used = ports
    .filter(({protocol}) => (protocol ?? 'TCP') === 'TCP')
    .map(({containerPort, hostPort}) => hostPort ?? (hostNetwork ? containerPort : 0))
  return [...new Set(used.filter(port => port > 0))]
}

/** Nodes that have all labels of a node selector. An empty selector matches every node. */
export function matchingNodes(
  nodes: readonly KubernetesObject[],
  selector: Readonly<Record<string, string>>,
): KubernetesObject[] {
  return nodes.filter(({metadata}) =>
    Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value),
  )
}
