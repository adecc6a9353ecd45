import {mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {originComment} from '../../../../src/features/files/render/objects-earlier.ts'
import {pathInRepository} from '../../../../src/features/files/render/read-repository.ts'
import {readEarlier, writeRender} from '../../../../src/features/files/render/write.ts'
import {writeParts} from '../../../../src/terminal/output/files.ts'
import {loadYaml} from '../../../../src/text/yaml.ts'
import {configMap, secret} from '../../../terminal/output/steps.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-render-'))
})
afterEach(() => rm(folder, {recursive: true, force: true}))

const part = (path: string, ...names: string[]) => ({
  path: path.split('/'),
  objects: names.map(name => ({wave: 40, object: configMap(name, {})})),
})
const files = async () =>
  (await readdir(folder, {recursive: true, withFileTypes: true}))
    .filter(entry => !entry.isDirectory())
    .map(({parentPath, name}) => join(parentPath, name).slice(folder.length + 1))
    .sort()
const relative = (paths: readonly string[]) => paths.map(path => path.slice(folder.length + 1))

test('files and folders of an earlier render are removed, and nothing else', async () => {
  await writeRender(folder, [part('clusters/east/40-gateways', 'a', 'b'), part('clusters/west/40-gateways', 'a')])
  await writeFile(join(folder, 'clusters/west/README.md'), 'ours')
  await writeFile(join(folder, 'README.md'), 'ours')
  const {files: written, removed} = await writeRender(folder, [part('clusters/east', 'a'), part('argocd', 'set')])
  expect(relative(written)).toEqual([
    'clusters/east/40-configmap-a.yaml',
    'clusters/east/kustomization.yaml',
    'argocd/40-configmap-set.yaml',
    'argocd/kustomization.yaml',
  ])
  expect(relative(removed)).toEqual([
    'clusters/east/40-gateways/40-configmap-a.yaml',
    'clusters/east/40-gateways/40-configmap-b.yaml',
    'clusters/west/40-gateways/40-configmap-a.yaml',
  ])
  expect(await files()).toEqual([...relative(written), 'README.md', 'clusters/west/README.md'].sort())
})

test('a file that someone has added to a list stays in it; one that someone has written over stays too', async () => {
  await writeRender(folder, [part('clusters/east', 'a', 'b')])
  const list = join(folder, 'clusters/east/kustomization.yaml')
  await writeFile(list, `${await readFile(list, 'utf8')}- own.yaml\n`)
  await writeFile(join(folder, 'clusters/east/own.yaml'), 'own: yes')
  await writeFile(join(folder, 'clusters/east/40-configmap-b.yaml'), 'own: yes')
  await writeRender(folder, [part('clusters/west', 'a')])
  expect(await readdir(join(folder, 'clusters/east'))).toEqual([
    '40-configmap-b.yaml',
    'kustomization.yaml',
    'own.yaml',
  ])
  expect(loadYaml(await readFile(list, 'utf8'))).toMatchObject({resources: ['40-configmap-b.yaml', 'own.yaml']})
})

test('the objects of an earlier render are read with their origin; a file that a user has deleted is not', async () => {
  const documents = ['Federation prod\u2028apiVersion: v1']
  const object = {wave: 40, object: configMap('a', {k: 'v'}), documents}
  const comment = originComment('east\n# west', object)
  const parts = [
    {path: ['clusters', 'east'], objects: [{...object, comment}]},
    {path: ['clusters', 'west'], objects: [{...object, comment}]},
    part('flux', 'k'),
  ]
  await writeRender(folder, parts)
  await rm(join(folder, 'clusters/west/40-configmap-a.yaml'))
  expect(await readEarlier(folder)).toEqual([
    {...object, cluster: 'east\n# west', path: join(folder, 'clusters/east/40-configmap-a.yaml')},
  ])
  expect(await readEarlier(join(folder, 'none'))).toEqual([])
})

test.each([
  ['without its origin', (text: string) => text.replace(/# kubectl mesh render.*\n/, '')],
  ['with the marks of a merge conflict', (text: string) => text.replace('data:', '<<<<<<< ours\ndata:')],
  ['without an object', (text: string) => text.slice(0, text.indexOf('apiVersion'))],
])('a file %s is not taken for one that is no longer needed', async (_, change) => {
  const object = {wave: 40, object: configMap('a', {k: 'v'}), documents: ['Federation prod']}
  const comment = originComment('east', object)
  await writeRender(folder, [{path: ['clusters', 'east'], objects: [{...object, comment}]}])
  const path = join(folder, 'clusters/east/40-configmap-a.yaml')
  await writeFile(path, change(await readFile(path, 'utf8')))
  await expect(readEarlier(folder)).rejects.toMatchObject({
    exit: 3,
    problems: [{message: `${path} is not as kubectl mesh render has written it`}],
  })
})

test('a render that was interrupted at any file is completed by the next one', async () => {
  const first = () => writeRender(folder, [part('clusters/east', 'a', 'b'), part('clusters/west', 'a')]).then(files)
  // A run writes a list before the files, and removes it after them.
  for (const lost of (await first()).filter(name => !name.endsWith('kustomization.yaml'))) {
    await rm(join(folder, lost))
    await writeRender(folder, [part('clusters/east', 'b')])
    expect(await files(), lost).toEqual(['clusters/east/40-configmap-b.yaml', 'clusters/east/kustomization.yaml'])
    await first()
  }
})

test.each(['clusters', 'clusters/east', 'flux'])('a link in the place of %s is not followed', async path => {
  const outside = join(folder, 'outside')
  await mkdir(join(outside, '40-gateways'), {recursive: true})
  await writeFile(join(outside, 'precious.yaml'), 'own: yes')
  await mkdir(join(folder, 'out/clusters'), {recursive: true})
  await rm(join(folder, 'out', path), {recursive: true, force: true})
  await symlink(outside, join(folder, 'out', path))
  const parts = [part('clusters/east/40-gateways', 'a'), part('flux', 'k')]
  await expect(writeRender(join(folder, 'out'), parts)).rejects.toMatchObject({exit: 3})
  expect(await files()).toEqual([`out/${path}`, 'outside/precious.yaml'])
})

test('files with the line ends of Windows are those of an earlier render', async () => {
  const object = {wave: 40, object: configMap('a', {k: 'v'}), documents: ['Federation prod']}
  const parts = [{path: ['clusters', 'east'], objects: [{...object, comment: originComment('east', object)}]}]
  const {files: written} = await writeRender(folder, parts)
  const before = await readEarlier(folder)
  for (const path of written) await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\n', '\r\n'))
  expect(await readEarlier(folder)).toEqual(before)
  expect((await writeRender(folder, parts)).files).toEqual(written)
})

test.each(['<<<<<<< HEAD\nresources: []\n=======', 'resources: null', 'null', '[]'])(
  'a list with %j is refused, with its path',
  async content => {
    await writeRender(folder, [part('clusters/east', 'a')])
    const list = join(folder, 'clusters/east/kustomization.yaml')
    const [header] = (await readFile(list, 'utf8')).split('\n', 1)
    await writeFile(list, `${header}\n${content}\n`)
    await expect(readEarlier(folder)).rejects.toMatchObject({
      exit: 3,
      problems: [{message: `${list} is not as kubectl mesh has written it`}],
    })
  },
)

test('a link to a folder of an earlier render elsewhere is left alone', async () => {
  await writeRender(join(folder, 'other'), [part('clusters/east', 'a')])
  await writeRender(join(folder, 'out'), [part('clusters/west', 'a')])
  await symlink(join(folder, 'other/clusters/east'), join(folder, 'out/clusters/linked'))
  const {removed} = await writeRender(join(folder, 'out'), [part('clusters/west', 'b')])
  expect(relative(removed)).toEqual(['out/clusters/west/40-configmap-a.yaml'])
  expect(await readdir(join(folder, 'other/clusters/east'))).toHaveLength(2)
})

test('two clusters whose names differ only in case, and a folder that cannot be written', async () => {
  const both = [part('clusters/east', 'a'), part('clusters/EAST', 'a')]
  await expect(writeRender(folder, both)).rejects.toMatchObject({exit: 2})
  await expect(writeRender('/proc/none', [part('clusters/east', 'a')])).rejects.toMatchObject({exit: 2})
  expect(await files()).toEqual([])
})

test('the path of a folder in its repository', async () => {
  await mkdir(join(folder, '.git'))
  expect(await pathInRepository(join(folder, 'a/b/'))).toBe('a/b')
  expect(await pathInRepository(`${folder}/a/..`)).toBe('')
  await rm(join(folder, '.git'), {recursive: true})
  await writeFile(join(folder, '.git'), 'gitdir: elsewhere')
  expect(await pathInRepository(join(folder, 'fleet'))).toBe('fleet')
  await expect(pathInRepository('/fleet')).rejects.toMatchObject({
    exit: 2,
    problems: [{message: '/fleet is not in a Git repository'}],
  })
})

test('a Secret in clear text is neither written nor read', async () => {
  const object = {wave: 70, object: secret('a', {k: 'opensesame'}), documents: ['Federation prod']}
  const folders = [{path: ['clusters', 'east'], objects: [{...object, comment: originComment('east', object)}]}]
  await expect(writeRender(folder, folders)).rejects.toThrow('secret/a is not encrypted')
  expect(await files()).toEqual([])
  await writeParts(folder, folders)
  await expect(readEarlier(folder)).rejects.toMatchObject({
    exit: 3,
    problems: [{message: expect.stringMatching(/70-secret-a\.yaml contains a Secret that is not encrypted$/)}],
  })
})

test('an encrypted Secret is written and read as it is', async () => {
  const text =
    'apiVersion: v1\nkind: Secret\nmetadata:\n    name: a\ndata:\n    k: ENC[AES256_GCM,data:eA==,iv:eQ==,tag:eg==,type:str]\nsops: {mac: x}\n'
  const credential = {mode: 'sops', source: 'u1/7'} as const
  const object = {wave: 70, object: secret('a', {k: 'opensesame'}), documents: ['Federation prod'], credential}
  const comment = originComment('east', object)
  await writeRender(folder, [{path: ['clusters', 'east'], objects: [{...object, comment, text}]}])
  expect(await readEarlier(folder)).toEqual([
    {
      ...{...object, cluster: 'east', text, path: join(folder, 'clusters/east/70-secret-a.yaml')},
      object: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {name: 'a'},
        data: {k: 'ENC[AES256_GCM,data:eA==,iv:eQ==,tag:eg==,type:str]'},
        sops: {mac: 'x'},
      },
    },
  ])
})
