import {join} from 'node:path'
import {defaultDays} from '../../pki/authority.ts'
import {createRootFolder, readLoneKey} from '../../pki/folder/create.ts'
import {rootFiles} from '../../pki/folder/files.ts'
import {fingerprintOf} from '../../pki/read.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'

/** The default CA folder, relative to the working directory. */
export const defaultCaFolder = 'mesh-ca'

/** How to issue a new root. Undefined fields have their defaults. */
export interface RootRequest {
  dir?: string | undefined
  commonName?: string | undefined
  organization?: string | undefined
  keyType: 'ecdsa-p256' | 'rsa-4096'
  /** Validity. */
  days?: number | undefined
}

/** A root that is issued and not stored yet. */
export interface PreparedRoot {
  folder: string
  /** PEM. */
  certificate: string
  /**
   * Stores the root in a new folder, and prints its fingerprint to stderr.
   *
   * @returns the files that were created
   * @throws MeshError if the folder contains a root (exit 3), or cannot be written (exit 2)
   */
  store: () => Promise<string[]>
}

/**
 * Issues a root. Writes nothing. If an interrupted run left a key without certificate, the root is issued for that key.
 *
 * @throws MeshError (exit 2) if the folder cannot be read
 */
export async function prepareRoot(spec: RootRequest, terminal: Terminal): Promise<PreparedRoot> {
  const {commonName, organization, keyType, days = defaultDays.root} = spec
  const folder = spec.dir ?? defaultCaFolder
  const [certificateFile, keyFile] = [join(folder, rootFiles.certificate), join(folder, rootFiles.key)]
  const key = await readLoneKey(folder)
  if (key !== undefined)
    terminal.message(`${keyFile} exists without ${rootFiles.certificate}: the root is issued for this key`)
  const {issueRoot} = await import('../../pki/issue.ts')
  const root = await issueRoot({
    ...(commonName === undefined ? {} : {commonName}),
    ...(organization === undefined ? {} : {organization}),
    keyType,
    ...(key === undefined ? {} : {key: {text: key, file: keyFile}}),
    now: new Date(),
    days,
  })
  const store = async () => {
    await createRootFolder(folder, root)
    terminal.message([
      `root ${fingerprintOf(root.certificate)}, valid for ${days} days`,
      `hint:  keep ${keyFile} secret and out of the clusters; with it, anyone can impersonate every workload`,
    ])
    return [certificateFile, keyFile]
  }
  return {folder, certificate: root.certificate, store}
}

/**
 * Issues a root and stores it in a new folder. Prints its fingerprint to stderr.
 *
 * @returns the folder and the files that were created
 * @throws MeshError if the folder contains a root (exit 3), or cannot be written (exit 2)
 */
export async function initCa(spec: RootRequest, terminal: Terminal): Promise<{folder: string; files: string[]}> {
  const {folder, store} = await prepareRoot(spec, terminal)
  return {folder, files: await store()}
}
