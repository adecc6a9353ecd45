import {chmodSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {MeshError} from '../../../src/errors.ts'
import {createRootFolder, readLoneKey} from '../../../src/pki/folder/create.ts'
import {issueToFolder} from '../../../src/pki/folder/issue-cluster.ts'
import {readFolder} from '../../../src/pki/folder/read.ts'
import {issueRoot} from '../../../src/pki/issue.ts'
import {tempFolder} from '../support.ts'
import {leftovers, modeOf, prepare, request, root, rootFolder, snapshot} from './support.ts'

prepare()

describe('createRootFolder', () => {
  test('creates a folder and its missing parents', async () => {
    const parent = tempFolder()
    const dir = join(parent, 'a', 'b')
    await createRootFolder(dir, root)
    expect(readdirSync(dir).sort()).toEqual(['root-cert.pem', 'root-key.pem'])
    expect([modeOf(dir), modeOf(join(dir, 'root-key.pem')), modeOf(join(dir, 'root-cert.pem'))]).toEqual([
      '700',
      '600',
      '644',
    ])
    expect(leftovers(parent)).toEqual([])
    expect(await readFolder(dir)).toEqual({
      root: {certificate: root.certificate, hasKey: true},
      clusters: {},
      requested: [],
      warnings: [],
    })
  })

  test('restricts the mode of an existing empty folder', async () => {
    const dir = tempFolder()
    chmodSync(dir, 0o755)
    await createRootFolder(dir, root)
    expect([modeOf(dir), modeOf(join(dir, 'root-key.pem'))]).toEqual(['700', '600'])
    expect(leftovers(dir)).toEqual([])
  })

  test('stores a root without its key', async () => {
    const dir = join(tempFolder(), 'ca')
    await createRootFolder(dir, {certificate: root.certificate})
    expect(readdirSync(dir)).toEqual(['root-cert.pem'])
    expect((await readFolder(dir)).root.hasKey).toBe(false)
    await expect(issueToFolder(dir, 'east', request)).rejects.toMatchObject({
      exit: 2,
      problems: [
        {message: expect.stringMatching(/has no root-key\.pem/), hints: [expect.stringContaining('--root-key')]},
      ],
    })
  })

  test('overwrites neither a root nor anything else', async () => {
    const dir = await rootFolder()
    const before = snapshot(dir)
    await expect(createRootFolder(dir, root)).rejects.toMatchObject({
      exit: 3,
      message: expect.stringMatching(/already contains a root/),
    })
    expect(snapshot(dir)).toEqual(before)

    rmSync(join(dir, 'root-cert.pem'))
    const another = await issueRoot({keyType: 'ecdsa-p256', now: new Date(), days: 10})
    await expect(createRootFolder(dir, another)).rejects.toMatchObject({
      exit: 3,
      message: expect.stringMatching(/root-key\.pem without/),
    })

    const other = tempFolder()
    writeFileSync(join(other, 'notes'), 'mine')
    await expect(createRootFolder(other, root)).rejects.toMatchObject({exit: 3, message: `${other} is not empty`})
    expect(readdirSync(other)).toEqual(['notes'])

    const file = join(other, 'notes')
    await expect(createRootFolder(file, root)).rejects.toMatchObject({exit: 2, message: `${file}: not a folder`})
  })

  test('completes a folder with the key of the same root', async () => {
    const dir = await rootFolder()
    rmSync(join(dir, 'root-cert.pem'))
    expect(await readLoneKey(dir)).toBe(root.key)
    await createRootFolder(dir, root)
    expect(await readFolder(dir)).toMatchObject({root: {certificate: root.certificate, hasKey: true}})
    expect(await Promise.all([dir, join(dir, 'missing')].map(readLoneKey))).toEqual([undefined, undefined])
  })

  test('a link to a missing folder is rejected, and nothing appears at its target', async () => {
    const parent = tempFolder()
    const link = join(parent, 'link')
    symlinkSync(join(parent, 'target'), link)
    await expect(createRootFolder(link, root)).rejects.toMatchObject({
      exit: 3,
      message: `${link} is a symbolic link, and its target ${join(parent, 'target')} does not exist`,
    })
    expect(readdirSync(parent)).toEqual(['link'])
  })

  test('of several processes, one stores its complete root', async () => {
    for (const make of [() => join(tempFolder(), 'ca'), tempFolder]) {
      const dir = make()
      const roots = await Promise.all(
        Array.from({length: 5}, () => issueRoot({keyType: 'ecdsa-p256', now: new Date(), days: 10})),
      )
      const results = await Promise.allSettled(roots.map(one => createRootFolder(dir, one)))
      expect(results.filter(({status}) => status === 'fulfilled')).toHaveLength(1)
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(MeshError)
      const won = roots[results.findIndex(({status}) => status === 'fulfilled')]!
      expect(readFileSync(join(dir, 'root-key.pem'), 'utf8')).toBe(won.key)
      expect(readFileSync(join(dir, 'root-cert.pem'), 'utf8')).toBe(won.certificate)
    }
  })
})
