import {usageError} from '../../errors.ts'
import {type ResultFlags, refuseDryRunFlags} from './results.ts'

/** The options of a command that writes, beside its Spec. */
export interface WriteOptions {
  dryRun: 'none' | 'client' | 'server'
  output: 'yaml' | 'json' | 'name' | 'diff' | undefined
  outputDir: string | undefined
  /** Permissions of `outputDir` if it is created: those of the files that a run without `--dry-run` writes there. */
  outputMode?: number
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
  'lock-timeout'?: number
}

/**
 * Converts the flags of a command that writes; `timeout` is in milliseconds, 5 minutes by default.
 *
 * @param results which flags have an effect without `--dry-run`
 * @throws MeshError (exit 2) for an empty `--output-dir`, as a script with an unset variable passes it, and for flags that require
 *   `--dry-run`
 */
export function writeOptionsOf(flags: WriteFlags, results: ResultFlags = {}): WriteOptions {
  refuseDryRunFlags(flags, results)
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
