import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'

/** Key in the record of a VM. The token itself is never stored. */
const expiryKey = 'token-expires'

/** The part of a record's data that stores when the token that was issued last expires. */
export function tokenExpiryData(expires: Date): Record<string, string> {
  return {[expiryKey]: expires.toISOString()}
}

/**
 * When the token that was issued last expires. Undefined if the record does not store it: an earlier version wrote it, or no files
 * have been written.
 */
export function tokenExpiryOf({data}: KubernetesObject): Date | undefined {
  const date = new Date((data as Record<string, string> | undefined)?.[expiryKey] ?? '')
  return Number.isNaN(date.getTime()) ? undefined : date
}
