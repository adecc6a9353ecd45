import {usageError} from '../../errors.ts'
import {durationFlag, stringFlag, switchFlag} from '../flag-builders.ts'
import type {ListOptions} from './list-format.ts'

const group = 'OUTPUT'
const plainFormats = ['wide', 'json', 'yaml', 'name'] as const

/**
 * `-o` of a command that prints a list or a status.
 *
 * @param more formats that only this command has
 */
export function listOutput(...more: string[]) {
  const words = [...plainFormats, ...more].join(', ')
  const about = `output format: ${words}, jsonpath=TEMPLATE or custom-columns=HEAD:PATH,…`
  return stringFlag({about, valueName: ['FORMAT', ...more].join('|'), group, char: 'o'})
}

/** For a command that prints a list or a status. */
export const listFlags = {
  output: listOutput(),
  'sort-by': stringFlag({about: 'path of the value by which rows are sorted, such as .name', valueName: 'PATH', group}),
  'no-headers': switchFlag({about: 'print tables without headers', group}),
  watch: switchFlag({about: 'print rows again when they change, until Ctrl-C; reads every 5s', group, char: 'w'}),
}

/** `--wait` of a command that reads. */
export const waitForOk = switchFlag({
  about: 'read again until no problem is found, and print the last result',
  group: 'KUBECTL',
})

/** For a list of objects in namespaces. Its command declares `-n`. */
export const allNamespacesFlag = {
  'all-namespaces': switchFlag({about: 'all namespaces, which is the default', group: 'KUBECTL', char: 'A'}),
}

/** `--wait` and `--timeout` of a command that reads and has no other `--timeout`. */
export const waitForOkFlags = {
  wait: waitForOk,
  timeout: durationFlag({about: 'maximum time to wait', group: 'KUBECTL', fallback: 300_000}),
}

/** @throws MeshError (exit 2) for flags that concern tables, beside a format without one */
export function refuseListFlags(what: string, flags: ListFlags & {wait?: boolean}): void {
  const names = ['sort-by', 'no-headers', 'watch', 'wait'] as const
  const [used] = names.filter(name => flags[name] !== undefined && flags[name] !== false)
  if (used !== undefined) throw usageError(`${what} conflicts with --${used}`)
}

/** The flags of `listFlags` as oclif parses them. */
export interface ListFlags {
  output?: string | undefined
  'sort-by'?: string | undefined
  'no-headers'?: boolean
  watch?: boolean
  namespace?: string | undefined
  'all-namespaces'?: boolean
}

/**
 * Converts and validates the flags. The code for paths is loaded only if it is needed.
 *
 * @throws MeshError (exit 2)
 */
export async function listOptionsOf(flags: ListFlags): Promise<ListOptions> {
  const {output, namespace} = flags
  if (flags['all-namespaces'] && namespace !== undefined)
    throw usageError('--all-namespaces conflicts with --namespace')
  const sortBy = flags['sort-by']
  const options = {
    output: await readOutput(output),
    noHeaders: flags['no-headers'] ?? false,
    namespace,
    ...(sortBy === undefined ? {} : {sortBy: (await import('./query.ts')).parseSortBy(sortBy)}),
  }
  if (flags.watch && ['json', 'yaml'].includes(String(output)))
    throw usageError(`--watch does not support -o ${output}`, 'use -o wide, name or custom-columns')
  return options
}

async function readOutput(text: string | undefined): Promise<ListOptions['output']> {
  if (text === undefined) return undefined
  const plain = plainFormats.find(format => format === text)
  if (plain !== undefined) return plain
  const [kind, ...rest] = text.split('=')
  const value = rest.join('=')
  if (value !== '' && kind === 'jsonpath') return (await import('./query.ts')).parseTemplate(value)
  if (value !== '' && kind === 'custom-columns') return (await import('./query.ts')).parseColumns(value)
  throw usageError(
    `-o ${text} is not one of ${plainFormats.join(', ')}, jsonpath=TEMPLATE, custom-columns=HEAD:PATH,…`,
    "for example: -o jsonpath='{.clusters[*].cluster}'",
  )
}
