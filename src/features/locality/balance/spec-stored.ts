import {createHash} from 'node:crypto'
import type {RawSpec} from '../../../spec/read.ts'
import type {LocalitySetting} from '../istio-serve.ts'
import type {localityBalanceFields} from './spec.ts'
import {formatDistribution} from './spec-distribute.ts'

/** The longest key of a ConfigMap (Kubernetes API, ConfigMap `data`). */
const longestKey = 253

/** Key of a host's stored settings. A host in a long cluster domain has a hash instead. */
export function settingsKeyOf(host: string): string {
  return host.length <= longestKey ? host : createHash('sha256').update(host).digest('hex')
}

/** No host begins with an underscore. */
const meshWidePrefix = '_mesh-wide.'

/** Key of the mesh-wide setting of a control plane, with the former one, in the stored settings. */
export function meshWideKeyOf({revision}: {revision: string | undefined}): string {
  return `${meshWidePrefix}${revision ?? 'default'}`
}

/** Returns the revision in a key of `meshWideKeyOf`: `default` without one. Undefined for the key of a host. */
export function revisionInKey(key: string): string | undefined {
  return key.startsWith(meshWidePrefix) ? key.slice(meshWidePrefix.length) : undefined
}

/**
 * The `localityLbSetting` of the mesh config as input, so that a later run adds to it. Parts with another type than Istio's are
 * left out.
 */
export function rawOfSetting(setting: Readonly<Record<string, unknown>> = {}): RawSpec<typeof localityBalanceFields> {
  const {failover, failoverPriority, distribute} = setting as LocalitySetting
  const pairs = listOf(failover).map(({from, to}): [string, string] => [String(from), String(to)])
  const labels = Array.isArray(failoverPriority) ? failoverPriority.map(String) : []
  const distributions = listOf(distribute).filter(({to}) => typeof to === 'object' && to !== null)
  return {
    ...(pairs.length > 0 ? {failover: Object.fromEntries(pairs)} : {}),
    ...(labels.length > 0 ? {failoverPriority: labels} : {}),
    ...(distributions.length > 0 ? {distribute: distributions.map(formatDistribution)} : {}),
  }
}

function listOf<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'object' && item !== null) : []
}
