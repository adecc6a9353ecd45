import {mkdir, readdir, readFile, rename, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {beforeEach, expect, test} from 'vitest'
import {completePromotion, hasNext, nextFolder, promoteNext} from '../../../src/pki/folder/next.ts'
import {tempFolder} from '../support.ts'

let dir: string
const read = (...path: string[]) => readFile(join(dir, ...path), 'utf8')

beforeEach(async () => {
  dir = tempFolder()
  for (const [folder, text] of [
    [dir, 'old'],
    [nextFolder(dir), 'new'],
  ] as const) {
    await mkdir(join(folder, 'east'), {recursive: true})
    await writeFile(join(folder, 'root-cert.pem'), text)
    await writeFile(join(folder, 'root-key.pem'), `${text} key`, {mode: 0o600})
    await writeFile(join(folder, 'east', 'ca-cert.pem'), `${text} east`)
  }
  await mkdir(join(dir, 'gone'))
  await writeFile(join(dir, 'notes.txt'), 'mine')
})

async function expectPromoted(): Promise<void> {
  const names = await readdir(dir)
  const former = names.find(name => name.startsWith('.former-'))!
  expect(names.sort()).toEqual([former, 'east', 'notes.txt', 'root-cert.pem', 'root-key.pem'])
  expect([await read('root-cert.pem'), await read('root-key.pem'), await read('east', 'ca-cert.pem')]).toEqual([
    ...['new', 'new key', 'new east'],
  ])
  expect((await readdir(join(dir, former))).sort()).toEqual(['east', 'gone', 'root-cert.pem', 'root-key.pem'])
  expect(await read(former, 'root-key.pem')).toBe('old key')
  expect((await stat(join(dir, former))).mode & 0o777).toBe(0o700)
  expect((await stat(join(dir, 'root-key.pem'))).mode & 0o777).toBe(0o600)
}

test('the new root takes the place of the old one, which stays', async () => {
  expect(await hasNext(dir)).toBe(true)
  expect(await promoteNext(dir)).toMatch(/\.former-/)
  expect(await hasNext(dir)).toBe(false)
  await expectPromoted()
  expect(await completePromotion(dir)).toBeUndefined()
  await expectPromoted()
})

test('a run that was killed after each rename is completed', async () => {
  await rename(nextFolder(dir), join(dir, '.promoting'))
  const former = join(dir, '.former-unreadab')
  await mkdir(former, {mode: 0o700})
  await rename(join(dir, 'east'), join(former, 'east'))
  await completePromotion(dir)
  await expectPromoted()
})

test('a run that was killed while the new files moved is completed', async () => {
  const former = join(dir, '.former-unreadab')
  await mkdir(former, {mode: 0o700})
  for (const name of ['east', 'gone', 'root-key.pem', 'root-cert.pem'])
    await rename(join(dir, name), join(former, name))
  await rename(nextFolder(dir), join(dir, '.promoted'))
  await rename(join(dir, '.promoted', 'east'), join(dir, 'east'))
  await completePromotion(dir)
  await expectPromoted()
})
