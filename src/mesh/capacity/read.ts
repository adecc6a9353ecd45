import type {Cluster} from '../../engine/cluster/cluster.ts'
import {ApiError, UnreachableError} from '../../engine/cluster/errors.ts'
import type {MeshMember} from '../members.ts'
import {readGatewaysRecord} from '../record.ts'
import {credentialsIn, isBundle} from '../remote-secrets.ts'
import {type Forecast, forecastOf, type MeshAccess} from './istio-needs.ts'
import {requestedSize} from './size.ts'
import type {RequestedSize} from './spec.ts'

/** The forecasts of a mesh. */
export interface Forecasts {
  /** Undefined if not all clusters could be counted. */
  now: Forecast | undefined
  /** For `--at`. */
  at?: Forecast
  /** There is no forecast for `--at`: it does not set the endpoints, and not all clusters could be counted. */
  atIsUnknown?: boolean
  /** Names of the clusters whose pods could not be counted. */
  uncounted: readonly string[]
}

/**
 * Counts the pods of all clusters, with one request to each, and forecasts what the mesh needs.
 *
 * @param at another size
 */
export async function readForecasts(members: readonly MeshMember[], at: RequestedSize | undefined): Promise<Forecasts> {
  const counts = await Promise.all(
    members.map(async ({cluster, facts}) => ({cluster, pods: facts && (await countPods(facts.cluster))})),
  )
  const pods = counts.map(one => one.pods)
  const uncounted = counts.filter(one => one.pods === undefined).map(({cluster}) => cluster)
  const known = pods.filter(count => count !== undefined)
  const size = {
    clusters: members.length,
    endpoints: known.reduce((sum, count) => sum + count, 0),
    largest: Math.max(0, ...known),
  }
  const access = accessOf(members)
  const isComplete = uncounted.length === 0
  const requested = at && requestedSize(at, isComplete ? size : {...size, endpoints: undefined})
  return {
    now: isComplete ? forecastOf(size, access) : undefined,
    ...(requested ? {at: forecastOf(requested, accessAt(access, members.length, requested.clusters))} : {}),
    ...(at && !requested ? {atIsUnknown: true} : {}),
    uncounted,
  }
}

/** A page with one pod contains the number of all others. Undefined if the user may not list pods in all namespaces. */
async function countPods(cluster: Cluster): Promise<number | undefined> {
  try {
    const page = await cluster.read('/api/v1/pods?limit=1')
    const {items, metadata} = page as {items?: unknown; metadata?: {remainingItemCount?: unknown}}
    if (!Array.isArray(items)) return undefined
    const more = Number(metadata?.remainingItemCount ?? 0)
    return Number.isSafeInteger(more) && more >= 0 ? items.length + more : undefined
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError) return undefined
    throw error
  }
}

function accessOf(members: readonly MeshMember[]): MeshAccess {
  const facts = members.flatMap(member => member.facts ?? [])
  const istiods = members.filter(({primary}) => primary === undefined).length
  if (facts.some(({record}) => readGatewaysRecord(record))) return {credentials: 'none', istiods}
  const bundled = facts.flatMap(credentialsIn).some(({secret}) => isBundle(secret))
  return {credentials: bundled ? 'bundled' : 'per-peer', istiods}
}

/** At another size, either all clusters have an istiod or as many as today. */
function accessAt(access: MeshAccess, before: number, after: number): MeshAccess {
  return access.istiods === before ? {...access, istiods: after} : access
}
