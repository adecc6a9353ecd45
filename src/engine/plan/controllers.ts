import {keptByControllers} from '../kubernetes/controller-fields.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {ownersOf} from './managed.ts'

/**
 * What to send of an object that is live, so that a field which a controller has taken over is left to it: istiod writes
 * `failurePolicy` and `caBundle` of webhooks, and an apply of what was rendered would set them back, or conflict. A field
 * that is still ours keeps its live value, since what an apply leaves out it removes; one of others is not sent.
 */
export function leaveToControllers(
  desired: KubernetesObject,
  live: KubernetesObject,
  manager: string,
): KubernetesObject {
  const paths = keptByControllers[desired.kind]
  if (!paths) return desired
  const copy = structuredClone(desired)
  for (const path of paths) leave(copy, live, path, [], live, manager)
  return copy
}

function leave(
  at: unknown,
  liveAt: unknown,
  path: readonly string[],
  fields: readonly string[],
  live: KubernetesObject,
  manager: string,
): void {
  const [key, ...rest] = path
  if (!isMap(at) && !Array.isArray(at)) return
  if (key === '*') {
    // lists of webhooks are merged by name (Kubernetes admissionregistration/v1)
    for (const item of at as {name: string}[]) {
      const twin = (liveAt as {name: string}[] | undefined)?.find(({name}) => name === item.name)
      if (twin) leave(item, twin, rest, [...fields, `k:${JSON.stringify({name: item.name})}`], live, manager)
    }
  } else if (rest.length > 0) {
    leave((at as Map)[key!], (liveAt as Map | undefined)?.[key!], rest, [...fields, `f:${key}`], live, manager)
  } else if (isMap(at) && isMap(liveAt) && key! in liveAt) {
    if (ownersOf(live, [...fields, `f:${key}`]).includes(manager)) at[key!] = liveAt[key!]
    else delete at[key!]
  }
}

type Map = Record<string, unknown>

function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
