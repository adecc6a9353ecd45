import {isDeepStrictEqual} from 'node:util'
import {refusedError} from '../../errors.ts'

/**
 * Edits of DNS configuration other than a Corefile, for names under `.global`. Pure; the same text when there is nothing
 * to do; MeshError (exit 3) where others have spoken for the zone already.
 */

const zone = 'global'

/**
 * kube-dns: `stubDomains` of its ConfigMap, JSON of DNS servers by domain (kubernetes.io, "Customizing DNS Service").
 * It can only forward.
 *
 * @param servers IP addresses of DNS servers that answer for the zone
 * @param before what an earlier run of ours put there
 */
export function putStubDomain(text: string, servers: readonly string[], before: readonly string[]): string {
  const domains = readStubDomains(text)
  const there = domains[zone]
  if (isDeepStrictEqual(there, servers)) return text
  if (there !== undefined && !isDeepStrictEqual(there, before))
    throw refusedError(`kube-dns forwards ${zone} to ${JSON.stringify(there)} already`, 'take that out first')
  return JSON.stringify({...domains, [zone]: servers}, null, 2)
}

/** Takes the zone out again, if it is what we put there. */
export function removeStubDomain(text: string, before: readonly string[]): string {
  const {[zone]: there, ...others} = readStubDomains(text)
  return isDeepStrictEqual(there, before) ? JSON.stringify(others, null, 2) : text
}

function readStubDomains(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw refusedError("stubDomains of kube-dns's ConfigMap is not a JSON map", 'put it right first; nothing was written')
}

const first = '# written by kubectl mesh: what is changed from here on is lost on its next run'
const last = '# end of what kubectl mesh wrote'
const part = new RegExp(`^${first}\\n[\\s\\S]*?^${last}(\\n|$)`, 'm')

/**
 * dnsmasq: a part of its configuration between two comments, with a line a name; other names of the zone do not exist
 * (dnsmasq(8), `host-record` and `local`). dnsmasq reads it when it starts.
 *
 * @param names IP addresses by host name
 */
export function putDnsmasqPart(text: string, names: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, addresses]) => `host-record=${[name, ...addresses].join(',')}`)
  const wanted = [first, `local=/${zone}/`, ...lines, last].join('\n')
  const rest = removeDnsmasqPart(text)
  const taken = rest.split('\n').find(line => /^\s*(server|local|address)\s*=\s*\/([^/]*\/)*global\//.test(line))
  if (taken) throw refusedError(`dnsmasq has a line for ${zone} already: ${taken.trim()}`, 'take it out first')
  if (part.test(text)) return text.replace(part, (_, end: string) => wanted + end)
  return text === '' || text.endsWith('\n') ? `${text}${wanted}\n` : `${text}\n${wanted}`
}

/** Takes our part out again. */
export function removeDnsmasqPart(text: string): string {
  const found = part.exec(text)
  if (!found) return text
  const before = text.slice(0, found.index)
  return (found[1] === '' ? before.replace(/\n$/, '') : before) + text.slice(found.index + found[0].length)
}
