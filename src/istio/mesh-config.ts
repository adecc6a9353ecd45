import {messageOf} from '../errors.ts'
import {isMap} from '../text/json.ts'
import {loadYaml} from '../text/yaml.ts'
import type {ServiceScope} from './ambient.ts'
import {isSelector, type LabelSelector} from './selectors.ts'

/** The fields of the mesh config that are used here (istio.io/api mesh/v1alpha1, MeshConfig, 1.24–1.31). */
export interface MeshConfig {
  rootNamespace?: string
  trustDomain?: string
  trustDomainAliases?: unknown[]
  caCertificates?: unknown[]
  defaultConfig?: {meshId?: string; proxyMetadata?: Record<string, unknown>}
  localityLbSetting?: Record<string, unknown>
  extensionProviders?: unknown[]
  discoverySelectors?: LabelSelector[]
  serviceScopeConfigs?: ServiceScope[]
}

/** The type of each field of `MeshConfig`, by path. A parent precedes its fields. */
const fieldTypes: readonly [path: string, expected: string, hasType: (value: unknown) => boolean][] = [
  ['rootNamespace', 'text', isText],
  ['trustDomain', 'text', isText],
  ['trustDomainAliases', 'a list', Array.isArray],
  ['caCertificates', 'a list', Array.isArray],
  ['defaultConfig', 'a map', isMap],
  ['defaultConfig.meshId', 'text', isText],
  ['defaultConfig.proxyMetadata', 'a map', isMap],
  ['localityLbSetting', 'a map', isMap],
  ['extensionProviders', 'a list', Array.isArray],
  ['discoverySelectors', 'a list of label selectors', value => Array.isArray(value) && value.every(isSelector)],
  ['serviceScopeConfigs', 'a list of maps', value => Array.isArray(value) && value.every(isMap)],
]

/**
 * Parses the mesh config. Returns an empty one for a text that is malformed, and leaves out fields with a wrong type,
 * because the check `mesh-config` reports them (`meshConfigProblems`).
 *
 * Threat: whoever can write the ConfigMap chooses the types. A text where code expects a list would end it with an error
 * that names no cause.
 *
 * @param text key `mesh` of ConfigMap `istio[-REV]`
 */
export function meshConfigOf(text: string): MeshConfig {
  const config: Record<string, unknown> = {...parsedMap(() => loadYaml(text))}
  if (isMap(config.defaultConfig)) config.defaultConfig = {...config.defaultConfig}
  for (const [path] of wrongFields(config)) {
    const [key, inner] = path.split('.') as [string, string?]
    if (inner === undefined) delete config[key]
    else delete (config[key] as Record<string, unknown>)[inner]
  }
  return config as MeshConfig
}

/** Fields of a parsed mesh config with a wrong type, in words: `discoverySelectors is not a list of label selectors`. */
export function meshConfigProblems(config: object): string[] {
  return wrongFields(config as Record<string, unknown>).map(([path, expected]) => `${path} is not ${expected}`)
}

/**
 * Why the text of a mesh config cannot be used, in words. Empty for a valid one.
 *
 * @param text key `mesh` of ConfigMap `istio[-REV]`
 */
export function meshTextProblems(text: string): string[] {
  // loadYaml throws for an empty text, which is a valid mesh config.
  if (text.trim() === '') return []
  try {
    const value = loadYaml(text)
    if (value === undefined || value === null) return []
    return isMap(value) ? meshConfigProblems(value) : ['it is not a map']
  } catch (error) {
    return messageOf(error).split('\n').slice(0, 1)
  }
}

function wrongFields(config: Record<string, unknown>): [path: string, expected: string][] {
  return fieldTypes.flatMap(([path, expected, hasType]): [string, string][] => {
    const [key, inner] = path.split('.') as [string, string?]
    const outer = config[key]
    const value = inner === undefined ? outer : isMap(outer) ? outer[inner] : undefined
    return value === undefined || value === null || hasType(value) ? [] : [[path, expected]]
  })
}

/** Trust domains that the mesh config names besides its own. Values with a wrong type are left out. */
export function trustDomainsOf({trustDomainAliases = [], caCertificates = []}: MeshConfig): {
  /** `trustDomainAliases`. */
  aliases: string[]
  /** `caCertificates[].trustDomains`. */
  ofCertificates: string[]
} {
  const lists = caCertificates.map(one => (isMap(one) ? one.trustDomains : undefined))
  return {aliases: trustDomainAliases.filter(isText), ofCertificates: lists.flat().filter(isText)}
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** The map that `parse` returns. Empty if it throws or returns anything else. */
export function parsedMap(parse: () => unknown): object {
  try {
    const value = parse()
    return isMap(value) ? value : {}
  } catch {
    return {}
  }
}
