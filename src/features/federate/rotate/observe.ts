import {setTimeout as sleep} from 'node:timers/promises'
import {ApiError, UnreachableError} from '../../../engine/cluster/errors.ts'
import {messageOf} from '../../../errors.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {clusterOf} from '../plan.ts'
import type {RotationFrame} from './frame.ts'
import {type Loss, lossSince, lossText, serviceOfHost, type TargetView, viewOf} from './istio-view.ts'
import type {Pair} from './pairs.ts'
import {type ReplicaPages, readReplicaPages, readUpdates} from './read-views.ts'

/** What a change of a credential is compared with. */
export interface Before {
  /** undefined if the cluster has no running istiod, so that there is nothing to observe. */
  baseline: TargetView | undefined
  /** Updates of remote Secrets that each istiod had received before the change, by pod. */
  updates: ReadonlyMap<string, number>
}

/** How long to observe. */
export interface Observation {
  /** How long istiod may take until everything is as before. */
  settleMs: number
  /** How long everything must then stay so. */
  holdMs: number
}

/**
 * How long istiod may take to sync. After 30 s (PILOT_REMOTE_CLUSTER_TIMEOUT), it counts a cluster as synced although it is not,
 * and may remove what it knew. The previous credential is restored before that.
 */
export const settleMs = 25_000

const pollMs = 2000

/** A single sample may fall into a push, or hit a connection that breaks. */
const toleratedSamples = 2

/**
 * Observes every istiod of the holder until it works with the new credential, and then for the time of the hold.
 *
 * @returns what an istiod has lost; undefined if nothing
 */
export async function observePair(
  pair: Pair,
  before: Before,
  frame: RotationFrame,
  {settleMs: settle, holdMs}: Observation,
): Promise<string | undefined> {
  if (!before.baseline) return undefined
  const begun = performance.now()
  let settled: number | undefined
  let bad = 0
  for (;;) {
    const loss = await sample(pair, before, frame)
    const now = performance.now()
    if (loss === undefined) {
      settled ??= now
      bad = 0
      if (now - settled >= holdMs) return undefined
    } else if (settled === undefined ? now - begun > settle : ++bad > toleratedSamples) return loss
    await sleep(pollMs, undefined, {signal: frame.run.signal}).catch(() => frame.run.signal.throwIfAborted())
  }
}

/** Returns what is wrong in any istiod of the holder now. */
async function sample(pair: Pair, before: Before, {settings}: RotationFrame): Promise<string | undefined> {
  const {holder} = pair
  try {
    const [replicas, updates] = await Promise.all([
      readReplicaPages(holder, settings.systemNamespace),
      readUpdates(holder, settings.systemNamespace),
    ])
    if (replicas.length === 0) return 'no istiod is ready'
    for (const replica of replicas) {
      const loss = await lossOf(pair, before.baseline!, replica)
      if (loss !== undefined) return loss
      const received = before.updates.get(replica.pod)
      if (received !== undefined && updates.get(replica.pod) === received)
        return `istiod ${replica.pod} has not received the new remote Secret`
    }
    return undefined
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError) return messageOf(error)
    throw error
  }
}

async function lossOf({target}: Pair, baseline: TargetView, replica: ReplicaPages): Promise<string | undefined> {
  if (!replica.pages) return `istiod ${replica.pod}: ${replica.error}`
  const loss = lossSince(baseline, viewOf(replica.pages, target.cluster))
  const real = loss && (await withoutScaledDown(loss, target))
  return real && `istiod ${replica.pod} ${lossText(real, target.cluster)}`
}

/** More hosts are not looked up: a lost cluster loses all of them. */
const maxLookups = 20

/** A Service that has fewer ready endpoints in its own cluster has lost nothing. */
async function withoutScaledDown(loss: Loss, target: MeshMember): Promise<Loss | undefined> {
  if (loss.status !== 'synced' || loss.gateways.length > 0) return loss
  const counted = await Promise.all(
    loss.hosts.slice(0, maxLookups).map(async entry => ({...entry, live: await readyEndpoints(entry.host, target)})),
  )
  const hosts = counted.filter(
    ({live, before, now}) => live === undefined || (live > now && (now === 0 || live >= before)),
  )
  return hosts.length > 0 ? {...loss, hosts} : undefined
}

/** The ready endpoints of a Service in its own cluster; undefined if they cannot be read. */
async function readyEndpoints(host: string, target: MeshMember): Promise<number | undefined> {
  const service = serviceOfHost(host)
  if (!service) return undefined
  const slices = await clusterOf(target).list(
    {apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice'},
    {namespace: service.namespace, labelSelector: `kubernetes.io/service-name=${service.name}`},
  )
  const endpoints = slices.flatMap(
    slice => (slice.endpoints ?? []) as {addresses?: string[]; conditions?: {ready?: boolean}}[],
  )
  return endpoints.filter(({conditions}) => conditions?.ready !== false).flatMap(({addresses = []}) => addresses).length
}
