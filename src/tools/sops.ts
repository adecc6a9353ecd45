import {dirname, join, resolve} from 'node:path'
import {refusedError, usageError} from '../errors.ts'
import {entryAt} from '../text/files.ts'
import {findTool, lastError, runFoundTool} from './run-tool.ts'

/** The `sops` of the user, with its creation rules. */
export interface Sops {
  file: string
  /** Path of a `.sops.yaml`; undefined if sops has to find it. */
  config: string | undefined
}

const yaml = ['--input-type', 'yaml', '--output-type', 'yaml']

/**
 * Returns the `sops` in PATH, with the `.sops.yaml` in or above a folder, as sops itself looks from the working directory.
 *
 * @throws MeshError (exit 2) if sops is not in PATH
 */
export async function findSops(folder: string): Promise<Sops> {
  const file = await findTool('sops')
  if (file === undefined) throw usageError('sops is not in PATH', 'install sops 3.9 or newer (https://getsops.io)')
  return {file, config: process.env.SOPS_CONFIG ? undefined : await configAbove(resolve(folder))}
}

async function configAbove(folder: string): Promise<string | undefined> {
  const path = join(folder, '.sops.yaml')
  if (await entryAt(path).catch(() => undefined)) return path
  return dirname(folder) === folder ? undefined : configAbove(dirname(folder))
}

/**
 * Encrypts the values below `data` and `stringData` of a manifest. The clear text is only passed on stdin.
 *
 * @param path of the file to write, which selects the creation rule
 * @throws MeshError (exit 3) if sops fails
 */
export async function encryptWithSops(
  manifest: string,
  path: string,
  sops: Sops,
  signal?: AbortSignal,
): Promise<string> {
  const args = ['encrypt', '--encrypted-regex', '^(data|stringData)$', ...yaml, '--filename-override', resolve(path)]
  const {code, stdout, stderr} = await runFoundTool(sops.file, [...configOf(sops), ...args], {input: manifest, signal})
  if (code === 0) return stdout
  throw refusedError(
    `sops does not encrypt ${path}: ${lastError(stderr)}`,
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
