import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, vi} from 'vitest'
import {createRootFolder} from '../../../src/pki/folder/create.ts'
import {issueRoot} from '../../../src/pki/issue.ts'
import {tempFolder} from '../support.ts'

export const request = {systemNamespace: 'istio-system'}

/** The root of all tests. It is issued before the first test of a file. */
export const root = {certificate: '', key: ''}

/** Issues `root`. Sets umask 0, so that the modes of new files do not depend on it. */
export function prepare(): void {
  // Keys of 4096 bits and openssl are slow on a busy machine.
  vi.setConfig({testTimeout: 60_000})
  let umask: number
  beforeAll(async () => {
    umask = process.umask(0)
    Object.assign(root, await issueRoot({keyType: 'ecdsa-p256', now: new Date(), days: 3650}))
  })
  afterAll(() => process.umask(umask))
}

/** A new CA folder with `root`. */
export async function rootFolder(): Promise<string> {
  const dir = join(tempFolder(), 'mesh ca')
  await createRootFolder(dir, root)
  return dir
}

export const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** Everything in a folder, by path, with mode and content. */
export function snapshot(dir: string): Record<string, string> {
  const paths = readdirSync(dir, {recursive: true, withFileTypes: true}).map(entry =>
    join(entry.parentPath, entry.name),
  )
  return Object.fromEntries(
    paths.map(path => [path, statSync(path).isFile() ? `${modeOf(path)} ${readFileSync(path, 'utf8')}` : modeOf(path)]),
  )
}

/** Temporary folders that were not removed. */
export const leftovers = (dir: string) => Object.keys(snapshot(dir)).filter(path => path.includes('.part-'))
