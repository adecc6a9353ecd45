import {ApiError, type FieldConflict} from './errors.ts'
import type {ApiResponse} from './http.ts'
import {schemaMismatch} from './retry.ts'

/** A Status object (Kubernetes meta/v1). */
interface Status {
  reason?: string
  message?: string
  details: {causes: Cause[]}
}

interface Cause {
  reason?: string
  message?: string
  field?: string
}

/**
 * Returns the body of a successful response.
 *
 * @throws ApiError for any status of 300 or more. The 500 of an object that does not match its schema becomes 422.
 */
export function successBody(response: ApiResponse): object {
  if (response.status < 300 && response.body !== undefined) return response.body
  const message = messageOf(response)
  if (response.status === 500 && message.startsWith(schemaMismatch)) throw new ApiError(422, 'Invalid', message)
  throw new ApiError(response.status, statusOf(response)?.reason, message)
}

/** Returns the server's own error message, or one that names the HTTP status. */
export function messageOf(response: ApiResponse): string {
  return statusOf(response)?.message || `the API server responded with status ${response.status}`
}

/**
 * Returns the fields that other managers own, as listed in a 409 response to a server-side apply. Empty for all others.
 *
 * kube-apiserver reports one cause per field, with the message `conflict with "MANAGER" using v1`
 * (k8s.io/apimachinery, managedfields/internal/conflict.go).
 */
export function conflictsOf(response: ApiResponse): FieldConflict[] {
  if (response.status !== 409) return []
  return (statusOf(response)?.details.causes ?? [])
    .filter(cause => cause.reason === 'FieldManagerConflict')
    .map(({field = '', message = ''}) => ({
      field,
      manager: /^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1]?.replace(/\\(["\\])/g, '$1') ?? message,
    }))
}

/** Any server may send the body of an error: fields of another type are left out. */
function statusOf({body}: ApiResponse): Status | undefined {
  if (body === undefined) return undefined
  const {reason, message, details} = body as Record<string, unknown>
  const causes = (details as {causes?: unknown} | null | undefined)?.causes
  return {
    ...(typeof reason === 'string' ? {reason} : {}),
    ...(typeof message === 'string' ? {message} : {}),
    details: {causes: Array.isArray(causes) ? causes.filter(isCause) : []},
  }
}

function isCause(value: unknown): value is Cause {
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).every(field => typeof field === 'string')
}
