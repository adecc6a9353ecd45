import {type ControlPlaneFacts, readControlPlaneFacts} from '../../control-plane/read.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject, ObjectKind} from '../../engine/kubernetes/object.ts'

/** What was read before an ingress gateway is deployed. Objects are as the server gave them. */
export interface IngressFacts {
  cluster: Cluster
  /** Of the revision that the tag means, if it is one. */
  plane: ControlPlaneFacts
  injectors: KubernetesObject[]
  /** Undefined: it is to be made. */
  namespace: KubernetesObject | undefined
  /** Deployment, DaemonSet and Service of the gateway's name that are there. */
  existing: KubernetesObject[]
  nodes: KubernetesObject[]
  /** Of all namespaces. */
  pods: KubernetesObject[]
  /** Of all namespaces. */
  services: KubernetesObject[]
}

const injectorKind: ObjectKind = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
}

/** Istio's injectors: the webhook configurations with a revision. */
export async function readInjectors(cluster: Cluster): Promise<KubernetesObject[]> {
  return (await cluster.list(injectorKind)).filter(({metadata}) => metadata.labels?.['istio.io/rev'] !== undefined)
}

/** Reads all that decides whether a gateway can run, one LIST a kind. Throws `UnreachableError` or `ApiError`. */
export async function readIngressFacts(
  cluster: Cluster,
  where: {
    name: string
    namespace: string
    systemNamespace: string
    /** Revision behind `--revision`, given the injectors that say what a tag means. */
    revisionOf: (injectors: readonly KubernetesObject[]) => string | undefined
  },
): Promise<IngressFacts> {
  const {name, namespace, systemNamespace, revisionOf} = where
  const own = (apiVersion: string, kind: string) => cluster.get({apiVersion, kind, namespace, name})
  const [{injectors, plane}, found, existing, nodes, pods, services] = await Promise.all([
    readInjectors(cluster).then(async injectors => ({
      injectors,
      plane: await readControlPlaneFacts(cluster, {systemNamespace, revision: revisionOf(injectors)}),
    })),
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
    Promise.all([own('apps/v1', 'Deployment'), own('apps/v1', 'DaemonSet'), own('v1', 'Service')]),
    cluster.list({apiVersion: 'v1', kind: 'Node'}),
    cluster.list({apiVersion: 'v1', kind: 'Pod'}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}),
  ])
  return {
    cluster,
    plane,
    injectors,
    namespace: found,
    existing: existing.filter(object => object !== undefined),
    nodes,
    pods,
    services,
  }
}

/** A pod, as far as host ports are concerned. */
export interface PodSeen {
  name: string
  namespace: string
  node: string | undefined
  labels: Record<string, string>
  /** Ports of its node that it takes, TCP. */
  hostPorts: number[]
}

interface Container {
  ports?: {containerPort: number; hostPort?: number; protocol?: string}[]
}

/** Pods that run or will, with the ports they take of their nodes: `hostPort`, or all with the node's own network. */
export function podsSeen(pods: readonly KubernetesObject[]): PodSeen[] {
  return pods.flatMap(({metadata, spec, status}) => {
    const {phase} = (status ?? {}) as {phase?: string}
    if (phase === 'Succeeded' || phase === 'Failed') return []
    const {
      nodeName,
      hostNetwork,
      containers = [],
      initContainers = [],
    } = (spec ?? {}) as {
      nodeName?: string
      hostNetwork?: boolean
      containers?: Container[]
      initContainers?: Container[]
    }
    const ports = [...containers, ...initContainers].flatMap(container => container.ports ?? [])
    const taken = ports
      .filter(({protocol}) => (protocol ?? 'TCP') === 'TCP')
      .map(({containerPort, hostPort}) => hostPort ?? (hostNetwork ? containerPort : 0))
    return [
      {
        name: metadata.name,
        namespace: metadata.namespace ?? '',
        node: nodeName,
        labels: metadata.labels ?? {},
        hostPorts: [...new Set(taken.filter(port => port > 0))],
      },
    ]
  })
}

/** Nodes that carry all labels of a node selector. */
export function chosenNodes(
  nodes: readonly KubernetesObject[],
  selector: Readonly<Record<string, string>>,
): KubernetesObject[] {
  return nodes.filter(({metadata}) =>
    Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value),
  )
}
