import type {Cluster} from '../engine/cluster/cluster.ts'
import type {SourcedClusters} from '../engine/cluster-sources/read-clusters.ts'
import {type Kubeconfig, loadKubeconfig} from '../engine/kubeconfig/kubeconfig.ts'
import type {Right} from '../engine/kubernetes/access-rules.ts'
import {MeshError} from '../errors.ts'
import {goDuration} from '../spec/durations.ts'
import {type Terminal, writeMessage} from '../terminal/output/terminal.ts'
import {shellWord} from '../text/shell-word.ts'
import type {ResultFlags} from './flags/results.ts'
import {type WriteFlags, type WriteOptions, writeOptionsOf} from './flags/write.ts'
import type {Gate} from './gate.ts'
import {type Leases, openLeases} from './lease/leases.ts'

/** How a command connects to clusters, from the flags that kubectl has too. */
export interface Access {
  /** With the clusters of sources as further contexts. */
  kubeconfig: Kubeconfig
  /** Sources that were read in this run, as the user typed them. */
  sources?: readonly string[]
  /** Path of the access-provider file (`--access-providers`). */
  accessProviders?: string | undefined
  /** With `--dry-run=client`, which needs neither a cluster nor a kubeconfig. */
  isOffline: boolean
  as: string | undefined
  asGroups: string[]
  /** Milliseconds, 0 for no limit; undefined for the default of `connectCluster`. */
  requestTimeout: number | undefined
  manager: string
  /** Receives one line per request (`-v=6`). */
  verbose: ((line: string) => void) | undefined
  /** Receives the warnings of API servers, each once per cluster. */
  warn: (warning: string) => void
}

/** Everything a command needs from outside: the terminal, clusters, options. */
export interface Run {
  terminal: Terminal
  access: Access
  write: WriteOptions
  /** The command with the flags that every command shares, for hints: `kubectl mesh federate --as admin`. */
  command: string
  /** The command line as the user typed it. */
  typed?: string
  /** The flags that select the kubeconfig and the user, quoted, for hints with other commands. */
  connection?: string
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
  /** The leases that the run holds while it writes. Undefined for a run that writes nothing. */
  leases?: Leases
  /** The answers to questions, as words of a command line: `withReplay` prints them. */
  answers: string[]
  /** Name of the set of mesh files that the run applies. Undefined for all other runs. */
  documentSet?: string | undefined
  /** Set for one of several runs that are shown and confirmed together. */
  gate?: Gate
}

/** Everything a command that only reads needs from outside. */
export interface ReadRun {
  terminal: Terminal
  access: Access
  output: 'json' | 'yaml' | 'wide' | undefined
}

/** The connection flags of a command as oclif parses them. */
export interface AccessFlags {
  kubeconfig?: string | undefined
  as?: string | undefined
  'as-group'?: string[] | undefined
  'request-timeout'?: number | undefined
  'field-manager'?: string
  'dry-run'?: WriteOptions['dryRun']
  v: number
  'clusters-from'?: string[] | undefined
  'access-providers'?: string | undefined
  /** The clusters of `--clusters-from`, which `BaseCommand` has read. */
  sources?: SourcedClusters | undefined
}

/** Permissions that a command needs. A function is called only if the server denies a request. */
export type Needs = readonly Right[] | (() => Promise<readonly Right[]>)

/** Builds `Access` from flags. The kubeconfig is read on first use, so that a client dry run needs none. */
export function accessOf(flags: AccessFlags): Access {
  let kubeconfig: Kubeconfig | undefined
  return {
    get kubeconfig() {
      kubeconfig ??= flags.sources?.kubeconfig ?? loadKubeconfig({kubeconfig: flags.kubeconfig, env: process.env})
      return kubeconfig
    },
    sources: flags.sources?.read.map(({source}) => source.text) ?? [],
    accessProviders: flags['access-providers'],
    isOffline: flags['dry-run'] === 'client',
    as: flags.as,
    asGroups: flags['as-group'] ?? [],
    requestTimeout: flags['request-timeout'],
    manager: flags['field-manager'] ?? 'kubectl-mesh',
    verbose: flags.v >= 6 ? line => writeMessage(line) : undefined,
    warn: warning => writeMessage(`warning: ${warning}`),
  }
}

/**
 * Connects to the cluster of a context. The HTTP client is loaded here and not before, because it would take most of the
 * time of a client dry run.
 *
 * @param context name of a kubeconfig context, '' for the current one
 * @param needs permissions that the command needs, so that an error lists all that are missing
 * @throws MeshError (exit 2) if the context does not exist
 */
export async function connect(access: Access, context: string, needs: Needs = []): Promise<Cluster> {
  const {connectCluster} = await import('../engine/cluster/connect.ts')
  return connectCluster(access.kubeconfig, context, {
    as: access.as,
    asGroups: access.asGroups,
    requestTimeout: access.requestTimeout,
    fieldManager: access.manager,
    needs: () => rightsIn(needs),
    ...(access.verbose ? {verbose: access.verbose} : {}),
    warn: access.warn,
  })
}

/** The input may be incomplete, or a tool missing, which the command reports once the user may read the cluster. */
async function rightsIn(needs: Needs): Promise<readonly Right[]> {
  if (typeof needs !== 'function') return needs
  try {
    return await needs()
  } catch (error) {
    if (error instanceof MeshError) return []
    throw error
  }
}

/** The flags that select the kubeconfig, the sources of clusters and the user. */
function connectionFlags(flags: AccessFlags): string[] {
  return [
    ...flagWords('--kubeconfig', flags.kubeconfig),
    ...(flags['clusters-from'] ?? []).flatMap(source => flagWords('--clusters-from', source)),
    ...flagWords('--access-providers', flags['access-providers']),
    ...flagWords('--as', flags.as),
    ...(flags['as-group'] ?? []).flatMap(group => flagWords('--as-group', group)),
  ]
}

function flagWords(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [flag, shellWord(value)]
}

/** The flags beside those of the Spec that a repeated command line needs. */
function replayFlags(flags: AccessFlags & WriteFlags): string[] {
  const manager = flags['field-manager'] === 'kubectl-mesh' ? undefined : flags['field-manager']
  return [
    ...connectionFlags(flags),
    ...flagWords('--field-manager', manager),
    ...(flags['trust-labels'] ? ['--trust-labels'] : []),
    ...(flags['overwrite-managed'] ? ['--overwrite-managed'] : []),
    ...(flags['lock-timeout'] ? ['--lock-timeout', goDuration(flags['lock-timeout'])] : []),
  ]
}

/** The command line as the user typed it, quoted for a shell. */
export function typedLine(): string {
  return ['kubectl mesh', ...process.argv.slice(2).map(shellWord)].join(' ')
}

/**
 * Starts a run. Ctrl-C stops it before the next write; a second Ctrl-C ends the process at once.
 *
 * @param words the command words after `kubectl mesh`: `tenant add`
 * @param results which flags have an effect without `--dry-run`
 * @throws MeshError (exit 2) as `writeOptionsOf`
 */
export function openRun(
  words: string,
  flags: AccessFlags & WriteFlags,
  terminal: Terminal,
  results: ResultFlags = {},
): Run {
  const stop = new AbortController()
  process.once('SIGINT', () => {
    terminal.message('stopping: finishing requests in flight (press Ctrl-C again to exit at once)')
    // The reason is what `failure.ts` reports as an interrupt, wherever it is thrown.
    stop.abort(new Error('SIGINT'))
  })
  return {
    terminal,
    access: accessOf(flags),
    write: writeOptionsOf(flags, results),
    leases: openLeases(words, flags['lock-timeout'] ?? 0, terminal, stop.signal),
    command: ['kubectl mesh', words, ...replayFlags(flags)].join(' '),
    typed: typedLine(),
    connection: connectionFlags(flags).join(' '),
    signal: stop.signal,
    answers: [],
  }
}
