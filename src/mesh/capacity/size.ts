import type {MeshSize} from './istio-needs.ts'
import type {RequestedSize} from './spec.ts'

/**
 * Returns the size for which a forecast is made. All clusters have the same number of pods.
 *
 * @param today the size now; without `endpoints` if not all clusters could be counted
 * @returns undefined if the number of endpoints is neither requested nor known
 */
export function requestedSize(
  requested: RequestedSize,
  today: {clusters: number; endpoints: number | undefined},
): MeshSize | undefined {
  const clusters = requested.clusters ?? today.clusters
  const each = today.endpoints === undefined ? undefined : today.endpoints / Math.max(today.clusters, 1)
  const endpoints = requested.endpoints ?? (each === undefined ? undefined : Math.round(each * clusters))
  return endpoints === undefined ? undefined : {clusters, endpoints, largest: Math.ceil(endpoints / clusters)}
}
