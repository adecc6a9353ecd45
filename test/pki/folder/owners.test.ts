import {chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {refuseOtherOwners} from '../../../src/pki/folder/owners.ts'
import {tempFolder} from '../support.ts'
import {prepare} from './support.ts'

prepare()

function folder(): string {
  const dir = join(tempFolder(), 'ca')
  mkdirSync(join(dir, 'east'), {recursive: true, mode: 0o700})
  writeFileSync(join(dir, 'east', 'ca-key.pem'), 'key', {mode: 0o600})
  return dir
}

test('a folder of the user, and one that does not exist', async () => {
  const dir = folder()
  await refuseOtherOwners(dir)
  await refuseOtherOwners(dir, 'east')
  await refuseOtherOwners(join(dir, 'missing'), 'east')
  symlinkSync(dir, `${dir}-link`)
  await refuseOtherOwners(`${dir}-link`, 'east')
})

test.each(['.', 'east'])('every user can replace the entries of %s', async name => {
  const dir = folder()
  chmodSync(join(dir, name), 0o777)
  await expect(refuseOtherOwners(dir, 'east')).rejects.toMatchObject({
    exit: 3,
    problems: [
      {
        message: expect.stringMatching(/^every user of this machine can replace/),
        hints: [/chmod 700/].map(one => expect.stringMatching(one)),
      },
    ],
  })
  // As in /tmp: only the owner of an entry can replace it.
  chmodSync(join(dir, name), 0o1777)
  await refuseOtherOwners(dir, 'east')
})

test.runIf(process.getuid?.() === 0).each(['.', 'east', 'east/ca-key.pem'])('another user owns %s', async name => {
  const dir = folder()
  chownSync(join(dir, name), 12345, 12345)
  await expect(refuseOtherOwners(dir, 'east')).rejects.toThrow('belongs to another user of this machine (UID 12345)')
})
