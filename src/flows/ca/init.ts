import {join} from 'node:path'
import type {Terminal} from '../../output/terminal.ts'
import {defaultDays} from '../../pki/authority.ts'
import {createRootFolder} from '../../pki/folder.ts'
import {fingerprintOf} from '../../pki/read.ts'
import {type CaInit, defaultCaFolder} from '../../specs/ca.ts'

/** Makes a root and its key in a new folder; refuses to touch a root that is there (exit 2). Says on stderr what it made. */
export async function initCa(spec: CaInit, terminal: Terminal): Promise<{folder: string; files: string[]}> {
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
  terminal.talk(`root ${fingerprintOf(root.certificate)}, valid for ${days} days`)
  const key = join(folder, 'root-key.pem')
  terminal.talk(`hint:  keep ${key} safe and off the clusters: who has it can be anyone in the mesh`)
  return {folder, files: [join(folder, 'root-cert.pem'), key]}
}
