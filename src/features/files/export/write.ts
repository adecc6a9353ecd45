import {join} from 'node:path'
import {exitCodes, MeshError} from '../../../errors.ts'
import {checkFolder} from '../../../terminal/output/output-folder.ts'
import {describeFileErrors} from '../../../text/file-errors.ts'
import {entryAt, replaceFile} from '../../../text/files.ts'
import {makeFolders} from '../../../text/make-folders.ts'
import {readText} from '../../../text/read-text.ts'
import {exportMark} from './report-exported.ts'

/** A file to write. */
export interface ExportedFile {
  /** Path below the folder. */
  name: string
  /** Begins with `exportMark`. */
  text: string
}

/** Folder of values files below that of the documents. */
export const valuesFolder = 'values'

/**
 * Writes files into a folder. Replaces only files that an earlier export wrote.
 *
 * @returns the paths
 * @throws MeshError (exit 3) if a file of others is in the way, (exit 2) for errors of the file system
 */
export async function writeExport(folder: string, files: readonly ExportedFile[]): Promise<string[]> {
  return describeFileErrors(folder, async () => {
    const paths = files.map(({name}) => join(folder, name))
    await checkFolder(folder)
    await checkFolder(join(folder, valuesFolder))
    const taken: string[] = []
    for (const path of paths) if ((await entryAt(path)) && !(await isExported(path))) taken.push(path)
    if (taken.length > 0)
      throw new MeshError(
        taken.map(path => ({
          message: `${path} was not written by kubectl mesh export and is not overwritten`,
          hints: ['specify another folder with --output-dir, and compare the files'],
        })),
        exitCodes.refused,
      )
    await makeFolders(folder)
    if (files.some(({name}) => name.startsWith(`${valuesFolder}/`))) await makeFolders(join(folder, valuesFolder))
    for (const [at, path] of paths.entries()) await replaceFile(path, {text: files[at]!.text, mode: 0o644})
    return paths
  })
}

/**
 * Returns the names among some that an earlier export wrote into a folder.
 *
 * @throws MeshError (exit 2) for errors of the file system
 */
export async function writtenBefore(folder: string, names: readonly string[]): Promise<string[]> {
  return describeFileErrors(folder, async () => {
    const found: string[] = []
    for (const name of names) if (await isExported(join(folder, name))) found.push(name)
    return found
  })
}

async function isExported(path: string): Promise<boolean> {
  const entry = await entryAt(path)
  return Boolean(entry?.isFile()) && (await readText(path)).startsWith(`${exportMark}\n`)
}
