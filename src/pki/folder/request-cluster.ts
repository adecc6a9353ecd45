import {stat} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {refusedError} from '../../errors.ts'
import {dnsLabel} from '../../spec/texts.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {createFile, createFolder, removeLeftovers, TakenError} from '../../text/files.ts'
import {makeFolders} from '../../text/make-folders.ts'
import {shellWord} from '../../text/shell-word.ts'
import {caFiles} from '../ca-certs.ts'
import type {CaRequest} from '../request.ts'
import {clusterPath, namesIn, readIfPresent, requestFile} from './files.ts'
import {refuseOtherOwners} from './owners.ts'

/**
 * Creates the private key and the signing request of a cluster in `DIR/<cluster>`. A key that exists is never replaced; a run
 * that was interrupted is completed.
 *
 * @returns whether the request is new, and its file
 * @throws MeshError (exit 2) for an invalid name, or a folder that cannot be used
 * @throws MeshError (exit 3) if the cluster has a CA, or a key of another type or another request
 */
export async function requestToFolder(
  dir: string,
  request: Omit<CaRequest, 'key'>,
): Promise<{file: string; isNew: boolean}> {
  const {cluster} = request
  const target = clusterPath(dir, cluster)
  const [file, keyFile] = [join(dir, cluster, requestFile), join(dir, cluster, caFiles.caKey)]
  return describeFileErrors(dir, async () => {
    await makeFolders(dirname(target), 0o700)
    await refuseOtherOwners(dir, cluster)
    await removeLeftovers(target)
    const present = (await namesIn(target)) ?? []
    if (present.includes(caFiles.caCert)) throw caExists(dir, cluster, present.includes(requestFile))
    const key = await readIfPresent(join(target, caFiles.caKey))
    const csr = await readIfPresent(join(target, requestFile))
    if (key === undefined && csr !== undefined)
      throw refusedError(
        `${file} exists without ${caFiles.caKey}: its certificate could not be used`,
        `restore the key, or remove the request: rm ${shellWord(file)}`,
      )
    const {createRequest, parseRequest, requestFits} = await import('../request.ts')
    const created = await createRequest({...request, ...(key === undefined ? {} : {key: {text: key, file: keyFile}})})
    if (key !== undefined && csr !== undefined) {
      if (requestFits(parseRequest(csr, file), key)) return {file, isNew: false}
      throw refusedError(
        `${file} was created with another key than ${keyFile}`,
        `to create a request for the key again: rm ${shellWord(file)}`,
      )
    }
    await store(target, {...(key === undefined ? {key: created.key} : {}), csr: created.csr}).catch(
      (error: unknown) => {
        if (!(error instanceof TakenError)) throw error
        throw refusedError(
          `${join(dir, cluster)} was created by another process at the same time`,
          'run the command again',
        )
      },
    )
    return {file, isNew: true}
  })
}

/** The clusters with a signing request in a CA folder, by name. Empty if the folder does not exist. */
export async function listRequests(dir: string): Promise<string[]> {
  return describeFileErrors(dir, async () => {
    const entries = ((await namesIn(dir)) ?? []).filter(entry => dnsLabel(entry) === undefined).sort()
    const found = await Promise.all(
      entries.map(
        async entry =>
          (await stat(join(dir, entry))).isDirectory() && (await namesIn(join(dir, entry)))?.includes(requestFile),
      ),
    )
    return entries.filter((_, at) => found[at])
  })
}

/** Stores the key before the request, so that no request is sent whose key is lost. */
async function store(target: string, {key, csr}: {key?: string; csr: string}): Promise<void> {
  const files = {
    ...(key === undefined ? {} : {[caFiles.caKey]: {text: key, mode: 0o600 as const}}),
    [requestFile]: {text: csr, mode: 0o644 as const},
  }
  if ((await namesIn(target)) === undefined) return createFolder(target, files)
  for (const [name, content] of Object.entries(files)) await createFile(join(target, name), content)
}

function caExists(dir: string, cluster: string, wasRequested: boolean) {
  return refusedError(
    `${join(dir, cluster)} already contains a CA`,
    ...(wasRequested
      ? [
          `to renew its certificate, have ${join(dir, cluster, requestFile)} signed again: kubectl mesh ca import --dir ${shellWord(dir)} --cluster ${cluster}=FILE --renew`,
        ]
      : []),
    'for a new key, use another folder',
  )
}
