import {stat} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {type Problem, usageError} from '../../errors.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {shellWord} from '../../text/shell-word.ts'
import {type CaCerts, caFiles} from '../ca-certs.ts'
import {type Certificate, readCertificates} from '../read.ts'
import {namesIn, readIfPresent, readRootCertificates, requestFile, rootFiles, undefinedIfMissing} from './files.ts'
import {refuseOtherOwners} from './owners.ts'

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
  /** Clusters whose CA was requested (`ca.csr`) and not imported yet. */
  requested: string[]
  /** Private keys that other users can read. */
  warnings: Problem[]
}

/**
 * Reads a CA folder. Whether istiod accepts the CAs is checked by `checkCacerts`.
 *
 * @throws MeshError (exit 3) if another user could replace its keys
 * @throws MeshError (exit 2) if the folder is not a CA folder, a file is missing or unreadable, or another root issued
 *   the CA of a cluster
 */
export async function readFolder(dir: string): Promise<CaFolder> {
  return describeFileErrors(dir, async () => {
    await refuseOtherOwners(dir)
    const key = await stat(join(dir, rootFiles.key)).catch(undefinedIfMissing)
    const warnings = key ? modeWarnings(join(dir, rootFiles.key), key.mode) : []
    const {clusters, requested} = await readClusters(dir, warnings)
    const {text, file} = await readRoots(dir, clusters, requested)
    const roots = readCertificates(text, file).filter(({selfSigned}) => selfSigned)
    if (roots.length === 0)
      throw usageError(`${file} contains no self-signed root`, 'add the root at the end of the file')
    for (const [cluster, ca] of Object.entries(clusters)) requireRoots(join(dir, cluster), ca, {file, roots}, dir)
    const root = {certificate: roots.map(({pem}) => pem).join(''), hasKey: key !== undefined}
    return {root, clusters, requested, warnings}
  })
}

/**
 * Returns whether a folder has more than the private key that an interrupted creation of a root leaves. Without it, a root can be
 * created there.
 *
 * @throws MeshError (exit 2) if the folder cannot be read
 */
export async function hasContent(dir: string): Promise<boolean> {
  const names = await describeFileErrors(dir, () => namesIn(dir))
  return (names ?? []).some(name => name !== rootFiles.key)
}

async function readClusters(dir: string, warnings: Problem[]): Promise<Pick<CaFolder, 'clusters' | 'requested'>> {
  const clusters: CaFolder['clusters'] = Object.create(null)
  const requested: string[] = []
  for (const entry of (await namesIn(dir))?.sort() ?? []) {
    if (dnsLabel(entry)) continue
    const ca = await readCluster(dir, entry, warnings)
    if (ca === 'requested') requested.push(entry)
    else if (ca) clusters[entry] = ca
  }
  return {clusters, requested}
}

/** The roots of the folder. Without `root-cert.pem`, those of the first cluster; another one may not have others. */
async function readRoots(
  dir: string,
  clusters: CaFolder['clusters'],
  requested: readonly string[],
): Promise<{text: string; file: string}> {
  const [first] = Object.entries(clusters)
  const file = join(dir, rootFiles.certificate)
  const text = await readIfPresent(file)
  if (text !== undefined) return {text, file}
  if (first) return {text: first[1].rootCert, file: join(dir, first[0], caFiles.rootCert)}
  if (requested.length === 0) return {text: await readRootCertificates(dir), file}
  throw usageError(
    `${dir} contains only requests (${requested.join(', ')}), and no CA`,
    `import the signed certificates: kubectl mesh ca import --dir ${shellWord(dir)} --cluster ${requested[0]}=FILE --root-cert FILE`,
  )
}

/** Reads the CA of one cluster. Returns undefined if the entry is not a folder or has none of the files. */
async function readCluster(
  dir: string,
  cluster: string,
  warnings: Problem[],
): Promise<CaCerts | 'requested' | undefined> {
  const path = join(dir, cluster)
  if (!(await stat(path)).isDirectory()) return undefined
  const keys = Object.keys(caFiles) as (keyof CaCerts)[]
  const texts = await Promise.all(keys.map(key => readIfPresent(join(path, caFiles[key]))))
  const missing = keys.filter((_, at) => texts[at] === undefined)
  if (missing.length === keys.length) return undefined
  await refuseOtherOwners(dir, cluster)
  if (!missing.includes('caKey'))
    warnings.push(...modeWarnings(join(path, caFiles.caKey), (await stat(join(path, caFiles.caKey))).mode))
  if (missing.includes('caCert') && (await readIfPresent(join(path, requestFile))) !== undefined) return 'requested'
  if (missing.length > 0)
    throw usageError(`${path} has no ${missing.map(key => caFiles[key]).join(', ')}`, ...againHints(dir, cluster))
  return Object.fromEntries(keys.map((key, at) => [key, texts[at]])) as unknown as CaCerts
}

function requireRoots(
  path: string,
  {rootCert}: CaCerts,
  {file, roots}: {file: string; roots: readonly Certificate[]},
  dir: string,
): void {
  const trusted = readCertificates(rootCert, join(path, caFiles.rootCert))
  if (!roots.every(root => trusted.some(({fingerprint}) => fingerprint === root.fingerprint)))
    throw usageError(`${path} was issued by a different root than ${file}`, ...againHints(dir, basename(path)))
}

function againHints(dir: string, cluster: string): string[] {
  return [
    `issue it again: kubectl mesh ca issue --dir ${shellWord(dir)} --cluster ${cluster} --renew`,
    'or, if your organization signed it, complete its files: ca-cert.pem, ca-key.pem, cert-chain.pem, root-cert.pem',
  ]
}

/** Warns of a private key that other users can read. Windows has no such modes. */
function modeWarnings(path: string, mode: number): Problem[] {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return []
  const octal = (mode & 0o777).toString(8).padStart(4, '0')
  return [{message: `${path} is readable by other users (mode ${octal})`, hints: [`chmod 600 ${shellWord(path)}`]}]
}
