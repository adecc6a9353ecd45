import * as Flags from '@oclif/core/flags'
import {usageError} from '../errors.ts'
import type {DocumentChoice} from '../spec/documents/documents.ts'
import {shellWord} from '../text/shell-word.ts'
import {flagProperties, stringFlag, switchFlag} from './flag-builders.ts'
import {kubectlGroup, settingsGroup} from './flag-groups.ts'
import {clusterFlags, context, writeFlags} from './flags.ts'

/** For a command that reads mesh files with any number of documents. */
export const documentFlags = {
  filename: Flags.string({
    ...flagProperties({
      about: 'mesh file, or folder of mesh files (- for stdin); repeat the flag for several',
      valueName: 'FILE',
      group: settingsGroup,
      char: 'f',
    }),
    multiple: true,
    multipleNonGreedy: true,
  }),
  recursive: Flags.boolean({
    ...flagProperties({about: 'also read the folders in a folder', group: settingsGroup, char: 'R'}),
    default: false,
  }),
}

/** For a command that compares documents with clusters, or applies them. */
export const documentSetFlags = {
  name: stringFlag({
    about: 'name of the set of documents, for --prune',
    valueName: 'SET',
    fallbackText: 'that of the MeshSet document in the files',
    group: settingsGroup,
  }),
  prune: switchFlag({
    about: 'also remove documents that an earlier apply of the set created and the files no longer contain',
    group: settingsGroup,
  }),
}

/** For a command that connects to the clusters of documents. */
export const documentClusterFlags = {
  ...clusterFlags,
  context: {
    ...context,
    summary: 'kubeconfig context of documents for one cluster that name none (default current context)',
  },
}

const {
  'dry-run': _dryRun,
  'exit-code': _exitCode,
  'lock-timeout': lockTimeout,
  yes,
  'no-input': noInput,
  ...write
} = writeFlags

/** For a command that plans documents. */
export const documentPlanFlags = {
  ...write,
  'exit-code': switchFlag({about: 'exit with code 1 if there are differences', group: kubectlGroup}),
}

/** For a command that applies documents. */
export const documentWriteFlags = {...write, 'lock-timeout': lockTimeout, yes, 'no-input': noInput}

/**
 * Returns what `-f`, `-R` and `--context` choose.
 *
 * @throws MeshError (exit 2) without a file, and for an empty name, as a script with an unset variable passes it
 */
export function documentChoice(flags: {
  filename?: string[] | undefined
  recursive: boolean
  context?: string | undefined
}): DocumentChoice {
  const {filename: paths = [], recursive, context: fallback = ''} = flags
  if (paths.length === 0) throw usageError('no mesh file specified', '-f FILE, -f DIR, or -f - for stdin')
  if (paths.includes('')) throw usageError('--filename is empty', 'the current folder is -f .')
  return {paths, recursive, context: fallback}
}

/** Returns the flags that make the same choice, quoted for a shell. */
export function choiceWords({
  paths,
  recursive,
  context: fallback,
  name,
  prune,
}: DocumentChoice & {name?: string | undefined; prune: boolean}): string {
  return [
    ...paths.flatMap(path => ['-f', shellWord(path)]),
    ...(recursive ? ['-R'] : []),
    ...(name === undefined ? [] : ['--name', shellWord(name)]),
    ...(prune ? ['--prune'] : []),
    ...(fallback === '' ? [] : ['--context', shellWord(fallback)]),
  ].join(' ')
}
