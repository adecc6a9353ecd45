import {
  type ControlPlaneFacts,
  type ControlPlaneRef,
  type MeshConfig,
  meshConfigOf,
  readControlPlaneFacts,
} from '../../control-plane/read.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {applySetId, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type MeshHost, readMeshHost} from '../../istio/mesh-host.ts'
import {readProxy} from '../../istio/proxy.ts'
import {isSelected} from '../../istio/selectors.ts'
import {customPolicies, type ExtAuthz, hostOfService, readExtAuthz} from './istio.ts'
import {authzApplySet, type ResolvedTarget} from './objects.ts'
import type {AuthzAttach, Target} from './spec.ts'

/** Everything that was read about authorizers. Objects are as the server gave them. */
export interface AuthzFacts {
  cluster: Cluster
  plane: ControlPlaneFacts
  mesh: MeshConfig
  /** Providers of the mesh config, and of the shared one where the other has none of that name. */
  providers: (ExtAuthz & {from: 'mesh-config' | 'shared-config'})[]
  /** Names of all providers, whatever they are for. */
  providerNames: string[]
  /** AuthorizationPolicies that ask an authorizer, of all namespaces. */
  policies: KubernetesObject[]
  /** All AuthorizationPolicies. */
  allPolicies: KubernetesObject[]
  filters: KubernetesObject[]
  services: KubernetesObject[]
  serviceEntries: KubernetesObject[]
  slices: KubernetesObject[]
  pods: KubernetesObject[]
  namespaces: KubernetesObject[]
  workloads: KubernetesObject[]
  gateways: KubernetesObject[]
  apiGateways: KubernetesObject[]
}

/** Reads all that authorizers hang on, one LIST a kind. Throws `UnreachableError` or `ApiError`. */
export async function readAuthzFacts(cluster: Cluster, where: ControlPlaneRef): Promise<AuthzFacts> {
  const all = (apiVersion: string, kind: string) => cluster.list({apiVersion, kind})
  const networking = 'networking.istio.io/v1'
  const [
    plane,
    allPolicies,
    filters,
    services,
    serviceEntries,
    slices,
    pods,
    namespaces,
    workloads,
    gateways,
    apiGateways,
  ] = await Promise.all([
    readControlPlaneFacts(cluster, where),
    all('security.istio.io/v1', 'AuthorizationPolicy'),
    all('networking.istio.io/v1alpha3', 'EnvoyFilter'),
    all('v1', 'Service'),
    all(networking, 'ServiceEntry'),
    all('discovery.k8s.io/v1', 'EndpointSlice'),
    all('v1', 'Pod'),
    all('v1', 'Namespace'),
    Promise.all(['Deployment', 'DaemonSet', 'StatefulSet'].map(kind => all('apps/v1', kind))),
    all(networking, 'Gateway'),
    all('gateway.networking.k8s.io/v1', 'Gateway'),
  ])
  const mesh = meshConfigOf(plane.meshText)
  const shared = meshConfigOf(plane.shared?.text ?? '')
  const own = readExtAuthz(mesh.extensionProviders).map(one => ({...one, from: 'mesh-config' as const}))
  const others = readExtAuthz(shared.extensionProviders).map(one => ({...one, from: 'shared-config' as const}))
  return {
    cluster,
    plane,
    mesh,
    // of two of one name the main mesh config's counts (pkg/config/mesh, 1.31)
    providers: [...own, ...others.filter(({name}) => !own.some(one => one.name === name))],
    providerNames: [...(mesh.extensionProviders ?? []), ...(shared.extensionProviders ?? [])].flatMap(provider => {
      const name = (provider as {name?: unknown} | null)?.name
      return typeof name === 'string' ? [name] : []
    }),
    policies: customPolicies(allPolicies),
    allPolicies,
    filters,
    services,
    serviceEntries,
    slices,
    pods,
    namespaces,
    workloads: workloads.flat(),
    gateways,
    apiGateways,
  }
}

/** Whether an object was made by this authorizer's attach. */
export function isOfAuthorizer(
  {metadata}: KubernetesObject,
  which: {name: string; systemNamespace: string; revision: string | undefined},
): boolean {
  return metadata.labels?.[partOfLabel] === applySetId(authzApplySet(which))
}

/** The Service or ServiceEntry of a provider's host; several when more namespaces have it. */
export function holdersOfAuthorizer(service: string, facts: AuthzFacts, clusterDomain: string): KubernetesObject[] {
  const {namespace, host} = hostOfService(service)
  const meant: MeshHost = readMeshHost(host, namespace ?? '', clusterDomain)
  if (meant.service)
    return facts.services.filter(
      ({metadata}) => metadata.name === meant.service!.name && metadata.namespace === meant.service!.namespace,
    )
  return facts.serviceEntries.filter(
    ({metadata, spec}) =>
      ((spec as {hosts?: string[]} | undefined)?.hosts ?? []).includes(host) &&
      (namespace === undefined || metadata.namespace === namespace),
  )
}

/** Ports by number of a Service or ServiceEntry, with the protocol that their names say. */
export function portsOf(holder: KubernetesObject): {number: number; said: string}[] {
  const {ports = []} = (holder.spec ?? {}) as {
    ports?: {port?: number; number?: number; name?: string; appProtocol?: string; protocol?: string}[]
  }
  return ports.map(({port, number, name = '', appProtocol, protocol = ''}) => ({
    number: port ?? number ?? 0,
    said: (appProtocol ?? (holder.kind === 'Service' ? name : protocol)).toLowerCase(),
  }))
}

/** How many endpoints of a Service are ready; undefined for a ServiceEntry, whose endpoints are its own affair. */
export function readyEndpoints(holder: KubernetesObject, facts: AuthzFacts): number | undefined {
  if (holder.kind !== 'Service') return undefined
  const slices = facts.slices.filter(
    ({metadata}) =>
      metadata.namespace === holder.metadata.namespace &&
      metadata.labels?.['kubernetes.io/service-name'] === holder.metadata.name,
  )
  const endpoints = slices.flatMap(
    slice => (slice as {endpoints?: {addresses?: string[]; conditions?: {ready?: boolean}}[]}).endpoints ?? [],
  )
  return new Set(
    endpoints.filter(({conditions}) => conditions?.ready !== false).flatMap(({addresses}) => addresses ?? []),
  ).size
}

/** The pods behind a Service. */
export function podsOf(holder: KubernetesObject, facts: AuthzFacts): KubernetesObject[] {
  const {selector} = (holder.spec ?? {}) as {selector?: Record<string, string>}
  return facts.pods.filter(
    ({metadata}) => metadata.namespace === holder.metadata.namespace && isSelected(selector, metadata.labels),
  )
}

/** Whether a pod's proxy is a gateway's. */
export function isGatewayPod(pod: KubernetesObject): boolean {
  const {metadata, spec} = pod
  const {containers = []} = (spec ?? {}) as {containers?: {name: string; args?: string[]}[]}
  const args = containers.find(({name}) => name === 'istio-proxy')?.args ?? []
  return (
    metadata.annotations?.['inject.istio.io/templates'] === 'gateway' ||
    metadata.labels?.['gateway.networking.k8s.io/gateway-name'] !== undefined ||
    args.includes('router')
  )
}

/** Whether requests to a pod can be mTLS. */
export function takesMtls(pod: KubernetesObject): boolean {
  return pod.metadata.labels?.['security.istio.io/tlsMode'] === 'istio' || readProxy(pod) !== undefined
}

/** The workloads that a target means; undefined with what was looked for when there is none. */
export function resolveTarget(
  spec: Pick<AuthzAttach, 'to' | 'selector' | 'systemNamespace'> & {namespace: string},
  facts: AuthzFacts,
): {target: ResolvedTarget} | {missing: string; hint: string} {
  const {to, selector, namespace} = spec
  if (!to) return {target: {namespace, labels: selector, isGateway: anyGateway(namespace, selector, facts)}}
  if (to.kind === 'namespace')
    return facts.namespaces.some(({metadata}) => metadata.name === to.name)
      ? {target: {namespace: to.name, labels: {}, isGateway: false}}
      : {missing: `no namespace ${to.name}`, hint: 'kubectl get namespaces'}
  if (to.kind === 'workload') return workloadTarget(to, namespace, facts)
  return gatewayTarget(to, [namespace, spec.systemNamespace], facts)
}

function workloadTarget({name}: Target, namespace: string, facts: AuthzFacts): ReturnType<typeof resolveTarget> {
  const found = facts.workloads.find(({metadata}) => metadata.name === name && metadata.namespace === namespace)
  if (!found)
    return {missing: `no workload ${name} in namespace ${namespace}`, hint: `kubectl -n ${namespace} get deploy,ds,sts`}
  const labels = (found.spec as {selector?: {matchLabels?: Record<string, string>}}).selector?.matchLabels ?? {}
  return {target: {namespace, labels, isGateway: anyGateway(namespace, labels, facts)}}
}

/** A Gateway of the Gateway API, Istio's own Gateway, or the Service of a gateway; in these namespaces, else the only one anywhere. */
function gatewayTarget(
  {name}: Target,
  namespaces: readonly string[],
  facts: AuthzFacts,
): ReturnType<typeof resolveTarget> {
  const pick = (objects: readonly KubernetesObject[]) => {
    const named = objects.filter(({metadata}) => metadata.name === name)
    const near = namespaces.flatMap(namespace => named.filter(({metadata}) => metadata.namespace === namespace))
    return near[0] ?? (named.length === 1 ? named[0] : undefined)
  }
  const api = pick(facts.apiGateways)
  if (api) return {target: {namespace: api.metadata.namespace ?? '', labels: {}, gateway: name, isGateway: true}}
  const gateway = pick(facts.gateways)
  const service = pick(facts.services)
  const selector =
    (gateway?.spec as {selector?: Record<string, string>} | undefined)?.selector ??
    (service?.spec as {selector?: Record<string, string>} | undefined)?.selector
  if (!selector || Object.keys(selector).length === 0)
    return {
      missing: `no gateway ${name}: neither a Gateway nor a gateway's Service has this name`,
      hint: 'kubectl get gateways.networking.istio.io,services -A, or -l LABEL=VALUE',
    }
  const pods = facts.pods.filter(({metadata}) => isSelected(selector, metadata.labels))
  const own = service && !gateway ? service.metadata.namespace : undefined
  const places = [...new Set(pods.map(({metadata}) => metadata.namespace ?? ''))]
  const namespace =
    own ?? places.find(place => namespaces.includes(place)) ?? places[0] ?? gateway?.metadata.namespace ?? ''
  return {target: {namespace, labels: selector, isGateway: true}}
}

function anyGateway(namespace: string, labels: Record<string, string>, facts: AuthzFacts): boolean {
  return facts.pods.some(
    pod => pod.metadata.namespace === namespace && isSelected(labels, pod.metadata.labels) && isGatewayPod(pod),
  )
}

/** The pods of a target. */
export function podsOfTarget(target: ResolvedTarget, facts: AuthzFacts): KubernetesObject[] {
  return facts.pods.filter(({metadata}) => {
    if (metadata.namespace !== target.namespace) return false
    if (target.gateway !== undefined)
      return metadata.labels?.['gateway.networking.k8s.io/gateway-name'] === target.gateway
    return Object.entries(target.labels).every(([key, value]) => metadata.labels?.[key] === value)
  })
}
