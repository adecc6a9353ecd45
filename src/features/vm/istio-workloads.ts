import {isIPv6} from 'node:net'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** Port of istiod for xDS and certificates over TLS. */
export const istiodPort = 15012

/** The spec of a WorkloadEntry. The template of a WorkloadGroup has the same fields except the address. */
export interface EntrySpec {
  address?: string
  labels?: Record<string, string>
  network?: string
  locality?: string
  serviceAccount?: string
  weight?: number
  ports?: Record<string, number>
}

/** The spec of a WorkloadEntry. */
export function entrySpecOf(entry: KubernetesObject): EntrySpec {
  return (entry.spec ?? {}) as EntrySpec
}

/** The template of a WorkloadGroup together with its labels, in the form of an entry. */
export function templateOf(group: KubernetesObject): EntrySpec {
  const spec = group.spec as {metadata?: {labels?: Record<string, string>}; template?: EntrySpec} | undefined
  return {...spec?.template, labels: {...spec?.template?.labels, ...spec?.metadata?.labels}}
}

/** Name of the WorkloadGroup through which a machine registered this entry (annotation set by istiod, 1.31). */
export function groupOfEntry(entry: KubernetesObject): string | undefined {
  return entry.metadata.annotations?.['istio.io/autoRegistrationGroup']
}

/** What istiod records about the machine behind a WorkloadEntry. */
export interface EntryStatus {
  /** Result of the readiness probe; `unknown` without a probe. */
  health: 'healthy' | 'unhealthy' | 'unknown'
  /** The machine is connected to istiod. Undefined where istiod does not record it: for an entry without a probe. */
  connected: boolean | undefined
  /** When the machine connected, or disconnected. */
  since: Date | undefined
  /** The istiod pod that the machine is, or was last, connected to. */
  controlPlane: string | undefined
}

/** Reads the annotations `istio.io/…` and the condition `Healthy` of an entry (istio pilot/pkg/autoregistration, 1.31). */
export function entryStatusOf(entry: KubernetesObject): EntryStatus {
  const annotations = entry.metadata.annotations ?? {}
  const connectedAt = dateOf(annotations['istio.io/connectedAt'])
  const disconnectedAt = dateOf(annotations['istio.io/disconnectedAt'])
  return {
    health: healthOf(entry),
    connected: connectedAt ? true : disconnectedAt ? false : undefined,
    since: connectedAt ?? disconnectedAt,
    controlPlane: annotations['istio.io/workloadController'],
  }
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? undefined : date
}

function healthOf(entry: KubernetesObject): EntryStatus['health'] {
  const status = entry.status as {conditions?: {type?: string; status?: string}[]} | undefined
  const condition = status?.conditions?.find(({type}) => type === 'Healthy')
  if (condition === undefined) return 'unknown'
  return condition.status === 'True' ? 'healthy' : 'unhealthy'
}

/** Whether a WorkloadEntry has this address in this network. */
export function hasAddress(entry: KubernetesObject, address: string, network: string | undefined): boolean {
  const spec = entrySpecOf(entry)
  return canonicalIp(spec.address ?? '') === canonicalIp(address) && (spec.network ?? '') === (network ?? '')
}

/** An IP address in the form in which Go prints it (RFC 5952), so that equal addresses have equal texts. */
export function canonicalIp(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** The labels that a Service or a ServiceEntry selects workloads by. Undefined when it has no selector. */
export function selectorIn(object: KubernetesObject): Record<string, string> | undefined {
  const {selector, workloadSelector} = object.spec as {
    selector?: Record<string, string>
    workloadSelector?: {labels?: Record<string, string>}
  }
  return object.kind === 'Service' ? selector : workloadSelector?.labels
}

/** A port of a Service (`port`) or a ServiceEntry (`number`). */
export interface ServicePort {
  name: string
  number: number | undefined
  /** Port of the workload; a name refers to a container port. */
  targetPort: number | string | undefined
}

/** The ports of a Service or a ServiceEntry. */
export function portsIn(object: KubernetesObject): ServicePort[] {
  const {ports = []} = (object.spec ?? {}) as {
    ports?: {name?: string; port?: number; number?: number; targetPort?: number | string}[]
  }
  return ports.map(({name = '', port, number, targetPort}) => ({name, number: port ?? number, targetPort}))
}
