import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {usageError} from '../../errors.ts'
import {codeOf} from '../../text/files.ts'
import {readText} from '../../text/read-text.ts'
import {shellWord} from '../../text/shell-word.ts'

/**
 * Names of the root's files. The layout of a CA folder:
 *
 *     DIR/root-cert.pem      certificates from the signing CA up to the self-signed root
 *     DIR/root-key.pem       private key of the signing CA (0600); absent if its owner stores it elsewhere
 *     DIR/<cluster>/         (0700) ca-cert.pem, ca-key.pem (0600), cert-chain.pem, root-cert.pem
 */
export const rootFiles = {certificate: 'root-cert.pem', key: 'root-key.pem'} as const

/** Names of the entries of a folder; undefined if it does not exist. */
export async function namesIn(path: string): Promise<string[] | undefined> {
  return readdir(path).catch(undefinedIfMissing)
}

/** The text of a file; undefined if it does not exist. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  return readText(path).catch(undefinedIfMissing)
}

/** Rejection handler that replaces ENOENT with undefined and throws every other error again. */
export function undefinedIfMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

/**
 * Reads the root certificates of a CA folder.
 *
 * @throws MeshError (exit 2) if the folder or the file does not exist
 */
export async function readRootCertificates(dir: string): Promise<string> {
  const text = await readIfPresent(join(dir, rootFiles.certificate))
  if (text !== undefined) return text
  const exists = (await namesIn(dir)) !== undefined
  throw usageError(
    exists ? `${dir} has no ${rootFiles.certificate}: it is not a CA folder` : `${dir} does not exist`,
    `create a root: kubectl mesh ca init --dir ${shellWord(dir)}`,
  )
}
