import {isDeepStrictEqual} from 'node:util'
import {partOfLabel} from '../kubernetes/applyset.ts'
import {managedByLabels} from '../kubernetes/labels.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {isManagedBy} from './managed.ts'

/**
 * Whether an object that others made says already all that we want: it is then left alone, so that a mesh that was set
 * up by hand or by istioctl is adopted and not fought over. Our own bookkeeping labels are not asked for.
 */
export function alreadyMatches(desired: KubernetesObject, live: KubernetesObject, manager: string): boolean {
  if (isManagedBy(live, manager) || live.metadata.labels?.[partOfLabel]) return false
  const {labels = {}, annotations = {}} = desired.metadata
  const wanted = Object.entries(labels).filter(([key]) => !(key in managedByLabels) && key !== partOfLabel)
  return (
    holds(live.metadata.labels ?? {}, Object.fromEntries(wanted)) &&
    holds(live.metadata.annotations ?? {}, annotations) &&
    Object.keys(desired).every(
      key =>
        key === 'metadata' ||
        key === 'apiVersion' ||
        holds(live[key], desired[key], wholeLists.test(desired.apiVersion)),
    )
  )
}

/**
 * API groups whose lists are values as a whole, in which one more field means something else: `resourceNames` narrows a
 * rule. Items of other lists (ports, containers) are merged one by one, and the server fills in defaults.
 */
const wholeLists = /^rbac\.authorization\.k8s\.io\/|\.istio\.io\//

/** Whether `live` has everything that `wanted` has; lists must have the same length, or be the same where they are whole. */
function holds(live: unknown, wanted: unknown, whole = false): boolean {
  if (wanted === undefined) return true
  if (Array.isArray(wanted) && whole) return isDeepStrictEqual(live, wanted)
  if (Array.isArray(wanted))
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, at) => holds(live[at], item))
  if (typeof wanted !== 'object' || wanted === null) return live === wanted
  if (typeof live !== 'object' || live === null) return Object.keys(wanted).length === 0
  return Object.entries(wanted).every(([key, value]) => holds((live as Record<string, unknown>)[key], value, whole))
}
