import {isDeepStrictEqual} from 'node:util'
import {partOfLabel} from '../kubernetes/applyset.ts'
import {managedByLabels} from '../kubernetes/labels.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {isManagedBy} from './managed.ts'

/**
 * API groups in which each list is one value: an additional field in an item changes its meaning (`resourceNames`
 * narrows a rule). Items of other lists (ports, containers) are merged one by one, and the server adds defaults to
 * them.
 */
const atomicListGroups = /^rbac\.authorization\.k8s\.io\/|\.istio\.io\//

/**
 * Returns whether an object that kubectl-mesh does not manage already has all desired values. Such an object is left
 * alone, so that a mesh that was set up by hand or with istioctl is adopted. Our own bookkeeping labels are not
 * required.
 */
export function alreadyMatches(desired: KubernetesObject, live: KubernetesObject, manager: string): boolean {
  if (isManagedBy(live, manager) || live.metadata.labels?.[partOfLabel]) return false
  const {metadata, apiVersion, ...fields} = desired
  const required = Object.entries(metadata.labels ?? {}).filter(
    ([key]) => !(key in managedByLabels) && key !== partOfLabel,
  )
  return (
    includes(live.metadata.labels ?? {}, Object.fromEntries(required)) &&
    includes(live.metadata.annotations ?? {}, metadata.annotations ?? {}) &&
    Object.keys(fields).every(key => includes(live[key], fields[key], atomicListGroups.test(apiVersion)))
  )
}

/** Returns whether `live` contains all of `desired`. Lists must have equal length, or be equal if they are atomic. */
function includes(live: unknown, desired: unknown, hasAtomicLists = false): boolean {
  if (desired === undefined) return true
  if (Array.isArray(desired)) return hasAtomicLists ? isDeepStrictEqual(live, desired) : includesItems(live, desired)
  if (typeof desired !== 'object' || desired === null) return live === desired
  if (typeof live !== 'object' || live === null) return Object.keys(desired).length === 0
  return Object.entries(desired).every(([key, value]) =>
    includes((live as Record<string, unknown>)[key], value, hasAtomicLists),
  )
}

function includesItems(live: unknown, desired: unknown[]): boolean {
  return (
    Array.isArray(live) && live.length === desired.length && desired.every((item, index) => includes(live[index], item))
  )
}
