import {join} from 'node:path'
import {type MeshError, refusedError, usageError} from '../../errors.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {createFolder, type Files, removeLeftovers, replaceFolder, TakenError} from '../../text/files.ts'
import {shellWord} from '../../text/shell-word.ts'
import {type AuthorityPem, readAuthority} from '../authority.ts'
import {type CaCerts, caData, caFiles} from '../ca-certs.ts'
import type {KeyType} from '../issue.ts'
import {readCertificates} from '../read.ts'
import {createRootFolder} from './create.ts'
import {clusterPath, namesIn, readIfPresent, readRootCertificates, requestFile, rootFiles} from './files.ts'
import {refuseOtherOwners} from './owners.ts'

/** How to issue the CA of a cluster. */
export interface FolderRequest {
  systemNamespace: string
  /** Default: ECDSA P-256. */
  keyType?: KeyType
  /** From 1 to the remaining days of the root. Default: 365, or fewer if the root ends sooner. */
  days?: number
  now?: Date
  /** Replace an existing CA by a new one with a new key. */
  renew?: boolean
  /** Signs instead of the root in the folder. Its certificates are stored if the folder has no root; its key never is. */
  authority?: AuthorityPem
}

/**
 * Issues the CA of a cluster into `DIR/<cluster>`. If the process is killed, another run completes the work.
 *
 * @param cluster name of the cluster, a DNS label because it becomes a path
 * @throws MeshError (exit 2) for an invalid name, a root that cannot sign, or a folder that cannot be used
 * @throws MeshError (exit 3) if the cluster has a CA and `renew` is not set, or if the folder has another root
 */
export async function issueToFolder(dir: string, cluster: string, request: FolderRequest): Promise<CaCerts> {
  const {systemNamespace, keyType = 'ecdsa-p256', days, now = new Date(), renew = false} = request
  const target = clusterPath(dir, cluster)
  return describeFileErrors(dir, async () => {
    await refuseOtherOwners(dir, cluster)
    await removeLeftovers(target)
    const present = (await namesIn(target)) ?? []
    if (present.includes(requestFile)) throw caRequested(dir, cluster)
    if (renew) refuseForeignFiles(dir, cluster, present)
    else if (present.length > 0) throw caExists(dir, cluster)
    const authority = readAuthority(request.authority ?? (await readFolderAuthority(dir)), now)
    if (request.authority) await matchRoot(dir, request.authority, authority.root.fingerprint)
    const {issueIntermediate} = await import('../issue.ts')
    const ca = await issueIntermediate({authority, cluster, systemNamespace, keyType, now, days})
    const files: Files = Object.fromEntries(
      Object.entries(caData(ca)).map(([name, text]) => [name, {text, mode: name === caFiles.caKey ? 0o600 : 0o644}]),
    )
    await (renew ? replaceFolder(target, files) : createFolder(target, files)).catch((error: unknown) => {
      throw error instanceof TakenError ? caExists(dir, cluster) : error
    })
    return ca
  })
}

function caExists(dir: string, cluster: string) {
  return refusedError(
    `${join(dir, cluster)} already contains a CA`,
    `to replace it: kubectl mesh ca issue --dir ${shellWord(dir)} --cluster ${cluster} --renew`,
  )
}

/** Another CA signs this one: a certificate of the root in the folder would not belong to its chain. */
function caRequested(dir: string, cluster: string): MeshError {
  return refusedError(
    `${join(dir, cluster)} contains a request to the CA of your organization (${requestFile})`,
    `import the signed certificate: kubectl mesh ca import --dir ${shellWord(dir)} --cluster ${cluster}=FILE`,
  )
}

/** A renewal replaces the whole folder, including files that kubectl-mesh did not create. */
function refuseForeignFiles(dir: string, cluster: string, present: readonly string[]): void {
  const known: string[] = Object.values(caFiles)
  const foreign = present.filter(name => !known.includes(name))
  if (foreign.length > 0)
    throw refusedError(
      `${join(dir, cluster)} contains ${foreign.join(', ')}, which a renewal would remove`,
      'move it to another folder first',
    )
}

async function readFolderAuthority(dir: string): Promise<AuthorityPem> {
  const files = {certificate: join(dir, rootFiles.certificate), key: join(dir, rootFiles.key)}
  const certificate = await readRootCertificates(dir)
  const key = await readIfPresent(files.key)
  if (key === undefined)
    throw usageError(
      `${dir} has no ${rootFiles.key}, which is required to issue certificates`,
      'set the root: --root-cert FILE --root-key FILE',
    )
  return {certificate, key, files}
}

/** Ensures that the root in the folder is the one that signs. Stores its certificates in a folder without a root. */
async function matchRoot(dir: string, {certificate, files}: AuthorityPem, fingerprint: string): Promise<void> {
  const stored = await readIfPresent(join(dir, rootFiles.certificate))
  if (stored === undefined) return createRootFolder(dir, {certificate})
  const roots = readCertificates(stored, join(dir, rootFiles.certificate)).filter(({selfSigned}) => selfSigned)
  if (!roots.some(root => root.fingerprint === fingerprint))
    throw refusedError(
      `${files.certificate} leads to a different root than ${join(dir, rootFiles.certificate)}`,
      'a folder has one root: use another folder, or omit --root-cert and --root-key',
    )
}
