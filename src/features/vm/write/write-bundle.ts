import {readdir, stat} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {exitCodes, MeshError, messageOf} from '../../../errors.ts'
import type {Run} from '../../../run/run.ts'
import {codeOf, createFolder, type Files, removeLeftovers, replaceFile} from '../../../text/files.ts'
import {makeFolders} from '../../../text/make-folders.ts'
import {readText} from '../../../text/read-text.ts'
import {buildBundle} from '../bundle/files.ts'
import {bundleSourceOf} from '../bundle/source.ts'
import {bundleSecretsOf} from '../bundle-secrets.ts'
import type {VmFacts} from '../facts.ts'
import {resolveGateway} from '../resolve-gateway.ts'
import type {VmRegistration} from '../spec.ts'

/** Folder of the bundle of a VM: the requested one, else `NAME-vm`. */
export function bundleFolder(name: string, requested: string | undefined): string {
  return requested ?? `${name}-vm`
}

/** A bundle that was written. */
export interface WrittenBundle {
  folder: string
  /** Paths, in the order in which the files were written. */
  files: string[]
  tokenEnds: Date
}

/**
 * Writes the files for a machine.
 *
 * @param renew request a new token even if the bundle contains a valid one
 * @throws MeshError (exit 3) when the Secret of the VM or the root certificate does not exist
 */
export async function writeBundle(
  spec: VmRegistration,
  facts: VmFacts,
  folder: string,
  run: Pick<Run, 'terminal'>,
  renew: boolean,
): Promise<WrittenBundle> {
  const gateway = await resolveGateway(spec.gatewayAddress, facts, run.terminal)
  const secrets = await bundleSecretsOf(spec, facts, renew ? undefined : await tokenInBundle(folder))
  const files = buildBundle(bundleSourceOf(spec, facts.controlPlane!, gateway, secrets), spec.format)
  await writeFiles(folder, files)
  return {folder, files: Object.keys(files).map(name => join(folder, name)), tokenEnds: secrets.expires}
}

/** The token in an existing bundle with separate files. Undefined without one. */
export async function tokenInBundle(folder: string): Promise<string | undefined> {
  return (await unlessMissing(readText(join(folder, 'istio-token'))))?.trim()
}

/**
 * Writes the files of a bundle. A new folder appears complete. In an existing folder each file that differs is replaced
 * atomically, and other files are kept.
 */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  await makeFolders(dirname(resolve(folder)))
  await removeLeftovers(folder)
  const existing = await unlessMissing(readdir(folder))
  if (existing === undefined || existing.length === 0) return createFolder(folder, files)
  const replaced: string[] = []
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name)
    try {
      await removeLeftovers(path)
      if (await isSame(path, file)) continue
      await replaceFile(path, file)
    } catch (error) {
      if (replaced.length === 0) throw error
      const message = `${path}: ${messageOf(error)}; written so far: ${replaced.join(', ')}`
      throw new MeshError({message, hints: ['solve the problem, then run the command again']}, exitCodes.partly, error)
    }
    replaced.push(name)
  }
}

async function isSame(path: string, {text, mode}: Files[string]): Promise<boolean> {
  if ((await unlessMissing(readText(path))) !== text) return false
  const found = (await stat(path)).mode & 0o777
  // With a restrictive umask such as 077, group and others have fewer permissions.
  return (found & ~mode) === 0 && (found & 0o700) === (mode & 0o700)
}

/** The result of a file operation, or undefined when the file does not exist. */
async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  return operation.catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}
