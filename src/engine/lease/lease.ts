import type {KubernetesObject, ObjectRef} from '../kubernetes/object.ts'

/** The kind of a lease. Kubernetes serves it since 1.14. */
const kind = {apiVersion: 'coordination.k8s.io/v1', kind: 'Lease'}

/** Name of the lease that a run holds while it writes to a control plane. */
export const leaseName = 'kubectl-mesh'

/** The run that wrote the lease. A takeover by the same user on the same machine has another value. */
const runAnnotation = 'kubectl-mesh/run'
/** The machine and the process of the holder, so that a run on the same machine recognizes a holder that was killed. */
const processAnnotation = 'kubectl-mesh/process'

/** How long a lease is valid after its last renewal, in seconds. */
export const leaseSeconds = 30

/** A lease is renewed three times before it would expire. */
export const renewMs = 10_000

/** The holder of a lease. */
export interface Holder {
  /** Identifies the run. */
  run: string
  /** Who it is, for messages: `jane@laptop, kubectl mesh federate, process 4711`. */
  identity: string
  process: HolderProcess
}

/** A process. */
export interface HolderProcess {
  /** Identifies the machine since its start, and the set of processes that see each other. Undefined if it is unknown. */
  machine: string | undefined
  pid: number
}

/** A lease as it was read. Anyone with the permission to write leases can write it, so its texts are not trusted. */
export interface FoundLease {
  uid: string
  version: string
  run: string | undefined
  identity: string
  process: HolderProcess | undefined
  /** Undefined if the lease has no valid time. */
  since: Date | undefined
  /** When it expires unless the holder renews it. A lease without a valid time has expired. */
  expires: Date
}

/** Returns where the lease of a control plane is. */
export function leaseRef(namespace: string): ObjectRef {
  return {...kind, namespace, name: leaseName}
}

/** Returns a new lease. Times have microseconds (Kubernetes API, `MicroTime`). */
export function buildLease(namespace: string, {run, identity, process}: Holder, now: Date): KubernetesObject {
  const at = microTime(now)
  const place: Record<string, string> =
    process.machine === undefined ? {} : {[processAnnotation]: `${process.machine}/${process.pid}`}
  return {
    ...kind,
    metadata: {name: leaseName, namespace, annotations: {[runAnnotation]: run, ...place}},
    spec: {holderIdentity: identity, leaseDurationSeconds: leaseSeconds, acquireTime: at, renewTime: at},
  }
}

/** Returns a merge patch that renews a lease. The server rejects it if another lease has replaced this one. */
export function buildRenewal(uid: string, now: Date): object {
  return {metadata: {uid}, spec: {renewTime: microTime(now)}}
}

function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z')
}

/** Returns what a lease contains. */
export function readLease({metadata, spec}: KubernetesObject): FoundLease {
  const {holderIdentity, leaseDurationSeconds, acquireTime, renewTime} = (spec ?? {}) as Record<string, unknown>
  const renewed = timeIn(renewTime) ?? timeIn(acquireTime)
  const seconds = typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds : leaseSeconds
  return {
    uid: metadata.uid ?? '',
    version: metadata.resourceVersion ?? '',
    ...readAnnotations(metadata.annotations ?? {}),
    identity: typeof holderIdentity === 'string' && holderIdentity !== '' ? holderIdentity : 'an unknown holder',
    since: timeIn(acquireTime),
    expires: new Date((renewed?.getTime() ?? 0) + seconds * 1000),
  }
}

function readAnnotations(annotations: Readonly<Record<string, string>>): Pick<FoundLease, 'run' | 'process'> {
  const [, machine, pid] = annotations[processAnnotation]?.match(/^([0-9a-f]{16})\/(\d{1,10})$/) ?? []
  return {run: annotations[runAnnotation], process: pid === undefined ? undefined : {machine, pid: Number(pid)}}
}

function timeIn(value: unknown): Date | undefined {
  const time = typeof value === 'string' ? new Date(value) : undefined
  return time && !Number.isNaN(time.getTime()) ? time : undefined
}
