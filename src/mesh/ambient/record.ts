import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {settingsKey} from '../../spec/settings.ts'
import {parseJson} from '../../text/json.ts'

/** The workloads that reach each other across clusters. */
export const dataPlanes = ['sidecar', 'ambient', 'both'] as const

/** Pods with a sidecar, pods in ambient mode, or both. */
export type DataPlane = (typeof dataPlanes)[number]

/** Returns the data plane in the record of a federation; `sidecar` if it has none. */
export function recordedDataPlane(record: KubernetesObject | undefined): DataPlane {
  const settings = parseJson((record?.data as Record<string, string> | undefined)?.[settingsKey] ?? '')
  const {dataPlane} = (settings ?? {}) as {dataPlane?: unknown}
  return dataPlanes.find(one => one === dataPlane) ?? 'sidecar'
}

/** Returns the data plane with which clusters joined: runs write the same to all records, and one may have been interrupted. */
export function joinedDataPlane(all: readonly {record: KubernetesObject | undefined}[]): DataPlane {
  const known = new Set(all.flatMap(({record}) => (record ? [recordedDataPlane(record)] : [])))
  if (known.has('both') || known.size > 1) return 'both'
  return known.has('ambient') ? 'ambient' : 'sidecar'
}
