import type {LabelSelector} from '../../istio/selectors.ts'
import {environmentProblem, kindOf} from './bundle/environment.ts'

/** The values of a mesh config that a machine outside the cluster needs. */
interface VmMeshConfig {
  defaultConfig: Record<string, unknown>
  discoverySelectors: LabelSelector[]
  /** Values with a wrong type, as messages. They are left out. */
  invalid: string[]
}

/** The fields of `defaultConfig` that files for a machine contain, and their types (istio.io/api mesh/v1alpha1 ProxyConfig). */
const fieldTypes: Record<string, 'string' | 'number'> = {
  discoveryAddress: 'string',
  meshId: 'string',
  statusPort: 'number',
}

/**
 * Reads the parsed mesh config. The text comes from a cluster, so nothing is assumed about its types.
 *
 * @param config the value of the YAML
 */
export function readMeshConfig(config: Record<string, unknown>): VmMeshConfig {
  const invalid: string[] = []
  const defaultConfig = mapAt('defaultConfig', config.defaultConfig, invalid)
  for (const [key, type] of Object.entries(fieldTypes)) {
    const value = defaultConfig[key]
    if (value === undefined || value === null || typeof value === type) continue
    invalid.push(`defaultConfig.${key} is ${kindOf(value)}; expected ${type === 'string' ? 'text' : 'a number'}`)
  }
  const metadata = mapAt('defaultConfig.proxyMetadata', defaultConfig.proxyMetadata, invalid)
  for (const [key, value] of Object.entries(metadata)) {
    const problem = environmentProblem('defaultConfig.proxyMetadata', key, value)
    if (problem !== undefined) invalid.push(problem)
  }
  for (const key of ['trustDomain', 'rootNamespace'])
    if (config[key] !== undefined && typeof config[key] !== 'string')
      invalid.push(`${key} is ${kindOf(config[key])}; expected text`)
  return {defaultConfig, discoverySelectors: selectorsIn(config.discoverySelectors, invalid), invalid}
}

function mapAt(path: string, value: unknown, invalid: string[]): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  invalid.push(`${path} is ${kindOf(value)}; expected a map`)
  return {}
}

function selectorsIn(value: unknown, invalid: string[]): LabelSelector[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every(isSelector)) return value
  invalid.push('discoverySelectors is not a list of label selectors')
  return []
}

function isSelector(value: unknown): value is LabelSelector {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const {matchLabels = {}, matchExpressions = []} = value as {matchLabels?: unknown; matchExpressions?: unknown}
  return (
    typeof matchLabels === 'object' &&
    matchLabels !== null &&
    Array.isArray(matchExpressions) &&
    matchExpressions.every(isRequirement)
  )
}

function isRequirement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const {key, values = []} = value as {key?: unknown; values?: unknown}
  return typeof key === 'string' && Array.isArray(values)
}
