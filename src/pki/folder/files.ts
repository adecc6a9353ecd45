import {readdir} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {usageError} from '../../errors.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {codeOf} from '../../text/files.ts'
import {readText} from '../../text/read-text.ts'
import {shellWord} from '../../text/shell-word.ts'

/**
 * Names of the root's files. The layout of a CA folder:
 *
 *     DIR/root-cert.pem      certificates from the signing CA up to the self-signed root
 *     DIR/root-key.pem       private key of the signing CA (0600); absent if its owner stores it elsewhere
 *     DIR/<cluster>/         (0700) ca-cert.pem, ca-key.pem (0600), cert-chain.pem, root-cert.pem, and ca.csr if it was requested
 *
 * Without DIR/root-cert.pem, all clusters must have the same root: the layout of Istio's tools/certs.
 */
export const rootFiles = {certificate: 'root-cert.pem', key: 'root-key.pem'} as const

/** Name of the certificate signing request of a cluster. */
export const requestFile = 'ca.csr'

/**
 * The folder of a cluster.
 *
 * @param cluster name of the cluster, a DNS label because it becomes a path
 * @throws MeshError (exit 2) for an invalid name
 */
export function clusterPath(dir: string, cluster: string): string {
  const problem = dnsLabel(cluster)
  if (problem) throw usageError(`cluster name ${JSON.stringify(cluster)} ${problem}`)
  return join(resolve(dir), cluster)
}

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
