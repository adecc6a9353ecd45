import {join} from 'node:path'
import {defaultDays} from '../../pki/authority.ts'
import {createRootFolder} from '../../pki/folder.ts'
import {fingerprintOf} from '../../pki/read.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'

/** The CA folder when none is named. */
export const defaultCaFolder = 'mesh-ca'

/** What a new root is issued from. `days` is how long it is valid; undefined fields take their defaults. */
export interface RootRequest {
  dir?: string | undefined
  commonName?: string | undefined
  organization?: string | undefined
  keyType: 'ecdsa-p256' | 'rsa-4096'
  days?: number | undefined
}

/** Makes a root and its key in a new folder; refuses to touch a root that is there (exit 2). Says on stderr what it made. */
export async function initCa(spec: RootRequest, terminal: Terminal): Promise<{folder: string; files: string[]}> {
  const {commonName, organization, keyType, days = defaultDays.root} = spec
  const folder = spec.dir ?? defaultCaFolder
  const {issueRoot} = await import('../../pki/issue.ts')
  const root = await issueRoot({
    ...(commonName === undefined ? {} : {commonName}),
    ...(organization === undefined ? {} : {organization}),
    keyType,
    now: new Date(),
    days,
  })
  await createRootFolder(folder, root)
  terminal.message(`root ${fingerprintOf(root.certificate)}, valid for ${days} days`)
  const key = join(folder, 'root-key.pem')
  terminal.message(`hint:  keep ${key} safe and off the clusters: who has it can be anyone in the mesh`)
  return {folder, files: [join(folder, 'root-cert.pem'), key]}
}
