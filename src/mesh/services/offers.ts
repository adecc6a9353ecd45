import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {fits} from '../../istio/selectors.ts'
import {addressesOf, gatewaysInto} from '../gateway-services.ts'
import {exposes} from './gateway-hosts.ts'
import {type Exporter, exportLabel, globalHost} from './objects.ts'
import {meshPortsOf} from './ports.ts'
import type {ExportingCluster} from './read.ts'

/** A service that a cluster can export. */
export interface Offer {
  name: string
  namespace: string
  /** The exporting cluster. */
  cluster: string
  exporter: Exporter
  /** What works less than someone may think. */
  notes: string[]
}

/** A service that it can't export, and why. */
export interface Refusal {
  name: string
  namespace: string
  cluster: string
  /** Follows `service NS/NAME `. */
  reason: string
  hint: string
}

/** How others come into a cluster. */
interface Entrance {
  addresses: string[]
  port: number
}

/**
 * Which of the chosen services a cluster can export, and as what.
 *
 * @param known identities of earlier exports by host, for a service without a pod now
 */
export function offersOf(
  exporting: ExportingCluster,
  clusterDomain: string,
  known: ReadonlyMap<string, readonly string[]>,
): {offers: Offer[]; refusals: Refusal[]} {
  const entrance = entranceOf(exporting)
  const locality = localityOf(exporting.nodes ?? [])
  const offers: Offer[] = []
  const refusals: Refusal[] = []
  for (const service of exporting.services) {
    const about = {name: service.metadata.name, namespace: service.metadata.namespace!, cluster: exporting.name}
    const {ports, udp} = meshPortsOf(service)
    const behind = workloadsBehind(service, exporting)
    const identities =
      behind.accounts.length > 0
        ? behind.accounts.map(account => identityOf(exporting, about.namespace, account))
        : (known.get(globalHost(about)) ?? [])
    const refusal =
      unfitness(service, ports.length, udp) ??
      (identities.length === 0 ? nobodyBehind(about) : undefined) ??
      unexposed(exporting, about, clusterDomain) ??
      (entrance ? undefined : noEntrance(exporting))
    if (refusal) refusals.push({...about, ...refusal})
    else
      offers.push({
        ...about,
        exporter: {
          addresses: entrance!.addresses,
          port: entrance!.port,
          network: exporting.network,
          locality,
          identities,
          ports,
          clusterDomain,
          byLabel: service.metadata.labels?.[exportLabel] === 'true' ? true : undefined,
        },
        notes: [
          ...(udp.length > 0 ? [`its UDP ports (${udp.join(', ')}) are not exported: no gateway passes them on`] : []),
          ...(behind.accounts.length > 0 && !behind.meshed
            ? ['none of its pods has a sidecar, so that none can answer mTLS']
            : []),
        ],
      })
  }
  return {offers, refusals}
}

type Reason = Pick<Refusal, 'reason' | 'hint'>

/** Services that have no name and no address of their own to stand for in another cluster. */
function unfitness(service: KubernetesObject, ports: number, udp: readonly number[]): Reason | undefined {
  const {type, clusterIP} = (service.spec ?? {}) as {type?: string; clusterIP?: string}
  if (type === 'ExternalName')
    return {
      reason: 'is of type ExternalName: there is nothing behind it here',
      hint: 'make a ServiceEntry for that host in the other clusters',
    }
  if (clusterIP === 'None')
    return {
      reason: "is headless: its pods are called one by one, and a gateway can't do that",
      hint: 'make a second Service with the same selector and a cluster IP, and export that',
    }
  if (ports > 0) return undefined
  return {
    reason: udp.length > 0 ? 'has UDP ports only, which no gateway passes on' : 'has no ports',
    hint: 'give it a TCP port',
  }
}

function nobodyBehind({namespace, name, cluster}: {namespace: string; name: string; cluster: string}): Reason {
  return {
    reason: 'has no pod behind it, so that nobody knows which identity the others are to accept',
    hint: `let it run in ${cluster} once (kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${name}), then export it`,
  }
}

function unexposed(
  exporting: ExportingCluster,
  {name, namespace}: {name: string; namespace: string},
  clusterDomain: string,
): Reason | undefined {
  const host = `${name}.${namespace}.svc.${clusterDomain}`
  if (exporting.gateways.some(gateway => exposes(gateway, host, namespace))) return undefined
  return {
    reason: `is not let through ${exporting.name}'s gateway: no Gateway of mode AUTO_PASSTHROUGH has ${host}`,
    hint: 'kubectl mesh federate --mode gateways, with an --expose that holds it or without --expose',
  }
}

function noEntrance({name, network, context}: ExportingCluster): Reason {
  return {
    reason: `can't be reached: ${name} has no gateway for its network ${network} with an address`,
    hint: `kubectl mesh federate --mode gateways, or: kubectl --context '${context}' get services -A -l topology.istio.io/network=${network}`,
  }
}

/** The east-west gateway as others reach it; undefined while none has an address. */
export function entranceOf(exporting: ExportingCluster): Entrance | undefined {
  const {network, networkGateways} = exporting
  const all = gatewaysInto({network, facts: {networkGateways}})
  const balanced = all.flatMap(service => addressesOf(service).map(address => ({address, port: gatewayPort(service)})))
  const found = balanced.length > 0 ? balanced : all.flatMap(service => nodeAccess(service, exporting.nodes ?? []))
  const port = found[0]?.port
  if (port === undefined) return undefined
  return {port, addresses: found.filter(one => one.port === port).map(({address}) => address)}
}

/** Label by which a gateway says that it listens elsewhere than on 15443 (istio.io/api label, 1.31). */
function gatewayPort({metadata}: KubernetesObject): number {
  return Number(metadata.labels?.['networking.istio.io/gatewayPort'] ?? 15443)
}

/** A NodePort gateway is reached at its nodes' external addresses, of those that its annotation selects (as istiod does). */
function nodeAccess(service: KubernetesObject, nodes: readonly KubernetesObject[]) {
  const {type, ports = []} = (service.spec ?? {}) as {type?: string; ports?: {port: number; nodePort?: number}[]}
  const nodePort = ports.find(({port}) => port === gatewayPort(service))?.nodePort
  if (type !== 'NodePort' || nodePort === undefined) return []
  const selector = service.metadata.annotations?.['traffic.istio.io/nodeSelector']
  const matchLabels = selector ? labelsIn(selector) : {}
  // istiod takes no node by one that it can't read
  if (!matchLabels) return []
  return nodes
    .filter(({metadata}) => fits({matchLabels}, metadata.labels ?? {}))
    .flatMap(({status}) => (status as {addresses?: {type: string; address: string}[]} | undefined)?.addresses ?? [])
    .filter(({type: kind}) => kind === 'ExternalIP')
    .map(({address}) => ({address, port: nodePort}))
}

function labelsIn(text: string): Record<string, string> | undefined {
  try {
    const labels: unknown = JSON.parse(text)
    return typeof labels === 'object' && labels !== null ? (labels as Record<string, string>) : undefined
  } catch {
    return undefined
  }
}

/** The part of `region/zone` that all nodes have in common: a service of the cluster is there at any rate. */
function localityOf(nodes: readonly KubernetesObject[]): string | undefined {
  const common = (label: string) => {
    const values = new Set(nodes.map(({metadata}) => metadata.labels?.[label]))
    return values.size === 1 ? [...values][0] : undefined
  }
  const region = common('topology.kubernetes.io/region')
  const zone = common('topology.kubernetes.io/zone')
  return region && zone ? `${region}/${zone}` : region
}

/** The accounts of pods and WorkloadEntries that a Service selects, and whether some of the pods have a sidecar. */
function workloadsBehind(service: KubernetesObject, {pods, workloadEntries}: ExportingCluster) {
  const {selector = {}} = (service.spec ?? {}) as {selector?: Record<string, string>}
  const isSelected = (object: KubernetesObject, labels: Record<string, string>) =>
    Object.keys(selector).length > 0 &&
    object.metadata.namespace === service.metadata.namespace &&
    fits({matchLabels: selector}, labels)
  const selected = pods.filter(pod => {
    const phase = (pod.status as {phase?: string} | undefined)?.phase
    const ended = phase === 'Succeeded' || phase === 'Failed' || pod.metadata.deletionTimestamp !== undefined
    return !ended && isSelected(pod, pod.metadata.labels ?? {})
  })
  const vms = workloadEntries.flatMap(entry => {
    const spec = (entry.spec ?? {}) as {labels?: Record<string, string>; serviceAccount?: string}
    const account = spec.serviceAccount
    return account && isSelected(entry, {...spec.labels, ...entry.metadata.labels}) ? [account] : []
  })
  const accounts = selected.map(pod => (pod.spec as {serviceAccountName?: string}).serviceAccountName || 'default')
  return {
    accounts: [...new Set([...accounts, ...vms])].sort(),
    // injection sets it; without it a proxy does not expect mTLS from the pod
    meshed: vms.length > 0 || selected.some(({metadata}) => metadata.labels?.['security.istio.io/tlsMode'] === 'istio'),
  }
}

/** SPIFFE ID of an account (istio pkg/spiffe, 1.31). */
function identityOf({controlPlane}: ExportingCluster, namespace: string, account: string): string {
  return `spiffe://${controlPlane?.trustDomain ?? 'cluster.local'}/ns/${namespace}/sa/${account}`
}
