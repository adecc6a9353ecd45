import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {type Problem, usageError} from '../../errors.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {shellWord} from '../../text/shell-word.ts'
import {type CaCerts, caFiles} from '../ca-certs.ts'
import {type Certificate, readCertificates} from '../read.ts'
import {readIfPresent, readRootCertificates, rootFiles, undefinedIfMissing} from './files.ts'

/** The content of a CA folder, without the root's private key. */
export interface CaFolder {
  root: {
    /** The self-signed root, PEM. Clusters receive it as `root-cert.pem`. */
    certificate: string
    /** Whether `root-key.pem` exists, so that more certificates can be issued. */
    hasKey: boolean
  }
  /** By cluster name. It has no prototype, because a cluster may be named `constructor`. */
  clusters: Record<string, CaCerts>
  /** Private keys that other users can read. */
  warnings: Problem[]
}

/**
 * Reads a CA folder. Whether istiod accepts the CAs is checked by `checkCacerts`.
 *
 * @throws MeshError (exit 2) if the folder is not a CA folder, a file is missing or unreadable, or another root issued
 *   the CA of a cluster
 */
export async function readFolder(dir: string): Promise<CaFolder> {
  return describeFileErrors(dir, async () => {
    const file = join(dir, rootFiles.certificate)
    const roots = readCertificates(await readRootCertificates(dir), file).filter(({selfSigned}) => selfSigned)
    if (roots.length === 0)
      throw usageError(`${file} contains no self-signed root`, 'add the root at the end of the file')
    const key = await stat(join(dir, rootFiles.key)).catch(undefinedIfMissing)
    const clusters: CaFolder['clusters'] = Object.create(null)
    const warnings = key ? modeWarnings(join(dir, rootFiles.key), key.mode) : []
    for (const entry of (await readdir(dir)).sort()) {
      if (dnsLabel(entry)) continue
      const ca = await readCluster(dir, entry, warnings)
      if (!ca) continue
      requireRoots(dir, entry, ca, roots)
      clusters[entry] = ca
    }
    return {root: {certificate: roots.map(({pem}) => pem).join(''), hasKey: key !== undefined}, clusters, warnings}
  })
}

/** Reads the CA of one cluster. Returns undefined if the entry is not a folder or has none of the files. */
async function readCluster(dir: string, cluster: string, warnings: Problem[]): Promise<CaCerts | undefined> {
  const path = join(dir, cluster)
  if (!(await stat(path)).isDirectory()) return undefined
  const keys = Object.keys(caFiles) as (keyof CaCerts)[]
  const texts = await Promise.all(keys.map(key => readIfPresent(join(path, caFiles[key]))))
  const missing = keys.filter((_, at) => texts[at] === undefined)
  if (missing.length === keys.length) return undefined
  if (missing.length > 0)
    throw usageError(`${path} has no ${missing.map(key => caFiles[key]).join(', ')}`, renewHint(dir, cluster))
  warnings.push(...modeWarnings(join(path, caFiles.caKey), (await stat(join(path, caFiles.caKey))).mode))
  return Object.fromEntries(keys.map((key, at) => [key, texts[at]])) as unknown as CaCerts
}

function requireRoots(dir: string, cluster: string, {rootCert}: CaCerts, roots: readonly Certificate[]): void {
  const path = join(dir, cluster)
  const trusted = readCertificates(rootCert, join(path, caFiles.rootCert))
  if (!roots.every(root => trusted.some(({fingerprint}) => fingerprint === root.fingerprint)))
    throw usageError(
      `${path} was issued by another root than ${join(dir, rootFiles.certificate)}`,
      renewHint(dir, cluster),
    )
}

function renewHint(dir: string, cluster: string): string {
  return `issue it again: kubectl mesh ca issue --dir ${shellWord(dir)} --cluster ${cluster} --renew`
}

/** Warns of a private key that other users can read. Windows has no such modes. */
function modeWarnings(path: string, mode: number): Problem[] {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return []
  const octal = (mode & 0o777).toString(8).padStart(4, '0')
  return [{message: `${path} is readable by other users (mode ${octal})`, hints: [`chmod 600 ${shellWord(path)}`]}]
}
