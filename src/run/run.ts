import type {Cluster} from '../engine/cluster/cluster.ts'
import {type Kubeconfig, loadKubeconfig} from '../engine/kubeconfig/kubeconfig.ts'
import {shellWord} from '../spec/read.ts'
import type {Terminal} from '../terminal/output/terminal.ts'

/** How a command reaches clusters, from kubectl's own flags. */
export interface Access {
  kubeconfig: Kubeconfig
  as: string | undefined
  asGroups: string[]
  /** Milliseconds, 0 is without an end; undefined: what is reasonable (see `connectCluster`). */
  requestTimeout: number | undefined
  manager: string
  /** Gets a line for each request (`-v=6`). */
  verbose: ((line: string) => void) | undefined
  /** Gets what API servers warn of, each once a cluster. */
  warn: (warning: string) => void
}

/** What a command that writes was told beside its Spec. */
export interface WriteOptions {
  dryRun: 'none' | 'client' | 'server'
  output: 'yaml' | 'json' | 'name' | 'diff' | undefined
  outputDir: string | undefined
  /** Name of the one cluster to print. */
  only: string | undefined
  includeSecrets: boolean
  force: boolean
  exitCode: boolean
  yes: boolean
  wait: boolean
  /** Milliseconds. */
  timeout: number
}

/** All that a flow has to do with the outside: streams, clusters, how to write. */
export interface Run {
  terminal: Terminal
  access: Access
  write: WriteOptions
  /** The command line that does this again, with what was asked filled in by the flow: `kubectl mesh federate`. */
  command: string
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

/** What a flow that only looks has to do with the outside. */
export interface ReadRun {
  terminal: Terminal
  access: Access
  output: 'json' | 'yaml' | 'wide' | undefined
}

/** The flags of `clustersFlags` and `writeFlags`, as oclif gives them. */
export interface AccessFlags {
  kubeconfig?: string | undefined
  as?: string | undefined
  'as-group'?: string[] | undefined
  'request-timeout'?: number | undefined
  'field-manager'?: string
  v: number
}

/** Puts the access flags together. The kubeconfig is read when it is first looked at, so that a client dry run needs none. */
export function accessOf(flags: AccessFlags): Access {
  let kubeconfig: Kubeconfig | undefined
  return {
    get kubeconfig() {
      kubeconfig ??= loadKubeconfig({kubeconfig: flags.kubeconfig, env: process.env})
      return kubeconfig
    },
    as: flags.as,
    asGroups: flags['as-group'] ?? [],
    requestTimeout: flags['request-timeout'],
    manager: flags['field-manager'] ?? 'kubectl-mesh',
    verbose: flags.v >= 6 ? line => process.stderr.write(`${line}\n`) : undefined,
    warn: warning => process.stderr.write(`warning: ${warning}\n`),
  }
}

/**
 * Opens the connection to one context's cluster. What talks to API servers is loaded here and not before: most of a client
 * dry run's time would go into it. Throws MeshError (exit 2) for a context that is not there.
 */
export async function connect(access: Access, context: string): Promise<Cluster> {
  const {connectCluster} = await import('../engine/cluster/connect.ts')
  return connectCluster(access.kubeconfig, context, {
    as: access.as,
    asGroups: access.asGroups,
    requestTimeout: access.requestTimeout,
    fieldManager: access.manager,
    ...(access.verbose ? {verbose: access.verbose} : {}),
    warn: access.warn,
  })
}

/** The flags of a command that writes, as oclif gives them; what a command does not have is left out. */
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
}

/** The same as one plain object. */
export function writeOptionsOf(flags: WriteFlags): WriteOptions {
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
  }
}

/** The flags beside the Spec that a command which does this again needs. */
function replayFlags(flags: AccessFlags & WriteFlags): string[] {
  const said: [string, string | undefined][] = [
    ['--kubeconfig', flags.kubeconfig],
    ['--as', flags.as],
    ...(flags['as-group'] ?? []).map((group): [string, string] => ['--as-group', group]),
    ['--field-manager', flags['field-manager'] === 'kubectl-mesh' ? undefined : flags['field-manager']],
  ]
  return said.flatMap(([flag, value]) => (value === undefined ? [] : [flag, shellWord(value)]))
}

/** Everything that a command hands to its flow. Ctrl-C stops before the next write; a second one ends at once. */
export function openRun(words: string, flags: AccessFlags & WriteFlags, terminal: Terminal): Run {
  const stop = new AbortController()
  process.once('SIGINT', () => {
    terminal.message('stopping; what was begun is finished (Ctrl-C again ends at once)')
    stop.abort()
  })
  return {
    terminal,
    access: accessOf(flags),
    write: writeOptionsOf(flags),
    command: ['kubectl mesh', words, ...replayFlags(flags)].join(' '),
    signal: stop.signal,
  }
}
