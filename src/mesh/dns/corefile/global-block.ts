import {isIPv6} from 'node:net'
import {refusedError} from '../../../errors.ts'
import {checkDnsNames, type DnsNames, notOnlyManaged, onlyManagedPart, zone} from '../names.ts'
import {type CorefileBlock, readCorefile} from './parse.ts'

/** Marks the server block that kubectl-mesh manages. Clusters contain this text: do not change it. */
export const corefileMark = '# written by kubectl mesh: what is changed here is lost on its next run'

/**
 * Adds the server block for `.global` at the end of a Corefile, or replaces the managed block.
 *
 * @param names IP addresses by host name. All other names of the zone do not exist (NXDOMAIN).
 * @returns the same text if the block is up to date
 * @throws MeshError (exit 3) for invalid names or addresses, if CoreDNS rejects the text, or if a block that is not managed
 *   serves the zone
 */
export function putGlobalBlock(text: string, names: DnsNames): string {
  checkDnsNames(names)
  const block = formatBlock(names)
  const edited = withBlock(text, block)
  const managed = findManaged(edited)
  // A value that ends the block or the server early would leave the rest of the block outside.
  if (!managed || edited.slice(managed.at, managed.end) !== block) throw notOnlyManaged('the Corefile')
  return onlyManagedPart(edited, {before: removeGlobalBlock(text), after: removeGlobalBlock(edited)}, 'the Corefile')
}

function withBlock(text: string, block: string): string {
  const managed = findManaged(text)
  if (managed) return text.slice(0, managed.at) + block + text.slice(managed.end)
  if (readCorefile(text).some(({kind, braces}) => kind === 'server' && !braces))
    throw refusedError(
      'the Corefile is one server without braces, to which no other server can be added',
      'add the braces first',
    )
  // The block ends with a line break only if the text does, so that `removeGlobalBlock` can restore the text.
  return text === '' || text.endsWith('\n') ? `${text}${block}\n` : `${text}\n${block}`
}

/**
 * Removes the managed block.
 *
 * @returns the same text if there is none
 * @throws MeshError (exit 3) if CoreDNS rejects the text, or if a block that is not managed serves the zone
 */
export function removeGlobalBlock(text: string): string {
  const managed = findManaged(text)
  if (!managed) return text
  const {at, end} = managed
  if (text[end] === '\n') return text.slice(0, at) + text.slice(end + 1)
  return text.slice(0, at).replace(/\n$/, '') + text.slice(end)
}

function formatBlock(names: DnsNames): string {
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
    `${zone}:53 {`,
    `    ${corefileMark}`,
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

function findManaged(text: string): CorefileBlock | undefined {
  const serving = readCorefile(text).filter(({kind, keys}) => kind === 'server' && keys.some(isZone))
  const managed = serving.filter(({at, end}) => text.slice(at, end).includes(corefileMark))
  const others = serving.filter(block => !managed.includes(block))
  if (others.length > 0)
    throw refusedError(
      `the Corefile already has a server block for ${zone} that kubectl-mesh does not manage: ${others[0]!.keys.join(' ')}`,
      'remove it first, or omit --dns',
    )
  if (managed.length > 1)
    throw refusedError(`the Corefile has ${managed.length} blocks for ${zone}; expected one`, 'keep only one of them')
  return managed[0]
}

/** Whether an address of a server is the zone on port 53: `global`, `global.:53`, `dns://global`. */
function isZone(key: string): boolean {
  return /^(dns:\/\/)?global\.?(:53)?$/i.test(key)
}
