import {join} from 'node:path'
import {type MeshError, refusedError, usageError} from '../../errors.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {createFile, removeLeftovers, replaceFile} from '../../text/files.ts'
import {shellWord} from '../../text/shell-word.ts'
import {caFiles} from '../ca-certs.ts'
import {type Certificate, readCertificates, sameRoot} from '../read.ts'
import {type NamedPem, readSigned, type SignedCa} from '../signed.ts'
import {clusterPath, readIfPresent, requestFile, rootFiles} from './files.ts'
import {refuseOtherOwners} from './owners.ts'

/** A CA that was checked and not yet stored. */
export interface ImportedCa extends Pick<SignedCa, 'certificate'> {
  cluster: string
  /** What the certificate lacks of its request. */
  missing: string[]
  /** Whether the folder already contains exactly this CA. */
  isStored: boolean
  /** Root certificates that `storeImport` writes to `DIR/root-cert.pem` if there are none. */
  roots: string
  /** The files of the cluster, in an order in which it is safe to stop: the certificate is last. */
  files: [name: string, text: string][]
}

/** How to import the CA of a cluster. */
export interface ImportRequest {
  /** The signed certificate, and those above it. */
  signed: NamedPem
  /** Default: the root in the folder, or the one in `signed`. */
  root?: NamedPem
  now: Date
  /** Trust domain of the mesh. */
  trustDomain: string
  /** Replace an existing certificate by another one of the same key. */
  renew: boolean
}

/**
 * Checks the signed CA of a cluster against the key in `DIR/<cluster>` and the root in the folder. Writes nothing.
 *
 * @throws MeshError (exit 2) for an invalid name or certificate, or a folder without the key
 * @throws MeshError (exit 3) if the folder has another root, or another certificate and `renew` is not set
 */
export async function checkImport(dir: string, cluster: string, request: ImportRequest): Promise<ImportedCa> {
  const path = clusterPath(dir, cluster)
  return describeFileErrors(dir, async () => {
    await refuseOtherOwners(dir, cluster)
    const keyFile = join(dir, cluster, caFiles.caKey)
    const key = await readIfPresent(join(path, caFiles.caKey))
    if (key === undefined)
      throw usageError(
        `${join(dir, cluster)} has no ${caFiles.caKey}`,
        `create a key and a request: kubectl mesh ca request --dir ${shellWord(dir)} --cluster ${cluster}`,
      )
    const root = await rootFor(dir, request.root)
    const {now, trustDomain} = request
    const {certificate, ...ca} = readSigned(request.signed, {key: {text: key, file: keyFile}, root, now, trustDomain})
    const files: ImportedCa['files'] = (['rootCert', 'certChain', 'caCert'] as const).map(name => [
      caFiles[name],
      ca[name],
    ])
    const present = await Promise.all(files.map(([name]) => readIfPresent(join(path, name))))
    const previous = present.at(-1)
    const isStored = files.every(([, text], at) => present[at] === text)
    if (previous !== undefined && !isStored && !request.renew) throw caExists(dir, cluster)
    const csr = await readIfPresent(join(path, requestFile))
    const missing = csr === undefined ? [] : await missingFrom(csr, join(dir, cluster, requestFile), certificate)
    return {cluster, certificate, missing, isStored, roots: ca.rootCert, files}
  })
}

/** Stores a checked CA. If the process is killed, another run completes the work. */
export async function storeImport(dir: string, {cluster, roots, files, isStored}: ImportedCa): Promise<void> {
  const path = clusterPath(dir, cluster)
  await describeFileErrors(dir, async () => {
    await removeLeftovers(join(dir, rootFiles.certificate))
    if ((await readIfPresent(join(dir, rootFiles.certificate))) === undefined)
      await createFile(join(dir, rootFiles.certificate), {text: roots, mode: 0o644})
    if (isStored) return
    for (const [name, text] of files) {
      await removeLeftovers(join(path, name))
      await replaceFile(join(path, name), {text, mode: 0o644})
    }
  })
}

/** The root of the request; otherwise that of the folder. Both must be the same. */
async function rootFor(dir: string, requested: NamedPem | undefined): Promise<NamedPem | undefined> {
  const file = join(dir, rootFiles.certificate)
  const text = await readIfPresent(file)
  if (text === undefined || requested === undefined) return requested ?? (text === undefined ? undefined : {text, file})
  if (sameRoot(selfSignedIn(text, file), selfSignedIn(requested.text, requested.file)))
    return {text: text + certificatesMissingIn(text, file, requested), file: requested.file}
  throw refusedError(
    `${requested.file} has a different root than ${file}`,
    'a folder has one root: use another folder, or omit --root-cert',
  )
}

/** The certificates of the requested root file that the root of the folder lacks. */
function certificatesMissingIn(text: string, file: string, requested: NamedPem): string {
  const known = new Set(readCertificates(text, file).map(({fingerprint}) => fingerprint))
  return readCertificates(requested.text, requested.file)
    .filter(({fingerprint}) => !known.has(fingerprint))
    .map(({pem}) => pem)
    .join('')
}

function selfSignedIn(text: string, file: string): string {
  return readCertificates(text, file)
    .filter(({selfSigned}) => selfSigned)
    .map(({pem}) => pem)
    .join('')
}

async function missingFrom(csr: string, file: string, certificate: Certificate): Promise<string[]> {
  const {missingFromCertificate, parseRequest} = await import('../request.ts')
  return missingFromCertificate(parseRequest(csr, file), certificate)
}

function caExists(dir: string, cluster: string): MeshError {
  return refusedError(
    `${join(dir, cluster)} already contains another certificate for this key, or some of its files`,
    'to replace it, run the command again with --renew',
  )
}
