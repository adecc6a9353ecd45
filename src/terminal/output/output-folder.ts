import type {Stats} from 'node:fs'
import {lstat} from 'node:fs/promises'
import {join} from 'node:path'
import {exitCodes, MeshError, refusedError} from '../../errors.ts'
import {codeOf} from '../../text/files.ts'
import {readText} from '../../text/read-text.ts'
import {dumpYaml, loadYaml} from '../../text/yaml.ts'

/** The file that lists the files of a run. */
export const listName = 'kustomization.yaml'

/** The first line of each list. Only a list with this exact line is trusted on the next run. */
const header = '# Written by kubectl mesh. Files that are listed here are written again and removed on the next run.\n'

/** The content of a list. */
export function listText(files: readonly string[]): string {
  return header + dumpYaml({apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: files})
}

/**
 * Checks that a path is a folder or does not exist.
 *
 * Threat: a link, which may have come with a repository or belong to another user, would lead the files to another place.
 *
 * @throws MeshError (exit 3)
 */
export async function checkFolder(path: string): Promise<void> {
  // With a slash at the end, the system would follow a link.
  const found = await entryAt(path.replace(/(?<=.)\/+$/, ''))
  if (found?.isSymbolicLink())
    throw refusedError(`${path} is a symbolic link; expected a folder`, 'specify its target with --output-dir')
  if (found && !found.isDirectory()) throw refusedError(`${path} is not a folder`, 'specify a folder with --output-dir')
}

/**
 * Checks that the folder of a cluster contains only files of a previous run where files will be written.
 *
 * @param names files to write, beside the list
 * @returns the files that the previous run listed
 * @throws MeshError (exit 3) that lists every file of others
 */
export async function checkTargets(path: string, names: readonly string[]): Promise<string[]> {
  await checkFolder(path)
  const listed = await listedFiles(join(path, listName))
  const ours = new Set(listed && [...listed, listName])
  const foreign: string[] = []
  for (const name of [...names, listName]) {
    const found = await entryAt(join(path, name))
    if (found && !(found.isFile() && ours.has(name))) foreign.push(join(path, name))
  }
  if (foreign.length > 0)
    throw new MeshError(
      foreign.map(file => ({
        message: `${file} was not written by kubectl mesh and is not overwritten`,
        hints: ['move it away, or specify another folder with --output-dir'],
      })),
      exitCodes.refused,
    )
  return listed ?? []
}

/** The files that our list contains. Undefined if there is no such list. */
async function listedFiles(list: string): Promise<string[] | undefined> {
  if (!(await entryAt(list))?.isFile()) return undefined
  const text = await readText(list)
  if (!text.startsWith(header)) return undefined
  const {resources} = loadYaml(text) as {resources?: unknown}
  const names = Array.isArray(resources) ? resources : []
  return names.filter(name => typeof name === 'string' && /^[A-Za-z0-9._-]+\.yaml$/.test(name))
}

/** The entry at a path, without following a link. Undefined if there is none. */
async function entryAt(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}
