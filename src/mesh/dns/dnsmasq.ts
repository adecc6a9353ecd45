import {refusedError} from '../../errors.ts'

const zone = 'global'

/** Mark the managed section. Clusters contain these texts: do not change them. */
const first = '# written by kubectl mesh: what is changed from here on is lost on its next run'
const last = '# end of what kubectl mesh wrote'
const section = new RegExp(`^${first}\\n[\\s\\S]*?^${last}(\\n|$)`, 'm')

/**
 * Sets the names under `.global` in a configuration of dnsmasq: a section between two comments, with one line per name.
 * Other names of the zone do not exist (dnsmasq(8), `host-record` and `local`). dnsmasq reads its configuration only when
 * it starts.
 *
 * @param names IP addresses by host name
 * @returns the same text if the section is up to date
 * @throws MeshError (exit 3) if a line outside of the section configures the zone
 */
export function putDnsmasqSection(text: string, names: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, addresses]) => `host-record=${[name, ...addresses].join(',')}`)
  const wanted = [first, `local=/${zone}/`, ...lines, last].join('\n')
  const rest = removeDnsmasqSection(text)
  const taken = rest.split('\n').find(line => /^\s*(server|local|address)\s*=\s*\/([^/]*\/)*global\//.test(line))
  if (taken) throw refusedError(`dnsmasq already has a line for ${zone}: ${taken.trim()}`, 'remove it first')
  if (section.test(text)) return text.replace(section, (_, end: string) => wanted + end)
  return text === '' || text.endsWith('\n') ? `${text}${wanted}\n` : `${text}\n${wanted}`
}

/** Removes the section. Returns the same text if there is none. */
export function removeDnsmasqSection(text: string): string {
  const found = section.exec(text)
  if (!found) return text
  const before = text.slice(0, found.index)
  return (found[1] === '' ? before.replace(/\n$/, '') : before) + text.slice(found.index + found[0].length)
}
