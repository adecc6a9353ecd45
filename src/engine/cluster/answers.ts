import {isMap} from '../../text/json.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {UnreachableError} from './errors.ts'

/** A page of a list of objects. */
export interface Page {
  items: KubernetesObject[]
  /** Where the next page continues; undefined on the last one. */
  next: string | undefined
}

/** The sum of all pages of a list. */
export interface ListSize {
  items: number
  pages: number
  bytes: number
}

/** A mesh of 100,000 pods is far above what Istio is tested with. */
const maxItems = 250_000
/** A server that returns short or empty pages without end is stopped here. */
const maxPages = 5000
const maxBytes = 512 * 1024 * 1024

/**
 * Rejects a list that grows beyond all limits.
 *
 * Threat: a server that always returns another page would otherwise exhaust the memory or never end.
 *
 * @param what path of the list, for the message
 * @throws UnreachableError
 */
export function checkListSize({items, pages, bytes}: ListSize, context: string, what: string): void {
  const exceeded =
    (items > maxItems && `more than ${maxItems} objects`) ||
    (pages > maxPages && `more than ${maxPages} pages`) ||
    (bytes > maxBytes && `more than ${maxBytes} bytes`)
  if (exceeded) throw invalidAnswer(context, `the list ${what} has ${exceeded}; kubectl mesh reads no longer lists`)
}

/**
 * Returns the body of a response as an object of Kubernetes.
 *
 * Threat: the address in a kubeconfig may belong to a hostile server or to a proxy. All code above relies on
 * `metadata.name` and on the types of the other fields of `metadata`.
 *
 * @throws UnreachableError
 */
export function objectIn(body: object, context: string): KubernetesObject {
  if (isObject(body)) return body
  throw invalidAnswer(context, 'the API server responded with JSON that is not a Kubernetes object')
}

/**
 * Returns the body of a response as a page of a list. In a list, a missing `items` is an empty page.
 *
 * Threat: a program between here and the API server responds with something else, such as a Status. As an empty list, it
 * would mean that there is nothing to keep.
 *
 * @throws UnreachableError
 */
export function pageIn(body: object, context: string): Page {
  const {kind, items, metadata} = body as {kind?: unknown; items?: unknown; metadata?: unknown}
  const isList = typeof kind === 'string' && kind.endsWith('List')
  const found: unknown = isMissing(items) && isList ? [] : items
  if (!(Array.isArray(found) && found.every(isObject)))
    throw invalidAnswer(context, 'the API server responded with JSON that is not a list of objects')
  const next = isMap(metadata) ? metadata.continue : undefined
  return {items: found, next: typeof next === 'string' && next !== '' ? next : undefined}
}

function isObject(value: unknown): value is KubernetesObject {
  if (!isMap(value) || !isMap(value.metadata)) return false
  const {name, labels, annotations, ownerReferences, managedFields} = value.metadata
  return (
    typeof name === 'string' &&
    [labels, annotations].every(field => isMissing(field) || isMap(field)) &&
    [ownerReferences, managedFields].every(field => isMissing(field) || Array.isArray(field))
  )
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null
}

function invalidAnswer(context: string, problem: string): UnreachableError {
  return new UnreachableError(context, `context "${context}": ${problem}`)
}
