import {stat} from 'node:fs/promises'
import {problemsIn} from '../../../errors.ts'
import {defaultCaFolder} from '../../../mesh/ca/create-root.ts'
import {rootOf} from '../../../mesh/ca/root.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {hasContent, readFolder} from '../../../pki/folder/read.ts'
import {sameRoot} from '../../../pki/read.ts'
import type {RawSpec} from '../../../spec/read.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askText, askYes} from '../../../terminal/prompts.ts'
import type {federationFields} from '../spec.ts'

type RawFederation = RawSpec<typeof federationFields>

/**
 * Asks for the CA folder if the clusters have no common root. Writes nothing: a root is created after the confirmation.
 *
 * @param folder the default folder, relative to the working directory
 */
export async function askCa(
  raw: RawFederation,
  all: readonly MeshMember[],
  terminal: Terminal,
  folder = defaultCaFolder,
): Promise<RawFederation> {
  // A remote gets the root of its primary.
  const signing = all.filter(({primary}) => primary === undefined)
  // A folder has no effect where another CA signs; the preflight reports different roots.
  if (signing.some(({controlPlane}) => controlPlane?.externalCa !== undefined)) return {}
  const roots = signing.map(rootOf)
  const [first] = roots
  const isOneRoot = roots.every(root => root && first && sameRoot(root.pem, first.pem))
  if (raw.caDir !== undefined || roots.length < 2 || isOneRoot) return {}
  const exists = await hasContent(folder).catch(() => true)
  if (exists && (await folderProblem(folder)) === undefined) {
    const message = `The clusters have no common root CA. Use the one in ./${folder}?`
    return (await askYes(terminal, message, true)) ? {caDir: folder} : {caDir: await askFolder(terminal)}
  }
  if (exists) return {caDir: await askFolder(terminal)}
  const message = `The clusters have no common root CA. Create one in ./${folder}?`
  if (await askYes(terminal, message, true)) return {caDir: folder, createCa: true}
  return {caDir: await askFolder(terminal)}
}

function askFolder(terminal: Terminal): Promise<string> {
  return askText(terminal, {
    message: 'Folder with the root CA (from kubectl mesh ca init, request or import):',
    check: folderProblem,
  })
}

/** Why a folder cannot be used, in words that follow its path. */
async function folderProblem(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory()) return 'is not a folder'
  try {
    await readFolder(path)
    return undefined
  } catch (error) {
    return `cannot be used: ${problemsIn(error)[0]!.message}`
  }
}
