import type {Dirent} from 'node:fs'
import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {MeshError, usageError} from '../../errors.ts'
import {cannotRead} from '../../text/file-errors.ts'
import {readText} from '../../text/read-text.ts'
import {meshFileVersion} from './kind.ts'

/** A text with documents. */
export interface Source {
  /** Path, or `stdin`. */
  file: string
  text: string
}

/** More files than a person maintains. It stops a search that started in a wrong folder. */
const maxFiles = 5000

/**
 * Reads files, the files of folders, and stdin. Of a folder, only files that end in .yaml, .yml or .json are read, in the order
 * of their names. Names that begin with a dot are skipped.
 *
 * @param paths files or folders; `-` for stdin
 * @param recursive also read folders in folders. A symbolic link to a folder is not followed.
 * @throws MeshError (exit 2) if one cannot be read, or a folder has no such file
 */
export async function readSources(paths: readonly string[], recursive: boolean): Promise<Source[]> {
  const files: string[] = []
  for (const path of paths) files.push(...(await findSources(path, recursive)))
  const sources: Source[] = []
  for (const file of new Set(files)) sources.push(await readSource(file))
  return sources
}

/**
 * Reads one file.
 *
 * @param file path, `-` for stdin
 * @throws MeshError (exit 2)
 */
export async function readSource(file: string): Promise<Source> {
  const text = await readText(file).catch(cannotRead(file))
  return {file: file === '-' ? 'stdin' : file, text}
}

/** Returns whether a path is a folder; `-` is none. Throws MeshError (exit 2) if nothing is there. */
export async function isFolder(path: string): Promise<boolean> {
  return path !== '-' && (await stat(path).catch(cannotRead(path))).isDirectory()
}

/**
 * Returns the paths of the files that `readSources` reads for one path.
 *
 * @throws MeshError (exit 2) as `readSources`
 */
export async function findSources(path: string, recursive: boolean): Promise<string[]> {
  if (!(await isFolder(path))) return [path]
  const files = await filesIn(path, recursive).catch(cannotRead(path))
  if (files.length > maxFiles) throw usageError(`${path} contains more than ${maxFiles} files`)
  if (files.length === 0)
    throw usageError(
      `${path} contains no file that ends in .yaml, .yml or .json`,
      ...(recursive ? [] : ['-R also reads folders in the folder']),
    )
  return files
}

async function filesIn(folder: string, recursive: boolean): Promise<string[]> {
  const files: string[] = []
  const entries = await readdir(folder, {withFileTypes: true})
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || files.length > maxFiles) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) files.push(...(recursive ? await filesIn(path, recursive) : []))
    else if (/\.(ya?ml|json)$/.test(entry.name) && (await isFile(entry, path))) files.push(path)
  }
  return files
}

/** Entries of a folder that are examined: more than a folder of mesh files has. */
export const maxExamined = 200

/** Returns whether an entry of a folder may be one of mesh files: it is neither hidden nor a folder of packages. */
export function isExamined(name: string): boolean {
  return !name.startsWith('.') && name !== 'node_modules'
}

/** Returns whether a file is a mesh file, or a folder contains one. A saved plan is none, nor is a file that cannot be read. */
export async function hasMeshFile(path: string): Promise<boolean> {
  try {
    for (const file of (await findSources(path, false)).slice(0, maxExamined)) {
      const text = await readText(file)
      if (text.includes(meshFileVersion) && !/^ *"?kind"?: *"?Plan\b/m.test(text)) return true
    }
    return false
  } catch (error) {
    if (error instanceof MeshError || (error instanceof Error && 'code' in error)) return false
    throw error
  }
}

/** Returns the folders in some folders that contain mesh files, and that are read only with `-R`. */
export async function findSkipped(paths: readonly string[]): Promise<string[]> {
  const skipped: string[] = []
  for (const path of paths) {
    if (!(await isFolder(path))) continue
    const entries = await readdir(path, {withFileTypes: true}).catch(cannotRead(path))
    const folders = entries.filter(entry => entry.isDirectory() && isExamined(entry.name))
    for (const {name} of folders.slice(0, maxExamined))
      if (await hasMeshFile(join(path, name))) skipped.push(join(path, name))
  }
  return skipped.sort()
}

/** A link to a folder, as volumes of ConfigMaps have it, may be named like a file. */
async function isFile(entry: Dirent, path: string): Promise<boolean> {
  return entry.isFile() || (entry.isSymbolicLink() && (await stat(path)).isFile())
}
