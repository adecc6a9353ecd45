import {stat} from 'node:fs/promises'
import {resolve} from 'node:path'
import {refusedError, usageError} from '../errors.ts'
import {belongsToOther, entryAt, findAbove} from '../text/files.ts'
import {findTool, lastError, runFoundTool} from './run-tool.ts'

/** The `sops` of the user, with its creation rules. */
export interface Sops {
  file: string
  /** Path of a `.sops.yaml`; undefined if sops has to find it. */
  config: string | undefined
}

/** Characters of a message of sops that are shown. */
const longestMessage = 500

const yaml = ['--input-type', 'yaml', '--output-type', 'yaml']

/**
 * Returns the `sops` in PATH, with the `.sops.yaml` in or above a folder, as sops itself looks from the working directory.
 *
 * @throws MeshError (exit 2) if sops is not in PATH, (exit 3) if the file belongs to another user
 */
export async function findSops(folder: string): Promise<Sops> {
  const file = await findTool('sops')
  if (file === undefined) throw usageError('sops is not in PATH', 'install sops 3.9 or newer (https://getsops.io)')
  return {file, config: process.env.SOPS_CONFIG ? undefined : await configAbove(resolve(folder))}
}

async function configAbove(folder: string): Promise<string | undefined> {
  const path = await findAbove(folder, '.sops.yaml')
  if (path === undefined) return undefined
  // Threat: its author chooses who can decrypt the Secrets.
  const entries = [await entryAt(path), await stat(path).catch(() => undefined)]
  const other = entries.find(entry => entry && belongsToOther(entry.uid))
  if (!other) return path
  throw refusedError(
    `${path} belongs to another user of this machine (UID ${other.uid}), who would choose the keys`,
    'write a .sops.yaml into the root of the repository',
  )
}

/** A manifest to encrypt. */
export interface ClearManifest {
  manifest: string
  /** Whether a text contains one of its secrets. */
  isClear(text: string): boolean
}

/**
 * Encrypts the values below `data` and `stringData` of a manifest. The clear text is only passed on stdin.
 *
 * @param path of the file to write, which selects the creation rule
 * @throws MeshError (exit 3) if sops fails
 */
export async function encryptWithSops(
  {manifest, isClear}: ClearManifest,
  path: string,
  sops: Sops,
  signal?: AbortSignal,
): Promise<string> {
  const args = ['encrypt', '--encrypted-regex', '^(data|stringData)$', ...yaml, '--filename-override', resolve(path)]
  const {code, stdout, stderr} = await runFoundTool(sops.file, [...configOf(sops), ...args], {input: manifest, signal})
  if (code === 0) return stdout
  const message = isClear(stderr) ? 'its message contains the Secret, and is not shown' : lastError(stderr)
  throw refusedError(
    `sops does not encrypt ${path}: ${message.slice(0, longestMessage)}`,
    'check the creation rules in .sops.yaml; sops must be 3.9 or newer',
  )
}

/** Decrypts a manifest. Undefined without the key, which is not needed to render. */
export async function decryptWithSops(
  text: string,
  path: string,
  sops: Sops,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const args = ['decrypt', ...yaml, '--filename-override', resolve(path)]
  const {code, stdout} = await runFoundTool(sops.file, [...configOf(sops), ...args], {input: text, signal})
  return code === 0 ? stdout : undefined
}

function configOf({config}: Sops): string[] {
  return config === undefined ? [] : ['--config', config]
}
