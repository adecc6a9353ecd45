import {createHash} from 'node:crypto'
import {rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {refKey, refOf} from '../../engine/kubernetes/object.ts'
import {usageError} from '../../errors.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {fileNameOf} from '../../text/file-name.ts'
import {makeFolders} from '../../text/make-folders.ts'
import type {ClusterObjects, PlannedObject} from './objects.ts'
import {checkFolder, checkTargets, fileText, listName, listText, type Previous} from './output-folder.ts'
import {isSecret} from './redact.ts'

/** The objects of one folder. */
export interface FolderPart {
  /** Names of nested folders below the folder of the run: fixed names, and results of `fileNameOf`. */
  path: readonly string[]
  objects: readonly PlannedObject[]
}

/** Paths of files. */
export interface WrittenParts {
  /** In the order to print them. */
  files: string[]
  /** An earlier run wrote them into these folders, and this one has removed them. */
  removed: string[]
}

/** A folder with what an earlier run left in it. */
interface CheckedPart {
  path: string
  objects: readonly PlannedObject[]
  /** Name of the file of each object. */
  files: string[]
  before: Previous
}

/**
 * Writes one folder per cluster, with one file per object, named in apply order, and a `kustomization.yaml` that lists
 * them. Files that the previous run wrote and this one does not are removed; other files stay, also in the list. Equal
 * objects give equal bytes. Secrets get mode 0600.
 *
 * Everything is checked before the first write: nothing is written outside the folder, through a link, or over a file that
 * the previous run did not write.
 *
 * @param mode permissions of the folder if it is created; undefined for those of the umask
 * @returns the written paths, in the order to print them
 * @throws MeshError (exit 2) for two clusters with one folder and for errors of the file system, (exit 3) for links and for files of others
 */
export async function writeFolders(
  folder: string,
  clusters: readonly ClusterObjects[],
  mode?: number,
): Promise<string[]> {
  refuseEqualNames(
    clusters.map(({cluster}) => cluster),
    'write them one by one with --only NAME',
  )
  const parts = clusters.map(({cluster, objects}) => ({path: [fileNameOf(cluster)], objects}))
  return (await writeParts(folder, parts, mode)).files
}

/** Writes folders like `writeFolders`, at any depth. */
export async function writeParts(
  folder: string,
  parts: readonly FolderPart[],
  mode?: number | undefined,
): Promise<WrittenParts> {
  return describeFileErrors(folder, () => checkAndWrite(folder, parts, mode))
}

async function checkAndWrite(
  folder: string,
  parts: readonly FolderPart[],
  mode: number | undefined,
): Promise<WrittenParts> {
  await checkFolder(folder)
  const checked: CheckedPart[] = []
  for (const {path, objects} of parts) {
    // A link inside the folder may have come with a repository, also above the last folder.
    for (const depth of path.keys()) await checkFolder(join(folder, ...path.slice(0, depth)))
    const full = join(folder, ...path)
    const files = fileNames(objects)
    checked.push({path: full, objects, files, before: await checkTargets(full, files)})
  }
  if (mode !== undefined) await createWithMode(folder, mode)
  const result: WrittenParts = {files: [], removed: []}
  for (const part of checked) {
    result.files.push(...(await writePart(part)))
    const removed = part.before.files.filter(name => !part.files.includes(name))
    result.removed.push(...removed.map(name => join(part.path, name)))
  }
  return result
}

/** Folders above it have the permissions of the umask. */
async function createWithMode(folder: string, mode: number): Promise<void> {
  await makeFolders(folder, mode)
}

async function writePart({path, objects, files, before}: CheckedPart): Promise<string[]> {
  const list = join(path, listName)
  await makeFolders(path)
  // Before the files: if this run is interrupted, the next one knows which of them are ours.
  if (files.some(name => !before.files.includes(name)))
    await writeAtomically(list, listText([...new Set([...files, ...before.files, ...before.foreign])]), 0o644)
  for (const [at, one] of objects.entries())
    await writeAtomically(join(path, files[at]!), fileText(one), isSecret(one.object) ? 0o600 : 0o644)
  for (const old of before.files) if (!files.includes(old)) await rm(join(path, old), {force: true})
  await writeAtomically(list, listText([...files, ...before.foreign]), 0o644)
  return [...files.map(name => join(path, name)), list]
}

/**
 * Refuses two clusters or folders whose names differ only in case.
 *
 * @throws MeshError (exit 2)
 */
export function refuseEqualNames(names: readonly string[], hint: string): void {
  const isAmbiguous = duplicatesIn(names)
  const equal = names.filter(isAmbiguous)
  if (equal.length > 0)
    throw usageError(
      `clusters ${equal.join(', ')} would be written to one folder, because file systems may ignore case`,
      hint,
    )
}

/** Maximum length of a name without its hash and suffix. File systems allow 255 bytes. */
const maxNameLength = 230

/**
 * `10-namespace-istio-system.yaml`. If two names are equal, they get the namespace and the API version. If they are still
 * equal, or a name is too long, it gets a hash. Names that differ only in case count as equal: file systems may ignore it.
 */
export function fileNames(objects: readonly PlannedObject[]): string[] {
  const short = objects.map(
    ({wave, object}) => `${wave}-${plain(object.kind.toLowerCase())}-${plain(object.metadata.name)}`,
  )
  const isShortAmbiguous = duplicatesIn(short)
  const full = short.map((name, at) => {
    const {apiVersion, metadata} = objects[at]!.object
    return isShortAmbiguous(name) ? `${name}-${plain(metadata.namespace ?? 'cluster')}-${plain(apiVersion)}` : name
  })
  const isFullAmbiguous = duplicatesIn(full)
  return full.map((name, at) => {
    if (name.length <= maxNameLength && !isFullAmbiguous(name)) return `${name}.yaml`
    const hash = createHash('sha256')
      .update(refKey(refOf(objects[at]!.object)))
      .digest('hex')
      .slice(0, 8)
    return `${name.slice(0, maxNameLength)}-${hash}.yaml`
  })
}

/** Returns a test for names that the list contains more than once. */
function duplicatesIn(names: readonly string[]): (name: string) => boolean {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1)
  return name => counts.get(name.toLowerCase())! > 1
}

/** Replaces characters that some file systems do not allow: names of roles may contain `:`. */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]/g, '_')
}

/** Writes a file under its name only when it is complete, and with its mode from the start. */
async function writeAtomically(path: string, text: string, mode: number): Promise<void> {
  const part = `${path}.part`
  await rm(part, {force: true})
  await writeFile(part, text, {mode, flag: 'wx'})
  await rename(part, path)
}
