import {open} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {exitCodes, MeshError, refusedError} from '../../errors.ts'
import {belongsToOther, entryAt} from '../../text/files.ts'
import {isMap} from '../../text/json.ts'
import {readText} from '../../text/read-text.ts'
import {dumpYaml, parseYaml} from '../../text/yaml.ts'
import type {PlannedObject} from './objects.ts'

/** The file that lists the files of a run. */
export const listName = 'kustomization.yaml'

/** The first line of each list. Only a list with this exact line is trusted on the next run. */
const listHeader =
  '# Written by kubectl mesh. Files that are listed here are written again and removed on the next run.\n'

/** The first line of each manifest. A file without this exact line is neither overwritten nor removed, even if it is listed. */
const fileHeader = '# Written by kubectl mesh. The next run with this folder overwrites or removes this file.\n'

/** The content of the file of one object. */
export function fileText({object, comment, text}: Pick<PlannedObject, 'object' | 'comment' | 'text'>): string {
  return `${fileHeader}${comment === undefined ? '' : `# ${comment}\n`}${text ?? dumpYaml(object)}`
}

/** The comment in the content of such a file. Undefined without one. */
export function commentIn(text: string): string | undefined {
  const line = text.startsWith(fileHeader) ? text.slice(fileHeader.length).split('\n', 1)[0]! : ''
  return line.startsWith('# ') ? line.slice(2) : undefined
}

/** The YAML in the content of such a file, after its comment. */
export function textIn(text: string): string {
  const comment = commentIn(text)
  return text.slice(fileHeader.length + (comment === undefined ? 0 : `# ${comment}\n`.length))
}

/** The content of a list. */
export function listText(files: readonly string[]): string {
  return listHeader + dumpYaml({apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: files})
}

/**
 * Checks that a path is a folder or does not exist.
 *
 * Threat: a link, which may have come with a repository or belong to another user, would lead the files to another place. Links
 * above the folder are part of the path that the user gave, as for every program: those of the user and of root are followed
 * (`/tmp` is a link on macOS), those of other users are not.
 *
 * @throws MeshError (exit 3)
 */
export async function checkFolder(path: string): Promise<void> {
  // With a slash or a dot at the end, the system would follow a link.
  const full = resolve(path)
  await refuseForeignLinks(dirname(full))
  const found = await entryAt(full)
  if (found?.isSymbolicLink())
    throw refusedError(`${path} is a symbolic link; expected a folder`, 'specify its target with --output-dir')
  if (found && !found.isDirectory()) throw refusedError(`${path} is not a folder`, 'specify a folder with --output-dir')
}

async function refuseForeignLinks(path: string): Promise<void> {
  const found = await entryAt(path)
  if (found?.isSymbolicLink() && belongsToOther(found.uid))
    throw refusedError(
      `${path} is a symbolic link of another user of this machine (UID ${found.uid}), who could lead the files to another place`,
      'specify a path without it with --output-dir',
    )
  if (dirname(path) !== path) await refuseForeignLinks(dirname(path))
}

/** What the previous run left in the folder of a cluster. */
export interface Previous {
  /** Listed files that it wrote, in the order of the list. */
  files: string[]
  /** Other listed files: someone added them to the list. */
  foreign: string[]
}

/**
 * Checks that the folder of a cluster contains only files of a previous run where files will be written.
 *
 * @param names files to write, beside the list
 * @throws MeshError (exit 3) that lists every file of others
 */
export async function checkTargets(path: string, names: readonly string[]): Promise<Previous> {
  await checkFolder(path)
  const previous = await readPrevious(path)
  const replaceable = new Set(previous ? [...previous.files, listName] : [])
  const occupied: string[] = []
  for (const name of [...names, listName])
    if (!replaceable.has(name) && (await entryAt(join(path, name)))) occupied.push(join(path, name))
  if (occupied.length > 0)
    throw new MeshError(
      occupied.map(file => ({
        message: `${file} was not written by kubectl mesh and is not overwritten`,
        hints: ['move it away, or specify another folder with --output-dir'],
      })),
      exitCodes.refused,
    )
  return previous ?? {files: [], foreign: []}
}

/** What the previous run left in a folder. Undefined without its list. */
export async function readPrevious(path: string): Promise<Previous | undefined> {
  const listed = await listedFiles(join(path, listName))
  if (!listed) return undefined
  const isOurs = await Promise.all(listed.map(name => isWritten(join(path, name))))
  return {files: listed.filter((_, at) => isOurs[at]), foreign: listed.filter((_, at) => !isOurs[at])}
}

/** Whether a previous run wrote the file, or may have listed it and not written it yet. */
async function isWritten(path: string): Promise<boolean> {
  const found = await entryAt(path)
  return !found || (found.isFile() && (await hasHeader(path)))
}

/** Git may have added a return to the line. */
async function hasHeader(path: string): Promise<boolean> {
  return withoutReturns(await startOf(path, fileHeader.length + 1)).startsWith(fileHeader)
}

/** The names of files in our list. Undefined if there is no such list. */
async function listedFiles(list: string): Promise<string[] | undefined> {
  if (!(await entryAt(list))?.isFile()) return undefined
  const text = withoutReturns(await readText(list))
  if (!text.startsWith(listHeader)) return undefined
  const names = resourcesIn(text)
  if (!names)
    throw refusedError(
      `${list} is not as kubectl mesh has written it`,
      'restore it from Git, or resolve the conflict in it',
    )
  return names.filter(name => /^[A-Za-z0-9._-]+\.yaml$/.test(name))
}

/** The list of a kustomization. Undefined if it has none, such as after a merge conflict. */
function resourcesIn(text: string): string[] | undefined {
  const list = parseYaml(text)
  return isMap(list) && Array.isArray(list.resources)
    ? list.resources.filter(name => typeof name === 'string')
    : undefined
}

/** Git may check files out with the line ends of Windows. */
export function withoutReturns(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

/** The first characters of a file. */
async function startOf(path: string, length: number): Promise<string> {
  const file = await open(path)
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
