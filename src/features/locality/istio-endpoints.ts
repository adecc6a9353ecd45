import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {MeshHost} from '../../istio/mesh-host.ts'
import {isSelected} from '../../istio/selectors.ts'
import {formatLocality, type Locality, localityOfNode, localityOfPod, parseLocality} from './istio.ts'
import type {EndpointGroup} from './istio-serve.ts'
import type {LocalityFacts} from './read.ts'

/** One endpoint of a service, with its locality. */
export interface LocalEndpoint {
  address: string
  locality: Locality
  labels: Record<string, string>
}

/** The localities of all nodes, by node name. */
export function nodeLocalities(facts: Pick<LocalityFacts, 'nodes'>): Map<string, Locality> {
  return new Map(facts.nodes.map(({metadata}) => [metadata.name, localityOfNode(metadata.labels)]))
}

/** The Service or ServiceEntry that defines a host. Undefined if the cluster has none. */
export function findService({host, service}: MeshHost, facts: LocalityFacts): KubernetesObject | undefined {
  if (service)
    return facts.services.find(
      ({metadata}) => metadata.name === service.name && metadata.namespace === service.namespace,
    )
  return facts.serviceEntries.find(({spec}) => ((spec as {hosts?: string[]} | undefined)?.hosts ?? []).includes(host))
}

interface ServiceSpec {
  selector?: Record<string, string>
  workloadSelector?: {labels?: Record<string, string>}
  endpoints?: Entry[]
}

/** A WorkloadEntry, or an endpoint inside a ServiceEntry. */
interface Entry {
  address?: string
  labels?: Record<string, string>
  locality?: string
}

/**
 * The ready endpoints of a service in this cluster, with the localities that istiod gives them. Each address occurs once.
 *
 * @param service a Service or a ServiceEntry
 */
export function endpointsOf(service: KubernetesObject, facts: LocalityFacts): LocalEndpoint[] {
  const {namespace = ''} = service.metadata
  const spec = (service.spec ?? {}) as ServiceSpec
  if (service.kind === 'Service')
    return uniqueEndpoints([...sliceEndpoints(service, facts), ...selectedEntries(spec.selector, namespace, facts)])
  const selector = spec.workloadSelector?.labels
  return uniqueEndpoints([
    ...(spec.endpoints ?? []).map(entryEndpoint),
    ...selectedEntries(selector, namespace, facts),
    ...selectedPods(selector, namespace, facts),
  ])
}

/** The ready endpoints of all Services of the cluster. Each address occurs once. */
export function allEndpoints(facts: LocalityFacts): LocalEndpoint[] {
  return uniqueEndpoints(facts.services.flatMap(service => endpointsOf(service, facts)))
}

/** The last endpoint of an address replaces those before it. */
function uniqueEndpoints(endpoints: readonly LocalEndpoint[]): LocalEndpoint[] {
  return [...new Map(endpoints.map(endpoint => [endpoint.address, endpoint])).values()]
}

interface Slice {
  endpoints?: {
    addresses?: string[]
    conditions?: {ready?: boolean}
    nodeName?: string
    targetRef?: {kind?: string; name?: string}
  }[]
}

function sliceEndpoints({metadata}: KubernetesObject, facts: LocalityFacts): LocalEndpoint[] {
  const nodes = nodeLocalities(facts)
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
      return {address: addresses[0] ?? '', locality: localityOfPod(labels, nodes.get(nodeName ?? '')), labels}
    })
}

function entryEndpoint({address = '', labels = {}, locality}: Entry): LocalEndpoint {
  return {address, labels, locality: locality ? parseLocality(locality) : localityOfPod(labels, undefined)}
}

function selectedEntries(
  selector: Record<string, string> | undefined,
  namespace: string,
  facts: LocalityFacts,
): LocalEndpoint[] {
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
): LocalEndpoint[] {
  const nodes = nodeLocalities(facts)
  return facts.pods
    .filter(({metadata}) => metadata.namespace === namespace && isSelected(selector, metadata.labels))
    .map(pod => {
      const {labels = {}} = pod.metadata
      const node = (pod.spec as {nodeName?: string} | undefined)?.nodeName ?? ''
      const ip = (pod.status as {podIP?: string} | undefined)?.podIP ?? pod.metadata.name
      return {address: ip, locality: localityOfPod(labels, nodes.get(node)), labels}
    })
}

/**
 * Groups endpoints that no client can distinguish: same locality and same values of the compared labels.
 *
 * @param compared labels that `failoverPriority` lists
 */
export function groupEndpoints(endpoints: readonly LocalEndpoint[], compared: readonly string[]): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>()
  for (const {locality, labels: all} of endpoints) {
    const labels = Object.fromEntries(compared.flatMap(label => (label in all ? [[label, all[label]!]] : [])))
    const key = JSON.stringify([formatLocality(locality), labels])
    const group = groups.get(key)
    groups.set(key, group ? {...group, count: group.count + 1} : {locality, labels, count: 1})
  }
  return [...groups.values()].sort((a, b) => formatLocality(a.locality).localeCompare(formatLocality(b.locality)))
}
