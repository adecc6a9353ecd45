import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject, ObjectRef} from '../../engine/kubernetes/object.ts'
import {refKey} from '../../engine/kubernetes/object.ts'
import {readLive} from '../../engine/plan/compare.ts'
import {serversOf} from './istio-gateway-servers.ts'
import {readInjectors} from './read.ts'

/** A gateway that runs: what makes its pods, and their labels. */
export interface GatewayWorkload {
  kind: string
  name: string
  namespace: string
  /** Labels of its pods. */
  labels: Record<string, string>
}

/** What was read about gateways and their certificates. Objects are as the server gave them. */
export interface IngressTlsFacts {
  cluster: Cluster
  /** Deployments and DaemonSets of all namespaces whose pods carry `istio`: gateways, by whatever made them. */
  workloads: GatewayWorkload[]
  /** Istio Gateways of all namespaces. */
  gateways: KubernetesObject[]
  services: KubernetesObject[]
  injectors: KubernetesObject[]
}

/** Reads the gateways of a cluster, one LIST a kind. Throws `UnreachableError` or `ApiError`. */
export async function readIngressTlsFacts(cluster: Cluster): Promise<IngressTlsFacts> {
  const [deployments, daemonSets, gateways, services, injectors] = await Promise.all([
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}),
    cluster.list({apiVersion: 'apps/v1', kind: 'DaemonSet'}),
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'Gateway'}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}),
    readInjectors(cluster),
  ])
  const workloads = [...deployments, ...daemonSets].map(workloadOf).filter(({labels}) => labels.istio !== undefined)
  return {cluster, workloads: workloads.filter(({labels}) => labels.istio !== 'pilot'), gateways, services, injectors}
}

function workloadOf({kind, metadata, spec}: KubernetesObject): GatewayWorkload {
  const {template} = (spec ?? {}) as {template?: {metadata?: {labels?: Record<string, string>}}}
  return {kind, name: metadata.name, namespace: metadata.namespace ?? '', labels: template?.metadata?.labels ?? {}}
}

/** Ports that a gateway's Services have, as clients see them; undefined when no Service selects its pods. */
export function portsOf({namespace, labels}: GatewayWorkload, services: readonly KubernetesObject[]) {
  const own = services.filter(({metadata, spec}) => {
    const {selector} = (spec ?? {}) as {selector?: Record<string, string>}
    const pairs = Object.entries(selector ?? {})
    return metadata.namespace === namespace && pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value)
  })
  if (own.length === 0) return undefined
  return own.flatMap(({spec}) => ((spec as {ports?: {port: number}[]}).ports ?? []).map(({port}) => port))
}

const secretKind = {apiVersion: 'v1', kind: 'Secret'}

/** Secrets by `NAMESPACE/NAME`, of those that are there; each also with `-cacert`, where clients' CAs may stand. */
export async function readSecrets(
  cluster: Cluster,
  wanted: readonly {namespace: string; name: string}[],
): Promise<Map<string, KubernetesObject>> {
  const refs = new Map<string, ObjectRef>()
  for (const {namespace, name} of wanted)
    for (const each of [name, `${name}-cacert`]) {
      const ref = {...secretKind, namespace, name: each}
      refs.set(refKey(ref), ref)
    }
  const live = await readLive(cluster, [...refs.values()])
  return new Map([...live.values()].map(object => [`${object.metadata.namespace}/${object.metadata.name}`, object]))
}

/** A server of a gateway with a certificate: where its Secret is, and for whom it is. */
export interface ServedCertificate {
  /** `NAMESPACE/NAME` of the Gateway, with `(Gateway API)` where it is one of that. */
  gateway: string
  hosts: string[]
  port: number
  mode: string
  /** Secret; its namespace is undefined when no gateway's pods are selected. */
  secret: {namespace: string | undefined; name: string}
}

/** All certificates that Istio Gateways name, and those of the Gateway API. */
export async function servedCertificates({
  cluster,
  gateways,
  workloads,
}: IngressTlsFacts): Promise<ServedCertificate[]> {
  const api = await cluster.list({apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway'})
  return [...gateways.flatMap(gateway => istioCertificates(gateway, workloads)), ...api.flatMap(apiCertificates)]
}

function istioCertificates(gateway: KubernetesObject, workloads: readonly GatewayWorkload[]): ServedCertificate[] {
  const {selector = {}} = (gateway.spec ?? {}) as {selector?: Record<string, string>}
  const selected = workloads.filter(({labels}) =>
    Object.entries(selector).every(([key, value]) => labels[key] === value),
  )
  const namespaces = [...new Set(selected.map(({namespace}) => namespace))]
  return serversOf(gateway).flatMap(({hosts = [], port, tls}) => {
    const isTerminated = tls?.mode === 'SIMPLE' || tls?.mode === 'MUTUAL' || tls?.mode === 'OPTIONAL_MUTUAL'
    const names = tls?.credentialNames ?? (tls?.credentialName ? [tls.credentialName] : [])
    return (isTerminated ? names : []).flatMap(name =>
      (namespaces.length > 0 ? namespaces : [undefined]).map(namespace => ({
        gateway: `${gateway.metadata.namespace}/${gateway.metadata.name}`,
        hosts: hosts.map(host => host.slice(host.indexOf('/') + 1)),
        port: port?.number ?? 0,
        mode: tls?.mode ?? 'SIMPLE',
        secret: {namespace, name},
      })),
    )
  })
}

interface Listener {
  hostname?: string
  port: number
  tls?: {mode?: string; certificateRefs?: {name: string; namespace?: string; kind?: string}[]}
}

function apiCertificates({metadata, spec}: KubernetesObject): ServedCertificate[] {
  const {listeners = []} = (spec ?? {}) as {listeners?: Listener[]}
  return listeners.flatMap(({hostname, port, tls}) =>
    (tls?.certificateRefs ?? [])
      .filter(({kind}) => (kind ?? 'Secret') === 'Secret')
      .map(({name, namespace}) => ({
        gateway: `${metadata.namespace}/${metadata.name} (Gateway API)`,
        hosts: [hostname ?? '*'],
        port,
        mode: 'SIMPLE',
        secret: {namespace: namespace ?? metadata.namespace, name},
      })),
  )
}
