import {chmod, mkdir, readdir, readFile, stat} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {type Problem, refusedError, usageError} from '../errors.ts'
import {shellWord} from '../spec/read.ts'
import {dnsLabel} from '../spec/texts.ts'
import {
  codeOf,
  createFile,
  createFolder,
  type Files,
  removeLeftovers,
  replaceFolder,
  TakenError,
} from '../text/files.ts'
import {type AuthorityPem, readAuthority} from './authority.ts'
import type {CaCerts} from './ca-certs.ts'
import {caData, caFiles} from './ca-certs.ts'
import type {KeyType} from './issue.ts'
import {readCertificates} from './read.ts'

/**
 * A CA folder:
 *
 *     DIR/root-cert.pem      what signs the CAs, up to the self-signed root
 *     DIR/root-key.pem       its key (0600); not there when the root's owner keeps it elsewhere
 *     DIR/<cluster>/         (0700) ca-cert.pem, ca-key.pem (0600), cert-chain.pem, root-cert.pem
 */
export interface CaFolder {
  root: {
    /** The self-signed root, PEM: what clusters get as `root-cert.pem`. */
    certificate: string
    /** Whether `root-key.pem` is there, so that more can be issued. */
    hasKey: boolean
  }
  /** By cluster name; no prototype, as a cluster may be called `constructor`. */
  clusters: Record<string, CaCerts>
  /** Keys that others could read. */
  warnings: Problem[]
}

const rootFiles = {certificate: 'root-cert.pem', key: 'root-key.pem'} as const

/**
 * Stores a root in a CA folder, which is made (0700) or empty. Without a key only the certificates are stored. Throws
 * `MeshError`: exit 3 when a root, or anything else, is there already; exit 2 when the folder can't be written.
 */
export async function createRootFolder(dir: string, root: {certificate: string; key?: string}): Promise<void> {
  const target = resolve(dir)
  await forUser(dir, async () => {
    await mkdir(dirname(target), {recursive: true})
    await removeLeftovers(target)
    const files: Files = {
      ...(root.key === undefined ? {} : {[rootFiles.key]: {text: root.key, mode: 0o600 as const}}),
      [rootFiles.certificate]: {text: root.certificate, mode: 0o644},
    }
    const there = await namesIn(target)
    if (there === undefined) return createFolder(target, files)
    // a folder of the user's own (a mount, the working directory) can't be renamed over
    for (const name of Object.values(rootFiles)) await removeLeftovers(join(target, name))
    refuseTaken(dir, (await namesIn(target)) ?? [])
    await chmod(target, 0o700)
    for (const [name, file] of Object.entries(files)) await createFile(join(target, name), file)
  }).catch((error: unknown) => {
    throw error instanceof TakenError
      ? refusedError(`${dir} was made by someone else at the same time`, 'run it again, or name another folder')
      : error
  })
}

function refuseTaken(dir: string, names: readonly string[]): void {
  const [certificate, key] = [names.includes(rootFiles.certificate), names.includes(rootFiles.key)]
  if (certificate)
    throw refusedError(
      `${dir} has a root already (${rootFiles.certificate}); it is never overwritten`,
      `to issue from it: kubectl mesh ca issue --dir ${shellWord(dir)} --cluster NAME`,
    )
  if (key)
    throw refusedError(
      `${dir} has a ${rootFiles.key} without ${rootFiles.certificate}: a run that was cut off, or the certificate was lost`,
      `if nothing was ever issued from this key, remove it: rm ${shellWord(join(dir, rootFiles.key))}`,
    )
  if (names.length > 0) throw refusedError(`${dir} is not empty`, 'name a folder that is empty or not there yet')
}

/** What to issue for a cluster. */
export interface FolderRequest {
  systemNamespace: string
  /** ECDSA P-256 where nothing is said. */
  keyType?: KeyType
  /** 1 to what is left of the root; where nothing is said the default, or less where the root ends sooner. */
  days?: number
  now?: Date
  /** Put a new CA, with a new key, in the place of the one that is there. */
  renew?: boolean
  /** Signs in place of the folder's own root. Its certificates are stored in a folder that has no root; its key never is. */
  authority?: AuthorityPem
}

/**
 * Issues the CA of a cluster into `DIR/<cluster>`. Throws `MeshError`: exit 2 on a name that is no DNS label (it becomes
 * a path), a root that can't sign or a folder that can't be used; exit 3 when the cluster has a CA and `renew` was not
 * asked for, or when the folder has another root than `authority`. Killed at any point, another run gets there.
 */
export async function issueToFolder(dir: string, cluster: string, request: FolderRequest): Promise<CaCerts> {
  const {systemNamespace, keyType = 'ecdsa-p256', days, now = new Date(), renew = false} = request
  const target = clusterPath(dir, cluster)
  return forUser(dir, async () => {
    await removeLeftovers(target)
    if (renew) await refuseForeign(dir, cluster)
    else if ((await namesIn(target))?.length) throw hasCa(dir, cluster)
    const authority = readAuthority(request.authority ?? (await readOwnAuthority(dir)), now)
    if (request.authority) await holdRoot(dir, request.authority, authority.root.fingerprint)
    const {issueIntermediate} = await import('./issue.ts')
    const ca = await issueIntermediate({authority, cluster, systemNamespace, keyType, now, days})
    const files: Files = Object.fromEntries(
      Object.entries(caData(ca)).map(([name, text]) => [name, {text, mode: name === caFiles.caKey ? 0o600 : 0o644}]),
    )
    await (renew ? replaceFolder(target, files) : createFolder(target, files)).catch((error: unknown) => {
      throw error instanceof TakenError ? hasCa(dir, cluster) : error
    })
    return ca
  })
}

function clusterPath(dir: string, cluster: string): string {
  const problem = dnsLabel(cluster)
  if (problem) throw usageError(`cluster name ${JSON.stringify(cluster)} ${problem}`)
  return join(resolve(dir), cluster)
}

function hasCa(dir: string, cluster: string) {
  return refusedError(
    `${join(dir, cluster)} has a CA already`,
    `for a new one in its place: kubectl mesh ca issue --dir ${shellWord(dir)} --cluster ${cluster} --renew`,
  )
}

/** Renewing puts a new folder in place of the old: what is not ours would be gone. */
async function refuseForeign(dir: string, cluster: string): Promise<void> {
  const ours: string[] = Object.values(caFiles)
  const foreign = ((await namesIn(clusterPath(dir, cluster))) ?? []).filter(name => !ours.includes(name))
  if (foreign.length > 0)
    throw refusedError(
      `${join(dir, cluster)} holds ${foreign.join(', ')}, which renewing would remove`,
      'move it elsewhere first',
    )
}

async function readOwnAuthority(dir: string): Promise<AuthorityPem> {
  const files = {certificate: join(dir, rootFiles.certificate), key: join(dir, rootFiles.key)}
  const certificate = await readRootCertificate(dir)
  const key = await readIfThere(files.key)
  if (key === undefined)
    throw usageError(
      `${dir} has no ${rootFiles.key}, so nothing can be issued from its root`,
      'name the root: --root-cert FILE --root-key FILE',
    )
  return {certificate, key, files}
}

/** The folder's root must be the one that signs; a folder without one gets its certificates. */
async function holdRoot(dir: string, {certificate, files}: AuthorityPem, fingerprint: string): Promise<void> {
  const own = await readIfThere(join(dir, rootFiles.certificate))
  if (own === undefined) return createRootFolder(dir, {certificate})
  const roots = readCertificates(own, join(dir, rootFiles.certificate)).filter(({selfSigned}) => selfSigned)
  if (!roots.some(root => root.fingerprint === fingerprint))
    throw refusedError(
      `${files.certificate} leads to another root than ${join(dir, rootFiles.certificate)}`,
      'one folder is for one root: name another folder, or leave out --root-cert and --root-key',
    )
}

/**
 * Reads a CA folder; the root's key is not read. Throws `MeshError` (exit 2) when it is none, when a file is missing,
 * can't be read or is no PEM, and when a cluster's CA is from another root. Whether istiod would take the CAs is for
 * `checkCacerts` to tell.
 */
export async function readFolder(dir: string): Promise<CaFolder> {
  return forUser(dir, async () => {
    const file = join(dir, rootFiles.certificate)
    const roots = readCertificates(await readRootCertificate(dir), file).filter(({selfSigned}) => selfSigned)
    if (roots.length === 0) throw usageError(`${file} has no self-signed root`, 'add the root at the end of the file')
    const key = await stat(join(dir, rootFiles.key)).catch(ifThere)
    const clusters: CaFolder['clusters'] = Object.create(null)
    const warnings = key ? openKey(join(dir, rootFiles.key), key.mode) : []
    for (const entry of (await readdir(dir)).sort()) {
      if (dnsLabel(entry)) continue
      const ca = await readCluster(dir, entry, warnings)
      if (!ca) continue
      const given = readCertificates(ca.rootCert, join(dir, entry, caFiles.rootCert))
      if (!roots.every(root => given.some(({fingerprint}) => fingerprint === root.fingerprint)))
        throw usageError(
          `${join(dir, entry)} is from another root than ${file}`,
          `issue it again: kubectl mesh ca issue --dir ${shellWord(dir)} --cluster ${entry} --renew`,
        )
      clusters[entry] = ca
    }
    return {root: {certificate: roots.map(({pem}) => pem).join(''), hasKey: key !== undefined}, clusters, warnings}
  })
}

/** The CA of one cluster, or undefined when the entry is no folder or has none of the files. */
async function readCluster(dir: string, cluster: string, warnings: Problem[]): Promise<CaCerts | undefined> {
  const path = join(dir, cluster)
  if (!(await stat(path)).isDirectory()) return undefined
  const keys = Object.keys(caFiles) as (keyof CaCerts)[]
  const texts = await Promise.all(keys.map(key => readIfThere(join(path, caFiles[key]))))
  const missing = keys.filter((_, at) => texts[at] === undefined)
  if (missing.length === keys.length) return undefined
  if (missing.length > 0)
    throw usageError(
      `${path} lacks ${missing.map(key => caFiles[key]).join(', ')}`,
      `issue it again: kubectl mesh ca issue --dir ${shellWord(dir)} --cluster ${cluster} --renew`,
    )
  warnings.push(...openKey(join(path, caFiles.caKey), (await stat(join(path, caFiles.caKey))).mode))
  return Object.fromEntries(keys.map((key, at) => [key, texts[at]])) as unknown as CaCerts
}

async function readRootCertificate(dir: string): Promise<string> {
  const text = await readIfThere(join(dir, rootFiles.certificate))
  if (text !== undefined) return text
  const there = (await namesIn(dir)) !== undefined
  throw usageError(
    there ? `${dir} has no ${rootFiles.certificate}: it is no CA folder` : `${dir} is not there`,
    `make a root: kubectl mesh ca init --dir ${shellWord(dir)}`,
  )
}

/** Windows has no such modes. */
function openKey(path: string, mode: number): Problem[] {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return []
  const octal = (mode & 0o777).toString(8).padStart(4, '0')
  return [{message: `${path} can be read by others (mode ${octal})`, hints: [`chmod 600 ${shellWord(path)}`]}]
}

async function namesIn(path: string): Promise<string[] | undefined> {
  return readdir(path).catch(ifThere)
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(ifThere)
}

function ifThere(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

const reasons: Record<string, string> = {
  EACCES: 'no permission',
  EPERM: 'not permitted',
  ENOTDIR: 'not a folder',
  EISDIR: 'a folder, want a file',
  EROFS: 'a read-only file system',
  ENOSPC: 'no space left',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'symbolic links that lead to each other',
}

/** Errors of the file system in the user's words; all others as they are. */
async function forUser<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const reason = reasons[codeOf(error) ?? '']
    if (reason === undefined) throw error
    const path = error instanceof Error && 'path' in error ? String(error.path) : dir
    throw usageError(`${path}: ${reason}`, `look at it: ls -la ${shellWord(dir)}`)
  }
}
