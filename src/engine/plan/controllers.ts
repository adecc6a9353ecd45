import {keptByControllers} from '../kubernetes/controller-fields.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {ownersOf} from './managed.ts'

type Mapping = Record<string, unknown>

/** The values at the same path of the desired and of the live object. */
interface Place {
  desired: unknown
  live: unknown
  /** The path, in FieldsV1 keys. */
  fields: readonly string[]
}

/**
 * Returns the object to send so that fields which a controller writes keep their live values. Istiod, for example,
 * writes `failurePolicy` and `caBundle` of webhooks: sending the rendered values would reset them, or conflict.
 *
 * A field that `manager` still owns is sent with its live value, because an apply removes owned fields that it omits. A
 * field that only other managers own is not sent.
 */
export function leaveToControllers(
  desired: KubernetesObject,
  live: KubernetesObject,
  manager: string,
): KubernetesObject {
  const paths = keptByControllers[desired.kind]
  if (!paths) return desired
  const copy = structuredClone(desired)
  const owns = (fields: readonly string[]) => ownersOf(live, fields).includes(manager)
  for (const path of paths) leaveAt({desired: copy, live, fields: []}, path, owns)
  return copy
}

function leaveAt(place: Place, path: readonly string[], owns: (fields: readonly string[]) => boolean): void {
  const [key, ...rest] = path
  if (key === undefined) return
  if (key === '*') {
    for (const item of itemsAt(place)) leaveAt(item, rest, owns)
  } else if (isMapping(place.desired)) {
    if (rest.length > 0) leaveAt(childOf(place, key), rest, owns)
    else leaveField(place.desired, place.live, key, owns(childOf(place, key).fields))
  }
}

function leaveField(desired: Mapping, live: unknown, key: string, isOwned: boolean): void {
  if (!isMapping(live) || !(key in live)) return
  if (isOwned) desired[key] = live[key]
  else delete desired[key]
}

function childOf({desired, live, fields}: Place, key: string): Place {
  return {
    desired: isMapping(desired) ? desired[key] : undefined,
    live: isMapping(live) ? live[key] : undefined,
    fields: [...fields, `f:${key}`],
  }
}

/** Pairs the items of two lists by name, the merge key of webhooks (Kubernetes admissionregistration.k8s.io/v1). */
function itemsAt({desired, live, fields}: Place): Place[] {
  if (!Array.isArray(desired)) return []
  return (desired as {name: string}[]).flatMap(item => {
    const match = (live as {name: string}[] | undefined)?.find(({name}) => name === item.name)
    return match ? [{desired: item, live: match, fields: [...fields, `k:${JSON.stringify({name: item.name})}`]}] : []
  })
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
