import type {Cluster} from '../engine/cluster/cluster.ts'
import {type Kubeconfig, loadKubeconfig} from '../engine/kubeconfig/kubeconfig.ts'
import type {Right} from '../engine/kubernetes/access-rules.ts'
import {MeshError, usageError} from '../errors.ts'
import {type Terminal, writeMessage} from '../terminal/output/terminal.ts'
import {shellWord} from '../text/shell-word.ts'

/** How a command connects to clusters, from the flags that kubectl has too. */
export interface Access {
  kubeconfig: Kubeconfig
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

/** The options of a command that writes, beside its Spec. */
export interface WriteOptions {
  dryRun: 'none' | 'client' | 'server'
  output: 'yaml' | 'json' | 'name' | 'diff' | undefined
  outputDir: string | undefined
  /** Name of the only cluster to print. */
  only: string | undefined
  includeSecrets: boolean
  force: boolean
  exitCode: boolean
  yes: boolean
  wait: boolean
  /** Milliseconds. */
  timeout: number
  /** Flags without dashes whose stored settings return to their defaults. */
  reset: readonly string[]
  /** The settings come from a mesh file, which is always complete. */
  complete: boolean
  /** Treat objects that only carry our label as created by kubectl-mesh. */
  trustLabels: boolean
  /** Change objects that another tool manages and would revert. */
  overwriteManaged: boolean
  /** Show each object on one line in a diff (true), or all texts (false). */
  summary?: boolean | undefined
  /** Lines of context in a diff. */
  diffContext?: number | undefined
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
}

/** Permissions that a command needs. A function is called only if the server denies a request. */
export type Needs = readonly Right[] | (() => Promise<readonly Right[]>)

/** Builds `Access` from flags. The kubeconfig is read on first use, so that a client dry run needs none. */
export function accessOf(flags: AccessFlags): Access {
  let kubeconfig: Kubeconfig | undefined
  return {
    get kubeconfig() {
      kubeconfig ??= loadKubeconfig({kubeconfig: flags.kubeconfig, env: process.env})
      return kubeconfig
    },
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

/** The flags of a command that writes as oclif parses them. Flags that a command does not have are undefined. */
export interface WriteFlags {
  'dry-run': 'none' | 'client' | 'server'
  output?: 'yaml' | 'json' | 'name' | 'diff' | undefined
  'output-dir'?: string | undefined
  only?: string | undefined
  'include-secrets'?: boolean
  'force-conflicts': boolean
  'exit-code': boolean
  yes: boolean
  wait?: boolean
  timeout?: number
  reset?: string[] | undefined
  filename?: string | undefined
  'trust-labels'?: boolean
  'overwrite-managed'?: boolean
  summary?: boolean | undefined
  'diff-context'?: number | undefined
}

/**
 * Converts the flags of a command that writes; `timeout` is in milliseconds, 5 minutes by default.
 *
 * @throws MeshError (exit 2) for an empty `--output-dir`, as a script with an unset variable passes it
 */
export function writeOptionsOf(flags: WriteFlags): WriteOptions {
  if (flags['output-dir'] === '') throw usageError('--output-dir is empty', 'the current folder is --output-dir .')
  return {
    dryRun: flags['dry-run'],
    output: flags.output,
    outputDir: flags['output-dir'],
    only: flags.only,
    includeSecrets: flags['include-secrets'] ?? false,
    force: flags['force-conflicts'],
    exitCode: flags['exit-code'],
    yes: flags.yes,
    wait: flags.wait ?? true,
    timeout: flags.timeout ?? 300_000,
    reset: flags.reset ?? [],
    complete: flags.filename !== undefined,
    trustLabels: flags['trust-labels'] ?? false,
    overwriteManaged: flags['overwrite-managed'] ?? false,
    summary: flags.summary,
    diffContext: flags['diff-context'],
  }
}

/** The flags that select the kubeconfig and the user. */
function connectionFlags(flags: AccessFlags): string[] {
  return [
    ...flagWords('--kubeconfig', flags.kubeconfig),
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
 */
export function openRun(words: string, flags: AccessFlags & WriteFlags, terminal: Terminal): Run {
  const stop = new AbortController()
  process.once('SIGINT', () => {
    terminal.message('stopping: finishing requests in flight (press Ctrl-C again to exit at once)')
    // The reason is what `failure.ts` reports as an interrupt, wherever it is thrown.
    stop.abort(new Error('SIGINT'))
  })
  return {
    terminal,
    access: accessOf(flags),
    write: writeOptionsOf(flags),
    command: ['kubectl mesh', words, ...replayFlags(flags)].join(' '),
    typed: typedLine(),
    connection: connectionFlags(flags).join(' '),
    signal: stop.signal,
  }
}
