import type {ObjectKind} from '../../../engine/kubernetes/object.ts'

// Kubernetes API discovery: `/api`, `/apis` and one list of resources per version (Kubernetes documentation, "Kubernetes API
// concepts"). The answers are untrusted: an aggregated API server may return anything.

/** Returns the versions of the core group: `v1`. */
export function coreVersions(answer: unknown): string[] {
  return textsOf((answer as {versions?: unknown} | undefined)?.versions)
}

/** Returns all `GROUP/VERSION` in an answer of `/apis`, the preferred version of each group first. */
export function groupVersions(answer: unknown): string[] {
  return recordsOf((answer as {groups?: unknown} | undefined)?.groups).flatMap(({preferredVersion, versions}) => {
    const all = [preferredVersion, ...recordsOf(versions)].map(each => (each as {groupVersion?: unknown})?.groupVersion)
    return [...new Set(textsOf(all))]
  })
}

/** A kind and the name of its resource. */
export interface ListedKind extends ObjectKind {
  resource: string
}

/** Returns the kinds of a version that are in namespaces and can be listed. */
export function listableKinds(apiVersion: string, answer: unknown): ListedKind[] {
  return recordsOf((answer as {resources?: unknown} | undefined)?.resources).flatMap(resource => {
    const {name, kind, namespaced, verbs} = resource
    if (typeof name !== 'string' || typeof kind !== 'string' || name.includes('/')) return []
    return namespaced === true && textsOf(verbs).includes('list') ? [{apiVersion, kind, resource: name}] : []
  })
}

function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'object' && each !== null) : []
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : []
}
