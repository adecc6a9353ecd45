import {isIPv6} from 'node:net'
import {type MeshError, refusedError} from '../../../errors.ts'
import {checkDnsNames, type DnsNames, notOnlyManaged, onlyManagedPart, zone} from '../names.ts'
import {parseAddress, serves} from './address.ts'
import {type CorefileBlock, readCorefile} from './parse.ts'

/** Marks the server block that kubectl-mesh manages. Clusters contain this text: do not change it. */
export const corefileMark = '# written by kubectl mesh: what is changed here is lost on its next run'

/** Begins each line of an existing block that the managed block replaces. Clusters contain this text: do not change it. */
const formerMark = '    #| '

/** Options of the managed block. */
export interface BlockOptions {
  /** Port of the server; '' for the default of CoreDNS. */
  port?: string
  /** Replace an existing block for the zone. `removeGlobalBlock` restores it. */
  replace?: boolean
}

/**
 * Adds the server block for `.global` at the end of a Corefile, or replaces the managed block.
 *
 * @param names IP addresses by host name. All other names of the zone do not exist (NXDOMAIN).
 * @returns the same text if the block is up to date
 * @throws MeshError (exit 3) for invalid names or addresses, if CoreDNS rejects the text, or if a block that is not managed
 *   serves the zone
 */
export function putGlobalBlock(
  text: string,
  names: DnsNames,
  {port = '53', replace = false}: BlockOptions = {},
): string {
  checkDnsNames(names)
  const managed = findManaged(text)
  const existing = findExisting(text, port, replace && !managed)
  const former = managed
    ? formerOf(text.slice(managed.at, managed.end))
    : existing && text.slice(existing.at, existing.end)
  const block = formatBlock(names, port, former)
  const edited = withBlock(text, block, managed ?? existing)
  const written = findManaged(edited)
  // A value that ends the block or the server early would leave the rest of the block outside.
  if (!written || edited.slice(written.at, written.end) !== block) throw notOnlyManaged('the Corefile')
  return onlyManagedPart(edited, {before: removeGlobalBlock(text), after: removeGlobalBlock(edited)}, 'the Corefile')
}

function withBlock(text: string, block: string, replaced: CorefileBlock | undefined): string {
  if (replaced) return text.slice(0, replaced.at) + block + text.slice(replaced.end)
  if (readCorefile(text).some(({kind, braces}) => kind === 'server' && !braces))
    throw refusedError(
      'the Corefile is one server without braces, to which no other server can be added',
      'add the braces first',
    )
  // The block ends with a line break only if the text does, so that `removeGlobalBlock` can restore the text.
  return text === '' || text.endsWith('\n') ? `${text}${block}\n` : `${text}\n${block}`
}

/**
 * Removes the managed block, and restores the block that it has replaced.
 *
 * @returns the same text if there is none
 * @throws MeshError (exit 3) if CoreDNS rejects the text
 */
export function removeGlobalBlock(text: string): string {
  const managed = findManaged(text)
  if (!managed) return text
  const {at, end} = managed
  const former = formerOf(text.slice(at, end))
  if (former !== undefined) return text.slice(0, at) + former + text.slice(end)
  if (text[end] === '\n') return text.slice(0, at) + text.slice(end + 1)
  return text.slice(0, at).replace(/\n$/, '') + text.slice(end)
}

/** Whether a server block is the managed one. */
export function isManagedBlock(text: string, {kind, keys, at, end}: CorefileBlock): boolean {
  const isZone = kind === 'server' && keys.length === 1 && parseAddress(keys[0]!).zone === zone
  return isZone && text.slice(at, end).includes(corefileMark)
}

/** The block that a managed block has replaced. */
function formerOf(block: string): string | undefined {
  const lines = block.split('\n').filter(line => line.startsWith(formerMark))
  return lines.length > 0 ? lines.map(line => line.slice(formerMark.length)).join('\n') : undefined
}

function formatBlock(names: DnsNames, port: string, former: string | undefined): string {
  const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : 1))
  const answers = sorted.flatMap(([name, addresses]) =>
    addresses.flatMap(address => {
      const type = isIPv6(address) ? 'AAAA' : 'A'
      return template(`IN ${type}`, [
        `match ${patternOf([name])}`,
        `answer "{{ .Name }} 30 IN ${type} ${address}"`,
        'fallthrough',
      ])
    }),
  )
  // A name without a record of the requested type must not result in NXDOMAIN: resolvers would treat it as unknown.
  const known = template('ANY ANY', [
    `match ${patternOf(sorted.map(([name]) => name))}`,
    'rcode NOERROR',
    'fallthrough',
  ])
  return [
    `${zone}${port === '' ? '' : `:${port}`} {`,
    `    ${corefileMark}`,
    ...(former === undefined ? [] : formerLines(former)),
    '    errors',
    ...answers,
    ...(sorted.length > 0 ? known : []),
    ...template('ANY ANY', ['rcode NXDOMAIN']),
    '}',
  ].join('\n')
}

/**
 * A directive of the plugin `template`; CoreDNS tries them in their order. The plugin `hosts` would answer SERVFAIL for
 * unknown names.
 */
function template(classAndType: string, lines: readonly string[]): string[] {
  return [`    template ${classAndType} ${zone} {`, ...lines.map(line => `        ${line}`), '    }']
}

function patternOf(names: readonly string[]): string {
  return `^(${names.map(name => name.replaceAll('.', '[.]')).join('|')})[.]$`
}

function formerLines(former: string): string[] {
  return [
    '    # it replaces this block, which is restored when the cluster leaves:',
    ...former.split('\n').map(line => formerMark + line),
  ]
}

function findManaged(text: string): CorefileBlock | undefined {
  const managed = readCorefile(text).filter(block => isManagedBlock(text, block))
  if (managed.length > 1)
    throw refusedError(`the Corefile has ${managed.length} blocks for ${zone}; expected one`, 'keep only one of them')
  return managed[0]
}

/** The server blocks of other owners that serve the zone on a port. */
export function foreignBlocks(text: string, port: string): CorefileBlock[] {
  return readCorefile(text).filter(
    block => block.kind === 'server' && block.keys.some(key => serves(key, zone, port)) && !isManagedBlock(text, block),
  )
}

/** Whether the managed block can stand in for a block of another owner. */
export function isReplaceable({keys, braces}: CorefileBlock): boolean {
  return braces && keys.length === 1
}

/**
 * The error for a block of another owner that is not replaced (exit 3).
 *
 * @param place where the block is: `the Corefile`
 */
export function zoneTaken(place: string, block: CorefileBlock): MeshError {
  return refusedError(
    `${place} already has a server block for ${zone} that kubectl-mesh does not manage: ${block.keys.join(' ')}`,
    isReplaceable(block)
      ? '--replace-dns replaces it, for example the stub of Istio 1.8 and earlier, and federate remove restores it'
      : `remove ${zone} from it first, or omit --dns`,
  )
}

/** @throws MeshError (exit 3) for a block of another owner that cannot be replaced */
function findExisting(text: string, port: string, replace: boolean): CorefileBlock | undefined {
  const [first, ...more] = foreignBlocks(text, port)
  if (first && !(replace && isReplaceable(first) && more.length === 0)) throw zoneTaken('the Corefile', first)
  return first
}
