import {chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {createRootFolder} from '../../../src/pki/folder/create.ts'
import {issueToFolder} from '../../../src/pki/folder/issue-cluster.ts'
import {readFolder} from '../../../src/pki/folder/read.ts'
import {issueRoot} from '../../../src/pki/issue.ts'
import {tempFolder} from '../support.ts'
import {prepare, request, rootFolder} from './support.ts'

prepare()

describe('readFolder', () => {
  test('rejects a missing folder, an empty folder and other files', async () => {
    const parent = tempFolder()
    const dir = join(parent, 'none')
    await expect(readFolder(dir)).rejects.toMatchObject({
      exit: 2,
      problems: [{message: `${dir} does not exist`, hints: [`create a root: kubectl mesh ca init --dir ${dir}`]}],
    })
    await expect(readFolder(parent)).rejects.toMatchObject({
      exit: 2,
      message: `${parent} has no root-cert.pem: it is not a CA folder`,
    })
    await expect(issueToFolder(parent, 'east', request)).rejects.toMatchObject({exit: 2})
    writeFileSync(join(parent, 'root-cert.pem'), 'words')
    await expect(readFolder(parent)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/contains no certificate$/),
    })
    await expect(readFolder(join(parent, 'root-cert.pem'))).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/not a folder$/),
    })
  })

  test('rejects a missing file, and a folder in its place', async () => {
    const dir = await rootFolder()
    await issueToFolder(dir, 'east', request)
    rmSync(join(dir, 'east', 'ca-key.pem'))
    await expect(readFolder(dir)).rejects.toMatchObject({exit: 2, message: `${join(dir, 'east')} has no ca-key.pem`})
    mkdirSync(join(dir, 'east', 'ca-key.pem'))
    await expect(readFolder(dir)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/expected a file, found a folder$/),
    })
  })

  test('ignores other folders and files', async () => {
    const dir = await rootFolder()
    for (const name of ['notes', '.git', 'Old CA']) mkdirSync(join(dir, name))
    writeFileSync(join(dir, 'readme'), '')
    expect((await readFolder(dir)).clusters).toEqual({})
  })

  test('rejects a CA that another root issued', async () => {
    const [dir, other] = [await rootFolder(), join(tempFolder(), 'other')]
    await createRootFolder(other, await issueRoot({keyType: 'ecdsa-p256', now: new Date(), days: 10}))
    await issueToFolder(other, 'east', request)
    symlinkSync(join(other, 'east'), join(dir, 'east'))
    await expect(readFolder(dir)).rejects.toMatchObject({
      exit: 2,
      message: `${join(dir, 'east')} was issued by a different root than ${join(dir, 'root-cert.pem')}`,
    })
  })

  test('warns of keys that other users can read', async () => {
    const dir = await rootFolder()
    await issueToFolder(dir, 'east', request)
    chmodSync(join(dir, 'root-key.pem'), 0o644)
    chmodSync(join(dir, 'east', 'ca-key.pem'), 0o640)
    expect((await readFolder(dir)).warnings).toEqual([
      {
        message: `${join(dir, 'root-key.pem')} is readable by other users (mode 0644)`,
        hints: [`chmod 600 '${join(dir, 'root-key.pem')}'`],
      },
      {
        message: `${join(dir, 'east', 'ca-key.pem')} is readable by other users (mode 0640)`,
        hints: [`chmod 600 '${join(dir, 'east', 'ca-key.pem')}'`],
      },
    ])
  })

  test('describes a loop of symbolic links', async () => {
    const dir = tempFolder()
    symlinkSync('root-cert.pem', join(dir, 'root-cert.pem'))
    await expect(readFolder(dir)).rejects.toMatchObject({
      exit: 2,
      problems: [
        {
          message: `${join(dir, 'root-cert.pem')}: symbolic links form a loop`,
          hints: [`check the folder: ls -la ${dir}`],
        },
      ],
    })
  })
})
