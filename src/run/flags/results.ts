import {usageError} from '../../errors.ts'

/** What the results of a command depend on without `--dry-run`, beside the flags that every command has. */
export interface ResultFlags {
  /** Values of `-o` with which the command prints its results (default: none). */
  formats?: readonly string[]
  /** What `--output-dir` means: the command writes its results there, or it writes manifests and changes no cluster. */
  folder?: 'results' | 'dry run'
}

/** The results of a command that prints a report of its changes. */
export const reportResults: ResultFlags = {formats: ['json', 'yaml']}

/** The results of a removal, which lists what it has deleted (see `printRemoved`). */
export const removalResults: ResultFlags = {formats: ['json', 'yaml', 'name']}

/** The results of a command that writes the files of a VM. */
export const vmResults: ResultFlags = {...removalResults, folder: 'results'}

/** The results of a command that with `--output-dir` changes no cluster. */
export const importResults: ResultFlags = {...reportResults, folder: 'dry run'}

/**
 * Refuses flags that only a dry run follows: a user who sets them may not want to change a cluster.
 *
 * @throws MeshError (exit 2) without `--dry-run`
 */
export function refuseDryRunFlags(
  {
    'dry-run': dryRun,
    'output-dir': folder,
    only,
    output,
  }: {'dry-run': string; 'output-dir'?: string | undefined; only?: string | undefined; output?: string | undefined},
  {formats = [], folder: meaning}: ResultFlags,
): void {
  if (dryRun !== 'none' || (meaning === 'dry run' && folder !== undefined)) return
  const [flag] = [
    ...(folder === undefined || meaning === 'results' ? [] : ['--output-dir']),
    ...(only === undefined ? [] : ['--only']),
    ...(output === undefined || formats.includes(output) ? [] : [`-o ${output}`]),
  ]
  if (flag === undefined) return
  throw usageError(`${flag} requires --dry-run`, 'add --dry-run=server: it changes no cluster')
}
