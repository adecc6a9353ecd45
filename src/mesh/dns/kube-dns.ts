import {isDeepStrictEqual} from 'node:util'
import {refusedError} from '../../errors.ts'
import {ipAddress} from '../../spec/texts.ts'
import {parseJson} from '../../text/json.ts'
import {type JsonMember, jsonMembers} from './json-members.ts'
import {checkLength, onlyManagedPart, zone} from './names.ts'

const what = 'stubDomains of kube-dns'

/**
 * Sets the DNS servers for `.global` in the key `stubDomains` of kube-dns's ConfigMap: a JSON map of DNS servers by domain
 * (kubernetes.io, "Customizing DNS Service"). kube-dns can only forward. The rest of the text remains byte for byte.
 *
 * @param servers IP addresses of DNS servers that resolve the zone
 * @param before the servers that an earlier run set
 * @returns the same text if the servers are already set
 * @throws MeshError (exit 3) if the text is not a JSON map, if other servers are set for the zone, or for an invalid address
 */
export function putStubDomain(text: string, servers: readonly string[], before: readonly string[]): string {
  const invalid = servers.find(server => ipAddress(server) !== undefined)
  if (invalid !== undefined)
    throw refusedError(
      `--dns-forward ${JSON.stringify(invalid)} is not an IP address`,
      'federate again with --dns-forward',
    )
  const {value, member} = readStubDomains(text)
  if (isDeepStrictEqual(value, servers)) return text
  if (value !== undefined && !isDeepStrictEqual(value, before))
    throw refusedError(`kube-dns already forwards ${zone} to ${valueInShort(text, member!)}`, 'remove that entry first')
  const edited = withServers(text, JSON.stringify(servers), member)
  const rest = {before: removeStubDomain(text, before) ?? '', after: removeStubDomain(edited, servers) ?? ''}
  return onlyManagedPart(edited, rest, what)
}

/**
 * Removes the DNS servers for `.global`, unless they were changed since they were set.
 *
 * @param before the servers that an earlier run set
 * @returns undefined if nothing else is set: kube-dns rejects an empty text
 * @throws MeshError (exit 3) if the text is not a JSON map
 */
export function removeStubDomain(text: string, before: readonly string[]): string | undefined {
  const {value, member} = readStubDomains(text)
  if (!member || !isDeepStrictEqual(value, before)) return text
  const [start, end] = [text.indexOf('{'), text.lastIndexOf('}') + 1]
  if (text.slice(start, end) === wholeMap(text.slice(member.valueAt, member.end)))
    return text.slice(0, start) + text.slice(end) || undefined
  const {inside, members} = jsonMembers(text)
  const at = members.findIndex(one => one.at === member.at)
  if (at > 0) return text.slice(0, members[at - 1]!.end) + text.slice(member.end)
  const next = members[1]
  return text.slice(0, inside) + text.slice(next ? text.indexOf(',', member.end) + 1 : member.end)
}

/** The value of an entry for a message. */
function valueInShort(text: string, {valueAt, end}: JsonMember): string {
  return text.slice(valueAt, Math.min(end, valueAt + 80))
}

/** The map that replaces a missing text. Its line breaks distinguish it from an entry in an existing map. */
function wholeMap(value: string): string {
  return `{\n  "${zone}": ${value}\n}`
}

function withServers(text: string, value: string, member: JsonMember | undefined): string {
  if (member) return text.slice(0, member.valueAt) + value + text.slice(member.end)
  if (isBlank(text)) return text + wholeMap(value)
  const {inside, members} = jsonMembers(text)
  const entry = `"${zone}": ${value}`
  const previous = members.at(-1)
  if (!previous) return text.slice(0, inside) + entry + text.slice(inside)
  // The entry begins as the last one does: in a new line or in the same line.
  const between = text.slice(members.at(-2)?.end ?? inside, previous.at).replace(',', '')
  return `${text.slice(0, previous.end)},${between || ' '}${entry}${text.slice(previous.end)}`
}

/** The entry of the zone in the map, and its value. */
function readStubDomains(text: string): {value: unknown; member: JsonMember | undefined} {
  checkLength(text, what)
  if (isBlank(text)) return {value: undefined, member: undefined}
  const domains = parseMap(text)
  const found = jsonMembers(text).members.filter(({key}) => key.toLowerCase().replace(/\.$/, '') === zone)
  const [member] = found
  if (found.length > 1 || (member && member.key !== zone))
    throw refusedError(
      `${what} has the entries ${found.map(({key}) => JSON.stringify(key)).join(', ')} for ${zone}; expected at most one, "${zone}"`,
      'remove them first; nothing was changed',
    )
  return {value: domains[zone], member}
}

/** Whether a text consists of JSON's white space. */
function isBlank(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text)
}

function parseMap(text: string): Record<string, unknown> {
  const value = parseJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw refusedError(
    'stubDomains in the ConfigMap of kube-dns is not a JSON map',
    'correct it first; nothing was changed',
  )
}
