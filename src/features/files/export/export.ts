import {join} from 'node:path'
import {type ExitCode, exitCodes, usageError} from '../../../errors.ts'
import type {Access} from '../../../run/run.ts'
import type {DocumentKinds} from '../../../spec/documents/kind.ts'
import {findSecrets} from '../../../spec/documents/secrets.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {count} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {AppliedKind} from '../kind.ts'
import {type ReadCluster, readClusters} from './read-live.ts'
import {type FileDocument, fileDocument, formatDocuments, gapLines} from './report-exported.ts'
import {adoptionLines} from './report-unrecorded.ts'
import {type ValuesText, withValues} from './report-values.ts'
import {valuesFolder, writeExport, writtenBefore} from './write.ts'

/** What is exported, and where to. */
export interface ExportOptions {
  /** Empty for the current context. */
  contexts: readonly string[]
  /** Undefined: stdout. */
  outputDir: string | undefined
}

/** Everything that `mesh export` needs from outside. */
export interface ExportRun {
  terminal: Terminal
  access: Access
}

/**
 * Writes mesh files that apply what some clusters have: `mesh export`. Only reads the clusters.
 *
 * @throws MeshError (exit 2) for invalid input, (exit 3) for clusters that cannot be read and for files of others
 */
export async function exportMesh(
  {contexts, outputDir}: ExportOptions,
  kinds: DocumentKinds<AppliedKind>,
  {terminal, access}: ExportRun,
): Promise<ExitCode> {
  if (outputDir === '') throw usageError('--output-dir is empty', 'the current folder is --output-dir .')
  const {currentContext} = access.kubeconfig
  const chosen = contexts.length > 0 ? [...new Set(contexts)] : [currentContext]
  if (chosen[0] === '')
    throw usageError('--contexts is missing, and there is no current context', '--contexts ONE,OTHER')
  const clusters = await readClusters(chosen, access)
  const pathOf = outputDir === undefined ? undefined : (name: string) => join(outputDir, valuesFolder, name)
  const {documents, files} = await documentsOf(clusters, kinds, pathOf)
  terminal.message([...adoptionLines(clusters), ...gapLines(documents)])
  if (outputDir === undefined) {
    if (documents.length > 0) terminal.print(formatDocuments(documents))
  } else await writeDocuments(outputDir, {documents, files, kinds: Object.keys(kinds)}, terminal)
  if (documents.length === 0) terminal.message('nothing to export')
  return exitCodes.ok
}

interface Documents {
  documents: FileDocument[]
  files: ValuesText[]
}

async function documentsOf(
  clusters: readonly ReadCluster[],
  kinds: DocumentKinds<AppliedKind>,
  pathOf: ((name: string) => string) | undefined,
): Promise<Documents> {
  const result: Documents = {documents: [], files: []}
  for (const load of Object.values(kinds)) {
    const kind = await load()
    const found = (await kind.exported(clusters)).map(one => withValues(one, pathOf))
    const documents = found.map(({document}) => withoutSecrets(fileDocument(kind.kind, kind.fields, document)))
    result.documents.push(...documents.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)))
    result.files.push(...found.flatMap(({files}) => files))
  }
  return result
}

function sortKey({name, spec}: FileDocument): string {
  return JSON.stringify([spec.context ?? spec.contexts, name, spec])
}

/** `--set` may have been used for a secret. A mesh file with one would be rejected, so its document is empty. */
function withoutSecrets(document: FileDocument): FileDocument {
  const found = findSecrets(formatDocuments([document]))
  if (found.length === 0) return document
  const gap = `its settings, because they contain ${found[0]!.what}`
  const {context} = document.spec
  return {...document, spec: context === undefined ? {} : {context}, gaps: [...document.gaps, gap]}
}

/** One file for each kind. */
async function writeDocuments(
  folder: string,
  {documents, files, kinds}: Documents & {kinds: readonly string[]},
  terminal: Terminal,
): Promise<void> {
  const byKind = Map.groupBy(documents, ({kind}) => kind)
  const names = [...byKind.keys()].map(fileOf)
  const values = new Map(files.map(({name, text}) => [`${valuesFolder}/${name}`, text]))
  const written = await writeExport(folder, [
    ...[...byKind].map(([kind, all]) => ({name: fileOf(kind), text: formatDocuments(all)})),
    ...[...values].map(([name, text]) => ({name, text})),
  ])
  if (written.length > 0) terminal.print(written.join('\n'))
  const old = await writtenBefore(
    folder,
    kinds.map(fileOf).filter(name => !names.includes(name)),
  )
  terminal.message([
    ...old.map(
      name => `warning: ${join(folder, name)} is from an earlier export; the clusters have no document of its kind`,
    ),
    ...(documents.length > 0
      ? [`${count(documents.length, 'document')}; to compare them: kubectl mesh diff -f ${shellWord(folder)}`]
      : []),
  ])
}

function fileOf(kind: string): string {
  return `${kind}.yaml`
}
