import {isDeepStrictEqual} from 'node:util'
import {refusedError} from '../../errors.ts'

const zone = 'global'

/**
 * Sets the DNS servers for `.global` in the key `stubDomains` of kube-dns's ConfigMap: a JSON map of DNS servers by domain
 * (kubernetes.io, "Customizing DNS Service"). kube-dns can only forward.
 *
 * @param servers IP addresses of DNS servers that resolve the zone
 * @param before the servers that an earlier run set
 * @returns the same text if the servers are already set
 * @throws MeshError (exit 3) if the text is not a JSON map, or if other servers are set for the zone
 */
export function putStubDomain(text: string, servers: readonly string[], before: readonly string[]): string {
  const domains = readStubDomains(text)
  const current = domains[zone]
  if (isDeepStrictEqual(current, servers)) return text
  if (current !== undefined && !isDeepStrictEqual(current, before))
    throw refusedError(`kube-dns already forwards ${zone} to ${JSON.stringify(current)}`, 'remove that entry first')
  return JSON.stringify({...domains, [zone]: servers}, null, 2)
}

/**
 * Removes the DNS servers for `.global`, unless they were changed since they were set.
 *
 * @param before the servers that an earlier run set
 * @throws MeshError (exit 3) if the text is not a JSON map
 */
export function removeStubDomain(text: string, before: readonly string[]): string {
  const {[zone]: current, ...others} = readStubDomains(text)
  return isDeepStrictEqual(current, before) ? JSON.stringify(others, null, 2) : text
}

function readStubDomains(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw refusedError(
    'stubDomains in the ConfigMap of kube-dns is not a JSON map',
    'correct it first; nothing was changed',
  )
}
