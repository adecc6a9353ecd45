import {chmod, chown, lchown, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {buildBundle} from '../../../../src/features/vm/bundle/files.ts'
import {checkBundleFolder} from '../../../../src/features/vm/write/check-folder.ts'
import {sourceOf} from '../bundle/support.ts'

let place: string
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kubectl-mesh-folder-'))
})
afterEach(() => rm(place, {recursive: true}))

const checkFolder = (folder: string) => checkBundleFolder(folder, 'web', 'files')
const refused = (message: string) => expect.objectContaining({exit: 3, message: expect.stringContaining(message)})

test('accepts a missing folder, and a folder of the user that no other user can access', async () => {
  await checkFolder(join(place, 'missing', 'web'))
  await mkdir(join(place, 'web'), {mode: 0o700})
  await checkFolder(join(place, 'web'))
})

test('rejects a link, a dangling link, a file, and a folder that others can access', async () => {
  await mkdir(join(place, 'open'), {mode: 0o755})
  await mkdir(join(place, 'target'), {mode: 0o700})
  await symlink(join(place, 'target'), join(place, 'link'))
  await symlink(join(place, 'nowhere'), join(place, 'dangling'))
  await writeFile(join(place, 'file'), '')
  for (const name of ['link', 'link/', 'dangling'])
    await expect(checkFolder(join(place, name))).rejects.toEqual(refused('is a symbolic link'))
  await expect(checkFolder(join(place, 'file'))).rejects.toEqual(refused('is not a folder'))
  await expect(checkFolder(join(place, 'open'))).rejects.toEqual(refused('other users of this machine have access'))
})

test.skipIf(process.getuid?.() !== 0)(
  'rejects a folder of another user, and a path through a link of another user',
  async () => {
    await mkdir(join(place, 'foreign'), {mode: 0o700})
    await chown(join(place, 'foreign'), 1337, 1337)
    await expect(checkFolder(join(place, 'foreign'))).rejects.toEqual(refused('belongs to another user'))
    await mkdir(join(place, 'target'), {mode: 0o700})
    await symlink(join(place, 'target'), join(place, 'link'))
    await lchown(join(place, 'link'), 1337, 1337)
    await expect(checkFolder(join(place, 'link', 'web'))).rejects.toEqual(refused('is a symbolic link of another user'))
  },
)

test.skipIf(process.getuid?.() !== 0)(
  'rejects a parent folder of another user, who could rename the bundle',
  async () => {
    await mkdir(join(place, 'parent'), {mode: 0o755})
    await chown(join(place, 'parent'), 1337, 1337)
    await expect(checkFolder(join(place, 'parent', 'web'))).rejects.toEqual(refused('is a folder of another user'))
    vi.stubEnv('SUDO_UID', '1337')
    await checkFolder(join(place, 'parent', 'web'))
    vi.unstubAllEnvs()
  },
)

test('rejects a parent folder in which every user can rename the bundle', async () => {
  await mkdir(join(place, 'parent'))
  await chmod(join(place, 'parent'), 0o777)
  await expect(checkFolder(join(place, 'parent', 'web'))).rejects.toEqual(
    refused('every user of this machine can rename'),
  )
  await chmod(join(place, 'parent'), 0o1777)
  await checkFolder(join(place, 'parent', 'web'))
})

test.each([
  ['files', 'hosts', 'install.sh'],
  ['ansible', 'play.yaml', 'install.sh'],
  ['cloud-init', 'user-data', 'user-data'],
  ['script', 'install-web.sh', 'install-web.sh'],
] as const)('format %s: rejects a file %s that is not from a bundle', async (format, name, installer) => {
  const folder = join(place, 'web')
  await mkdir(folder, {mode: 0o700})
  await writeFile(join(folder, 'notes.txt'), 'precious')
  await checkBundleFolder(folder, 'web', format)
  await writeFile(join(folder, name), 'precious')
  await expect(checkBundleFolder(folder, 'web', format)).rejects.toEqual(refused(`${name} is not from a bundle`))
  await writeFile(join(folder, installer), buildBundle(sourceOf(), format)[installer]!.text)
  await checkBundleFolder(folder, 'web', format)
})
