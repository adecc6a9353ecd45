import {chown, mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, test, vi} from 'vitest'
import {decryptWithSops, encryptWithSops, findSops} from '../../src/tools/sops.ts'
import {useFakeTools} from './fake-tools.ts'

const tools = useFakeTools({only: true})
const clear = (manifest: string) => ({manifest, isClear: (text: string) => text.includes(manifest)})
const log = (name: string) => readFile(join(tools.folder, name), 'utf8')

test('the manifest is passed on stdin only, with the rules above the folder', async () => {
  await tools.add('sops', `cat > '${tools.folder}/input'; echo "$*" > '${tools.folder}/argv'; echo sealed`)
  await mkdir(join(tools.folder, 'fleet/clusters'), {recursive: true})
  await writeFile(join(tools.folder, '.sops.yaml'), '')
  const sops = await findSops(join(tools.folder, 'fleet/new'))
  const path = join(tools.folder, 'fleet/clusters/a.yaml')
  expect(await encryptWithSops(clear('opensesame'), path, sops)).toBe('sealed\n')
  expect(await log('input')).toBe('opensesame')
  expect((await log('argv')).trim()).toBe(
    `--config ${tools.folder}/.sops.yaml encrypt --encrypted-regex ^(data|stringData)$ --input-type yaml --output-type yaml --filename-override ${path}`,
  )
})

test('a configuration of the environment wins', async () => {
  await tools.add('sops', '')
  await writeFile(join(tools.folder, '.sops.yaml'), '')
  vi.stubEnv('SOPS_CONFIG', '/etc/sops.yaml')
  expect(await findSops(tools.folder)).toEqual({file: join(tools.folder, 'sops'), config: undefined})
  vi.unstubAllEnvs()
})

test('a missing or failing sops is reported with a hint', async () => {
  await expect(findSops('/fleet')).rejects.toMatchObject({exit: 2, problems: [{message: 'sops is not in PATH'}]})
  await tools.add('sops', 'echo "no matching creation rules found" >&2; exit 1')
  const sops = await findSops('/fleet')
  await expect(encryptWithSops(clear('opensesame'), '/fleet/a.yaml', sops)).rejects.toMatchObject({
    exit: 3,
    problems: [
      {
        message: 'sops does not encrypt /fleet/a.yaml: no matching creation rules found',
        hints: [expect.stringContaining('.sops.yaml')],
      },
    ],
  })
  expect(await decryptWithSops('sealed', '/fleet/a.yaml', sops)).toBeUndefined()
})

test('a message that contains the Secret is not shown, and a long one is cut', async () => {
  const message = async (script: string) => {
    await tools.add('sops', script)
    const failed = encryptWithSops(clear('opensesame'), '/fleet/a.yaml', await findSops('/fleet'))
    return failed.catch((error: {problems: {message: string}[]}) => error.problems[0]!.message)
  }
  expect(await message('echo "Error: cannot use $(cat)" >&2; exit 1')).toBe(
    'sops does not encrypt /fleet/a.yaml: its message contains the Secret, and is not shown',
  )
  expect((await message('printf "%05000d" 1 >&2; exit 1'))!.length).toBeLessThan(600)
})

test.skipIf(process.getuid?.() !== 0)('rules of another user of the machine are refused', async () => {
  await tools.add('sops', '')
  await mkdir(join(tools.folder, 'fleet'), {recursive: true})
  await writeFile(join(tools.folder, '.sops.yaml'), '')
  await chown(join(tools.folder, '.sops.yaml'), 1337, 1337)
  await expect(findSops(join(tools.folder, 'fleet'))).rejects.toMatchObject({
    exit: 3,
    problems: [{message: expect.stringContaining('belongs to another user of this machine (UID 1337)')}],
  })
})
