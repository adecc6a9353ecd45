import {meshConfigOf, meshTextProblems} from '../../istio/mesh-config.ts'
import type {LabelSelector} from '../../istio/selectors.ts'
import {environmentProblem, kindOf} from './bundle/environment.ts'

/** The values of a mesh config that a machine outside the cluster needs. */
interface VmMeshConfig {
  defaultConfig: Record<string, unknown>
  discoverySelectors: LabelSelector[]
  /** Why no bundle can be created from it, as messages. */
  invalid: string[]
}

/** The other fields of `defaultConfig` that files for a machine contain, and their types (istio.io/api mesh/v1alpha1 ProxyConfig). */
const fieldTypes: Record<string, 'string' | 'number'> = {discoveryAddress: 'string', statusPort: 'number'}

/**
 * Reads the mesh config. The text comes from a cluster, so nothing is assumed about its types.
 *
 * @param text key `mesh` of ConfigMap `istio[-REV]`
 */
export function readMeshConfig(text: string): VmMeshConfig {
  const {defaultConfig, discoverySelectors} = meshConfigOf(text)
  const fields: Record<string, unknown> = {...defaultConfig}
  const wrong = Object.entries(fieldTypes).flatMap(([key, type]) => {
    const value = fields[key]
    if (value === undefined || value === null || typeof value === type) return []
    return [`defaultConfig.${key} is ${kindOf(value)}; expected ${type === 'string' ? 'text' : 'a number'}`]
  })
  const metadata = Object.entries(defaultConfig?.proxyMetadata ?? {}).flatMap(
    ([key, value]) => environmentProblem('defaultConfig.proxyMetadata', key, value) ?? [],
  )
  const invalid = [...meshTextProblems(text), ...wrong, ...metadata]
  return {defaultConfig: fields, discoverySelectors: discoverySelectors ?? [], invalid}
}
