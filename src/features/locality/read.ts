import {
  type ControlPlaneFacts,
  type ControlPlaneRef,
  type MeshConfig,
  meshConfigOf,
  readControlPlaneFacts,
} from '../../control-plane/read.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {minorOf} from '../../istio/control-plane.ts'
import type {MeshHost} from '../../istio/mesh-host.ts'
import {isSelected} from '../../istio/selectors.ts'
import {
  type EndpointGroup,
  formatLocality,
  type Locality,
  localityLabels,
  localityOfNode,
  localityOfPod,
  nowhere,
  oldLocalityLabels,
  parseLocality,
} from './istio.ts'

const networking = 'networking.istio.io/v1'

/** Everything that was read about places. Objects are as the server gave them. */
export interface LocalityFacts {
  cluster: Cluster
  plane: ControlPlaneFacts
  mesh: MeshConfig
  /** Minor version of Kubernetes, 1036 for 1.36; undefined when it does not say. */
  kubernetes: number | undefined
  nodes: KubernetesObject[]
  /** DestinationRules of all namespaces. */
  rules: KubernetesObject[]
  services: KubernetesObject[]
  serviceEntries: KubernetesObject[]
  workloadEntries: KubernetesObject[]
  slices: KubernetesObject[]
  pods: KubernetesObject[]
  namespaces: KubernetesObject[]
}

/** Reads what decides who is served from where, one LIST a kind. Throws `UnreachableError` or `ApiError`. */
export async function readLocalityFacts(cluster: Cluster, where: ControlPlaneRef): Promise<LocalityFacts> {
  const all = (apiVersion: string, kind: string) => cluster.list({apiVersion, kind})
  const [plane, version, nodes, rules, services, serviceEntries, workloadEntries, slices, pods, namespaces] =
    await Promise.all([
      readControlPlaneFacts(cluster, where),
      cluster.read('/version') as Promise<{gitVersion?: string}>,
      all('v1', 'Node'),
      all(networking, 'DestinationRule'),
      all('v1', 'Service'),
      all(networking, 'ServiceEntry'),
      all(networking, 'WorkloadEntry'),
      all('discovery.k8s.io/v1', 'EndpointSlice'),
      all('v1', 'Pod'),
      all('v1', 'Namespace'),
    ])
  return {
    cluster,
    plane,
    mesh: meshConfigOf(plane.meshText),
    kubernetes: minorOf(version.gitVersion),
    nodes,
    rules,
    services,
    serviceEntries,
    workloadEntries,
    slices,
    pods,
    namespaces,
  }
}

/** One endpoint of a service. */
export interface PlacedEndpoint {
  address: string
  locality: Locality
  labels: Record<string, string>
}

/** The places of nodes by name. */
export function nodePlaces(facts: LocalityFacts): Map<string, Locality> {
  return new Map(facts.nodes.map(({metadata}) => [metadata.name, localityOfNode(metadata.labels)]))
}

/** The object that gives a host its meaning: a Service or a ServiceEntry. */
export function holderOfHost({host, service}: MeshHost, facts: LocalityFacts): KubernetesObject | undefined {
  if (service)
    return facts.services.find(
      ({metadata}) => metadata.name === service.name && metadata.namespace === service.namespace,
    )
  return facts.serviceEntries.find(({spec}) => ((spec as {hosts?: string[]} | undefined)?.hosts ?? []).includes(host))
}

/** The endpoints of a Service or ServiceEntry in this cluster, as istiod places them; those that are not ready are left out. */
export function endpointsOf(holder: KubernetesObject, facts: LocalityFacts): PlacedEndpoint[] {
  const {namespace = ''} = holder.metadata
  const spec = (holder.spec ?? {}) as HolderSpec
  const found =
    holder.kind === 'Service'
      ? [...slicedEndpoints(holder, facts), ...selectedEntries(spec.selector, namespace, facts)]
      : [
          ...(spec.endpoints ?? []).map(entryEndpoint),
          ...selectedEntries(spec.workloadSelector?.labels, namespace, facts),
          ...selectedPods(spec.workloadSelector?.labels, namespace, facts),
        ]
  return [...new Map(found.map(endpoint => [endpoint.address, endpoint])).values()]
}

interface HolderSpec {
  selector?: Record<string, string>
  workloadSelector?: {labels?: Record<string, string>}
  endpoints?: Entry[]
}

interface Entry {
  address?: string
  labels?: Record<string, string>
  locality?: string
}

interface Slice {
  endpoints?: {
    addresses?: string[]
    conditions?: {ready?: boolean}
    nodeName?: string
    targetRef?: {kind?: string; name?: string}
  }[]
}

/** All ready endpoints of a Service, by its EndpointSlices. */
function slicedEndpoints({metadata}: KubernetesObject, facts: LocalityFacts): PlacedEndpoint[] {
  const places = nodePlaces(facts)
  const pods = new Map(
    facts.pods
      .filter(pod => pod.metadata.namespace === metadata.namespace)
      .map(pod => [pod.metadata.name, pod.metadata.labels ?? {}]),
  )
  return facts.slices
    .filter(
      slice =>
        slice.metadata.namespace === metadata.namespace &&
        slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name,
    )
    .flatMap(slice => (slice as unknown as Slice).endpoints ?? [])
    .filter(({conditions}) => conditions?.ready !== false)
    .map(({addresses = [], nodeName, targetRef}) => {
      const labels = targetRef?.kind === 'Pod' ? (pods.get(targetRef.name ?? '') ?? {}) : {}
      return {address: addresses[0] ?? '', locality: localityOfPod(labels, places.get(nodeName ?? '')), labels}
    })
}

function entryEndpoint({address = '', labels = {}, locality}: Entry): PlacedEndpoint {
  return {address, labels, locality: locality ? parseLocality(locality) : localityOfPod(labels, undefined)}
}

function selectedEntries(
  selector: Record<string, string> | undefined,
  namespace: string,
  facts: LocalityFacts,
): PlacedEndpoint[] {
  return facts.workloadEntries
    .filter(entry => entry.metadata.namespace === namespace)
    .map(({spec}) => (spec ?? {}) as Entry)
    .filter(({labels}) => isSelected(selector, labels))
    .map(entryEndpoint)
}

function selectedPods(
  selector: Record<string, string> | undefined,
  namespace: string,
  facts: LocalityFacts,
): PlacedEndpoint[] {
  const places = nodePlaces(facts)
  return facts.pods
    .filter(({metadata}) => metadata.namespace === namespace && isSelected(selector, metadata.labels))
    .map(pod => {
      const {labels = {}} = pod.metadata
      const node = (pod.spec as {nodeName?: string} | undefined)?.nodeName ?? ''
      const ip = (pod.status as {podIP?: string} | undefined)?.podIP ?? pod.metadata.name
      return {address: ip, locality: localityOfPod(labels, places.get(node)), labels}
    })
}

/** Endpoints in groups that are alike to every client: same place, same values of the labels that are asked for. */
export function groupEndpoints(endpoints: readonly PlacedEndpoint[], labels: readonly string[]): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>()
  for (const {locality, labels: all} of endpoints) {
    const kept = Object.fromEntries(labels.flatMap(label => (label in all ? [[label, all[label]!]] : [])))
    const key = JSON.stringify([formatLocality(locality), kept])
    const group = groups.get(key)
    groups.set(key, group ? {...group, count: group.count + 1} : {locality, labels: kept, count: 1})
  }
  return [...groups.values()].sort((a, b) => formatLocality(a.locality).localeCompare(formatLocality(b.locality)))
}

/** `trafficDistribution` of a Service, by its field, its annotation or its namespace's, where this Istio reads it. */
export function trafficDistributionOf(service: KubernetesObject | undefined, facts: LocalityFacts): string | undefined {
  if (service?.kind !== 'Service' || (minorOf(facts.plane.plane?.version) ?? 1025) < 1025) return undefined
  const annotation = 'networking.istio.io/traffic-distribution'
  const namespace = facts.namespaces.find(({metadata}) => metadata.name === service.metadata.namespace)
  return (
    (service.spec as {trafficDistribution?: string} | undefined)?.trafficDistribution ??
    service.metadata.annotations?.[annotation] ??
    namespace?.metadata.annotations?.[annotation]
  )
}

/**
 * Pods whose place istiod does not know yet: it takes the place of a pod when the pod comes, or when istiod itself
 * starts, and does not look again when a node gets other labels (pilot/pkg/serviceregistry/kube/controller, 1.31).
 * Empty when no istiod pod is there to be asked.
 */
export function podsWithOldPlace(facts: LocalityFacts, where: ControlPlaneRef): KubernetesObject[] {
  const istiods = facts.pods.filter(
    ({metadata}) =>
      metadata.namespace === where.systemNamespace &&
      metadata.labels?.app === 'istiod' &&
      (metadata.labels?.['istio.io/rev'] ?? 'default') === (where.revision ?? 'default'),
  )
  if (istiods.length === 0) return []
  const started = Math.min(...istiods.map(startOf))
  const labelled = new Map(facts.nodes.map(node => [node.metadata.name, labelledAt(node)]))
  return facts.pods.filter(pod => {
    const {nodeName = ''} = (pod.spec ?? {}) as {nodeName?: string}
    const at = labelled.get(nodeName) ?? 0
    return (
      at > started &&
      at >= startOf(pod) &&
      localityOfPod(pod.metadata.labels, undefined) === nowhere &&
      isServed(pod, facts)
    )
  })
}

function isServed({metadata}: KubernetesObject, facts: LocalityFacts): boolean {
  return facts.services.some(
    service =>
      service.metadata.namespace === metadata.namespace &&
      isSelected((service.spec as {selector?: Record<string, string>} | undefined)?.selector, metadata.labels),
  )
}

function startOf(pod: KubernetesObject): number {
  const {startTime} = (pod.status ?? {}) as {startTime?: string}
  return Date.parse(startTime ?? pod.metadata.creationTimestamp ?? '') || 0
}

/** When somebody last set a label of its place. */
function labelledAt({metadata}: KubernetesObject): number {
  const keys = [...Object.values(localityLabels), ...Object.values(oldLocalityLabels)].map(key => `f:${key}`)
  const times = (metadata.managedFields ?? []).flatMap(({time, fieldsV1}) => {
    const labels = (fieldsV1?.['f:metadata'] as {'f:labels'?: object} | undefined)?.['f:labels'] ?? {}
    return keys.some(key => key in labels) ? [Date.parse(time ?? '') || 0] : []
  })
  return Math.max(0, ...times)
}
