import {loadYaml} from '../text/yaml.ts'
import type {LabelSelector} from './selectors.ts'

/** The fields of the mesh config that are used here (istio.io/api mesh/v1alpha1, MeshConfig, 1.24–1.31). */
export interface MeshConfig {
  rootNamespace?: string
  trustDomain?: string
  defaultConfig?: {meshId?: string; proxyMetadata?: Record<string, unknown>}
  localityLbSetting?: Record<string, unknown>
  extensionProviders?: unknown[]
  discoverySelectors?: LabelSelector[]
}

/**
 * Parses the mesh config. Returns an empty one for a text that is malformed, because the check `mesh-config` reports that.
 *
 * @param text key `mesh` of ConfigMap `istio[-REV]`
 */
export function meshConfigOf(text: string): MeshConfig {
  return parsedMap(() => loadYaml(text)) as MeshConfig
}

/** The map that `parse` returns. Empty if it throws or returns anything else. */
export function parsedMap(parse: () => unknown): object {
  try {
    const value = parse()
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}
