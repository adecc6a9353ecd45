import {readdir, rm, rmdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {refusedError} from '../../../errors.ts'
import {type FolderPart, refuseEqualNames, type WrittenParts, writeParts} from '../../../terminal/output/files.ts'
import {
  checkFolder,
  commentIn,
  listName,
  listText,
  readPrevious,
  textIn,
  withoutReturns,
} from '../../../terminal/output/output-folder.ts'
import {isSecret} from '../../../terminal/output/redact.ts'
import {describeFileErrors} from '../../../text/file-errors.ts'
import {codeOf, entryAt, replaceFile} from '../../../text/files.ts'
import {readText} from '../../../text/read-text.ts'
import {parseYaml} from '../../../text/yaml.ts'
import {type EarlierObject, earlierObject} from './objects-earlier.ts'
import {clustersFolder, engineFolders} from './objects-layout.ts'
import {isSealed} from './objects-sealed.ts'

/** Deepest folder: `clusters/CLUSTER/WAVE`. */
const maxDepth = 3

/**
 * Writes all folders of a render, and removes what an earlier render wrote and this one did not. Other files stay.
 *
 * @throws MeshError as `writeFolders`, before the first write
 */
export async function writeRender(folder: string, parts: readonly FolderPart[]): Promise<WrittenParts> {
  refuseEqualNames(
    parts.map(({path}) => path.join('/')),
    'give one of the clusters another name',
  )
  requireSealed(parts)
  const paths = parts.map(({path}) => join(...path))
  const earlier = (await earlierFolders(folder)).filter(path => !paths.includes(path))
  const {files, removed} = await writeParts(folder, parts)
  return describeFileErrors(folder, async () => {
    for (const path of earlier) removed.push(...(await removeEarlier(join(folder, path))))
    return {files, removed}
  })
}

/** A Secret in clear text must not get into Git, whatever has been planned. */
function requireSealed(parts: readonly FolderPart[]): void {
  for (const {objects} of parts)
    for (const {object, text} of objects)
      if (isSecret(object) && text === undefined) throw new Error(`secret/${object.metadata.name} is not encrypted`)
}

/**
 * Returns the objects that an earlier render wrote into a folder, for clusters.
 *
 * @throws MeshError (exit 2) for errors of the file system, (exit 3) for a link and for a file that cannot be read
 */
export async function readEarlier(folder: string): Promise<EarlierObject[]> {
  const folders = (await earlierFolders(folder)).filter(path => path.startsWith(clustersFolder))
  return describeFileErrors(folder, async () => {
    const found: EarlierObject[] = []
    for (const path of folders) {
      const {files} = (await readPrevious(join(folder, path)))!
      // A user removes the file of an object that is not needed.
      for (const name of files)
        if (await entryAt(join(folder, path, name))) found.push(await readObject(join(folder, path, name)))
    }
    return found
  })
}

/** A file with the marks of a merge conflict would otherwise count as an object that is no longer needed. */
async function readObject(path: string): Promise<EarlierObject> {
  const text = withoutReturns(await readText(path))
  const object = earlierObject(commentIn(text), parseYaml(text))
  if (object && isSecret(object.object)) return sealedObject(object, path, textIn(text))
  if (object) return {...object, path}
  throw refusedError(
    `${path} is not as kubectl mesh render has written it`,
    'restore it from Git, or delete it if no cluster needs its object',
  )
}

function sealedObject(object: EarlierObject, path: string, text: string): EarlierObject {
  if (object.credential?.mode === 'sops' && isSealed(object.object)) return {...object, path, text}
  throw refusedError(
    `${path} contains a Secret that is not encrypted`,
    'delete the file, remove it from the history of the repository, and replace its credentials',
  )
}

/** Returns the folders, below a folder, that have a list of an earlier render. Links are not followed. */
async function earlierFolders(folder: string): Promise<string[]> {
  return describeFileErrors(folder, async () => {
    await checkFolder(folder)
    const found: string[] = []
    for (const name of [clustersFolder, ...engineFolders]) found.push(...(await foldersWithLists(folder, name, 1)))
    return found
  })
}

async function foldersWithLists(folder: string, path: string, depth: number): Promise<string[]> {
  const full = join(folder, path)
  if (!(await entryAt(full))?.isDirectory()) return []
  const own = (await readPrevious(full)) ? [path] : []
  if (depth === maxDepth) return own
  const names = (await readdir(full)).sort()
  const below: string[] = []
  for (const name of names) below.push(...(await foldersWithLists(folder, join(path, name), depth + 1)))
  return [...own, ...below]
}

/** Removes the files that an earlier render wrote into a folder, and the folder if nothing else is in it. */
async function removeEarlier(path: string): Promise<string[]> {
  const {files, foreign} = (await readPrevious(path)) ?? {files: [], foreign: []}
  const paths = files.map(name => join(path, name))
  const list = join(path, listName)
  for (const file of paths) await rm(file, {force: true})
  // The list is last: if this run is interrupted, the next one finds the rest.
  if (foreign.length > 0) await replaceFile(list, {text: listText(foreign), mode: 0o644})
  else await rm(list, {force: true})
  await removeIfEmpty(path)
  await removeIfEmpty(dirname(path))
  return paths
}

async function removeIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch((error: unknown) => {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) throw error
  })
}
