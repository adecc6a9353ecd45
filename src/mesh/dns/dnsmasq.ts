import {refusedError} from '../../errors.ts'
import {checkDnsNames, checkLength, type DnsNames, notOnlyManaged, onlyManagedPart, zone} from './names.ts'

const what = 'the configuration of dnsmasq'

/** Mark the managed section. Clusters contain these texts: do not change them. */
const first = '# written by kubectl mesh: what is changed from here on is lost on its next run'
const last = '# end of what kubectl mesh wrote'

/**
 * Sets the names under `.global` in a configuration of dnsmasq: a section between two comments, with one line per name.
 * Other names of the zone do not exist (dnsmasq(8), `host-record` and `local`). dnsmasq reads its configuration only when
 * it starts.
 *
 * @param names IP addresses by host name
 * @returns the same text if the section is up to date
 * @throws MeshError (exit 3) for invalid names or addresses, or if a line outside of the section configures the zone
 */
export function putDnsmasqSection(text: string, names: DnsNames): string {
  checkDnsNames(names)
  const section = formatSection(names)
  const rest = removeDnsmasqSection(text)
  const taken = rest.split('\n').find(configuresZone)
  if (taken !== undefined)
    throw refusedError(`dnsmasq already has a line for ${zone}: ${taken.trim()}`, 'remove it first')
  const found = findSection(text)
  const edited = found ? text.slice(0, found.at) + section + text.slice(found.end) : withSection(text, section)
  // A value with a line break would add a line, which could be any option.
  if (section.split('\n').length !== names.size + 3) throw notOnlyManaged(what)
  return onlyManagedPart(edited, {before: rest, after: removeDnsmasqSection(edited)}, what)
}

/**
 * Removes the section. Returns the same text if there is none.
 *
 * @throws MeshError (exit 3) if the section has no end, or if there are several
 */
export function removeDnsmasqSection(text: string): string {
  const found = findSection(text)
  if (!found) return text
  const before = text.slice(0, found.at)
  // Without a line break after it, `withSection` added the one before it.
  if (text[found.end] === '\n') return before + text.slice(found.end + 1)
  return before.endsWith('\n') ? before.slice(0, -1) : before
}

function formatSection(names: DnsNames): string {
  const lines = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, addresses]) => `host-record=${[name, ...addresses].join(',')}`)
  return [first, `local=/${zone}/`, ...lines, last].join('\n')
}

function withSection(text: string, section: string): string {
  // The section ends with a line break only if the text does, so that `removeDnsmasqSection` can restore the text.
  return text === '' || text.endsWith('\n') ? `${text}${section}\n` : `${text}\n${section}`
}

/** Offsets of the section, without the line break after it. */
function findSection(text: string): {at: number; end: number} | undefined {
  checkLength(text, what)
  const at = findLine(text, first, 0)
  if (at === undefined) return undefined
  const end = findLine(text, last, at)
  if (end === undefined)
    throw refusedError(
      `${what} has the line "${first}" without the line "${last}"; nothing was changed`,
      'add the second line where the part of kubectl-mesh ends',
    )
  if (findLine(text, first, at + 1) !== undefined)
    throw refusedError(
      `${what} has the line "${first}" more than once; nothing was changed`,
      'remove all parts of kubectl-mesh but one',
    )
  return {at, end: end + last.length}
}

/** Offset of the first line with exactly this text. */
function findLine(text: string, line: string, from: number): number | undefined {
  for (let at = text.indexOf(line, from); at >= 0; at = text.indexOf(line, at + 1)) {
    const end = at + line.length
    if ((at === 0 || text[at - 1] === '\n') && (end === text.length || text[end] === '\n')) return at
  }
  return undefined
}

/** Whether a line has the form `server=/DOMAIN/…/`, `local=…` or `address=…` with the zone among its domains. */
function configuresZone(line: string): boolean {
  const equals = line.indexOf('=')
  const [option, value] = [line.slice(0, equals).trim(), line.slice(equals + 1).trim()]
  if (equals < 0 || !['server', 'local', 'address'].includes(option) || !value.startsWith('/')) return false
  return value
    .split('/')
    .slice(1, -1)
    .some(domain => domain.toLowerCase() === zone)
}
