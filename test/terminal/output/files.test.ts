import {chmod, lchown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {writeFolders} from '../../../src/terminal/output/files.ts'
import type {ClusterObjects} from '../../../src/terminal/output/objects.ts'
import {loadYaml} from '../../../src/text/yaml.ts'
import {configMap, secret} from './steps.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-files-'))
})
afterEach(() => rm(folder, {recursive: true, force: true}))

const clusterOf = (cluster: string, ...objects: KubernetesObject[]): ClusterObjects => ({
  cluster,
  objects: objects.map(object => ({wave: 40, object})),
  removed: [],
  leftOut: {secrets: 0, pending: 0, edits: 0},
})
const write = (...objects: KubernetesObject[]) => writeFolders(folder, [clusterOf('east', ...objects)])
const filesIn = async (cluster = 'east') => (await readdir(join(folder, cluster))).sort()
const role = (name: string): KubernetesObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: {name},
})

/** All bytes of a folder, by path. */
async function bytesOf(): Promise<Map<string, string>> {
  const paths = (await readdir(folder, {recursive: true, withFileTypes: true})).filter(entry => entry.isFile())
  return new Map(
    await Promise.all(
      paths.map(
        async ({parentPath, name}) => [join(parentPath, name), await readFile(join(parentPath, name), 'utf8')] as const,
      ),
    ),
  )
}

describe('writeFolders', () => {
  test('writes a folder per cluster, a file per object in apply order, and a list of the files', async () => {
    const paths = await writeFolders(folder, [
      clusterOf('east', configMap('b', {k: 'v'}), configMap('a', {})),
      clusterOf('west', configMap('c', {})),
    ])
    expect(paths.map(path => path.slice(folder.length + 1))).toEqual([
      'east/40-configmap-b.yaml',
      'east/40-configmap-a.yaml',
      'east/kustomization.yaml',
      'west/40-configmap-c.yaml',
      'west/kustomization.yaml',
    ])
    const list = await readFile(join(folder, 'east/kustomization.yaml'), 'utf8')
    expect(loadYaml(list)).toMatchObject({
      kind: 'Kustomization',
      resources: ['40-configmap-b.yaml', '40-configmap-a.yaml'],
    })
    expect(await readFile(paths[0]!, 'utf8')).toContain('  k: v\n')
  })

  test('a folder that is created has the requested permissions; one that exists keeps its own', async () => {
    const path = join(folder, 'a', 'b')
    await writeFolders(path, [clusterOf('east', configMap('a', {}))], 0o700)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o777 & ~process.umask())
    await chmod(path, 0o755)
    await writeFolders(path, [clusterOf('east', configMap('a', {}))], 0o700)
    expect((await stat(path)).mode & 0o777).toBe(0o755)
  })

  test('writes the same bytes twice', async () => {
    await write(configMap('a', {k: 'v'}), secret('s', {k: 'v'}))
    const once = await bytesOf()
    await write(configMap('a', {k: 'v'}), secret('s', {k: 'v'}))
    expect(await bytesOf()).toEqual(once)
  })

  test('removes files of the previous run and keeps other files', async () => {
    await write(configMap('a', {}), secret('s', {}))
    await writeFile(join(folder, 'east/mine.yaml'), 'mine\n')
    await write(configMap('b', {}))
    expect(await filesIn()).toEqual(['40-configmap-b.yaml', 'kustomization.yaml', 'mine.yaml'])
  })

  test('keeps listed files without the header of kubectl-mesh, and their entries in the list', async () => {
    await write(configMap('a', {}), configMap('b', {}))
    await writeFile(join(folder, 'east/extra.yaml'), 'mine\n')
    await writeFile(join(folder, 'east/40-configmap-b.yaml'), 'mine\n')
    const list = join(folder, 'east/kustomization.yaml')
    await writeFile(list, `${await readFile(list, 'utf8')}- extra.yaml\n`)
    await expect(write(configMap('a', {}), configMap('b', {}))).rejects.toMatchObject({
      exit: 3,
      message: expect.stringContaining('40-configmap-b.yaml was not written by kubectl mesh'),
    })
    await write(configMap('c', {}))
    expect(await filesIn()).toEqual(['40-configmap-b.yaml', '40-configmap-c.yaml', 'extra.yaml', 'kustomization.yaml'])
    expect(loadYaml(await readFile(list, 'utf8'))).toMatchObject({
      resources: ['40-configmap-c.yaml', '40-configmap-b.yaml', 'extra.yaml'],
    })
  })

  test('an error of the file system is a sentence of bounded length', async () => {
    const long = join(folder, 'a'.repeat(5000))
    const error: unknown = await writeFolders(long, [clusterOf('east', configMap('a', {}))]).catch(caught => caught)
    expect(error).toMatchObject({
      exit: 2,
      message: expect.stringMatching(/^.{60}… \(\d+ characters\): name is too long$/),
    })
  })

  test('removes nothing that an unknown or manipulated list contains', async () => {
    await mkdir(join(folder, 'east'))
    await writeFile(join(folder, 'victim.yaml'), 'victim\n')
    await writeFile(join(folder, 'east/mine.yaml'), 'mine\n')
    await writeFile(join(folder, 'east/kustomization.yaml'), 'resources: [mine.yaml]\n')
    await expect(write(configMap('a', {}))).rejects.toMatchObject({exit: 3})
    expect(await filesIn()).toEqual(['kustomization.yaml', 'mine.yaml'])
    await rm(join(folder, 'east/kustomization.yaml'))
    await write(configMap('a', {}))
    const list = join(folder, 'east/kustomization.yaml')
    await writeFile(
      list,
      (await readFile(list, 'utf8')).replace(
        '- 40-configmap-a.yaml',
        '- 40-configmap-a.yaml\n- ../victim.yaml\n- .\n- mine.yaml/',
      ),
    )
    await write(configMap('a', {}))
    expect(await readFile(join(folder, 'victim.yaml'), 'utf8')).toBe('victim\n')
  })
})

describe('modes and symlinks', () => {
  test.each([0, 0o077])(
    'a Secret has mode 0600 with umask %s, even if it replaces a file with a wider mode',
    async umask => {
      await write(secret('s', {k: 'old'}))
      await chmod(join(folder, 'east/40-secret-s.yaml'), 0o666)
      const before = process.umask(umask)
      try {
        await write(secret('s', {k: 'v'}), configMap('a', {}))
      } finally {
        process.umask(before)
      }
      const modeOf = async (name: string) => (await stat(join(folder, 'east', name))).mode & 0o777
      expect(await modeOf('40-secret-s.yaml')).toBe(0o600)
      expect(await modeOf('40-configmap-a.yaml')).toBe(0o644 & ~umask)
    },
  )

  test('a symlink at the path of the partial file is not followed', async () => {
    await mkdir(join(folder, 'east'))
    await writeFile(join(folder, 'victim'), 'victim\n')
    await symlink(join(folder, 'victim'), join(folder, 'east/40-secret-s.yaml.part'))
    await write(secret('s', {k: 'v'}))
    expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('victim\n')
    expect((await stat(join(folder, 'east/40-secret-s.yaml'))).mode & 0o777).toBe(0o600)
  })
})

describe('what is not ours', () => {
  const refused = (message: string) => expect.objectContaining({exit: 3, message: expect.stringContaining(message)})

  test.each([
    ['the folder is a link', async () => symlink(join(folder, 'other'), join(folder, 'fleet')), 'is a symbolic link'],
    ['the folder is a link to nothing', async () => symlink('/nothing', join(folder, 'fleet')), 'is a symbolic link'],
    ['the folder is a file', async () => writeFile(join(folder, 'fleet'), ''), 'is not a folder'],
    ['the folder of a cluster is a link', async () => linkIn('fleet', 'east', '..'), 'east is a symbolic link'],
    ['a file is a link', async () => linkIn('fleet/east', '40-configmap-a.yaml', '../../victim'), 'was not written by'],
    [
      'the list is a link',
      async () => linkIn('fleet/east', 'kustomization.yaml', '../../victim'),
      'was not written by',
    ],
    [
      'a file is not listed',
      async () => fileIn('fleet/east', '40-configmap-a.yaml'),
      'was not written by kubectl mesh',
    ],
  ])('%s', async (_, prepare, message) => {
    await writeFile(join(folder, 'victim'), 'victim\n')
    await mkdir(join(folder, 'other'))
    await prepare()
    const before = await bytesOf()
    for (const path of ['fleet', 'fleet/'])
      await expect(
        writeFolders(`${folder}/${path}`, [clusterOf('east', configMap('b', {}), configMap('a', {}))]),
      ).rejects.toEqual(refused(message))
    expect(await bytesOf()).toEqual(before)
  })

  test('a link above the folder: that of the user is followed, that of another user is not', async () => {
    await mkdir(join(folder, 'target'))
    await symlink(join(folder, 'target'), join(folder, 'link'))
    const into = join(folder, 'link', 'fleet')
    await writeFolders(into, [clusterOf('east', configMap('a', {}))])
    expect(await readdir(join(folder, 'target/fleet/east'))).toContain('kustomization.yaml')
    // Below the folder, no link is followed.
    await symlink(folder, join(into, 'west'))
    await expect(writeFolders(into, [clusterOf('west', configMap('a', {}))])).rejects.toEqual(
      refused('west is a symbolic link'),
    )
    await expect(writeFolders(`${folder}/link/.`, [clusterOf('east', configMap('a', {}))])).rejects.toEqual(
      refused('is a symbolic link'),
    )
    if (process.getuid?.() !== 0) return
    await lchown(join(folder, 'link'), 12_345, 12_345)
    await expect(writeFolders(into, [clusterOf('east', configMap('a', {}))])).rejects.toEqual(
      refused('is a symbolic link of another user of this machine (UID 12345)'),
    )
  })

  async function linkIn(parent: string, name: string, target: string) {
    await mkdir(join(folder, parent), {recursive: true})
    await symlink(target, join(folder, parent, name))
  }

  async function fileIn(parent: string, name: string) {
    await mkdir(join(folder, parent), {recursive: true})
    await writeFile(join(folder, parent, name), 'mine\n')
  }

  test('the next run replaces the files of an interrupted one', async () => {
    await write(configMap('a', {}))
    await write(configMap('a', {}), configMap('b', {}))
    // As if the run had ended after the first file.
    await rm(join(folder, 'east/40-configmap-b.yaml'))
    await write(configMap('c', {}))
    expect(await filesIn()).toEqual(['40-configmap-c.yaml', 'kustomization.yaml'])
  })

  test('no name of a cluster leads out of the folder', async () => {
    const names = ['../../../out', '..', '.', '', '/etc', 'a/b', 'a\nb', 'CON']
    const paths = await writeFolders(
      join(folder, 'fleet'),
      names.map(name => clusterOf(name, configMap('a', {}))),
    )
    expect(await readdir(folder)).toEqual(['fleet'])
    expect(await readdir(join(folder, 'fleet'))).toHaveLength(names.length)
    expect(paths).toHaveLength(2 * names.length)
  })

  test('clusters whose names differ only in case', async () => {
    await expect(writeFolders(folder, [clusterOf('east'), clusterOf('EAST')])).rejects.toMatchObject({exit: 2})
  })
})

describe('file names', () => {
  const gateway = (apiVersion: string, namespace: string) => ({
    apiVersion,
    kind: 'Gateway',
    metadata: {name: 'x', namespace},
  })

  test.each<[string, KubernetesObject[], string[]]>([
    ['a role with a colon', [role('system:a')], ['40-clusterrole-system_a.yaml']],
    [
      'the same name in two namespaces',
      [configMap('a', {}), {...configMap('a', {}), metadata: {name: 'a', namespace: 'b'}}],
      ['40-configmap-a-b-v1.yaml', '40-configmap-a-istio-system-v1.yaml'],
    ],
    [
      'the same name in two API groups',
      [gateway('networking.istio.io/v1', 'a'), gateway('gateway.networking.k8s.io/v1', 'a')],
      ['40-gateway-x-a-gateway.networking.k8s.io_v1.yaml', '40-gateway-x-a-networking.istio.io_v1.yaml'],
    ],
  ])('%s', async (_, objects, names) => {
    await write(...objects)
    expect(await filesIn()).toEqual([...names, 'kustomization.yaml'])
  })

  test('every object has its own file, whatever its name', async () => {
    const long = 'a'.repeat(252)
    const names = [
      'a:b',
      'a_b',
      'a|b',
      'A_b',
      'a b',
      '..',
      '.',
      'a',
      'A',
      '东京',
      '京东',
      `${long}a`,
      `${long}b`,
      'CON',
      '-x',
    ]
    const objects = names.map(role)
    await write(...objects)
    const files = (await filesIn()).filter(name => name !== 'kustomization.yaml')
    expect(new Set(files.map(name => name.toLowerCase())).size).toBe(names.length)
    const found = await Promise.all(
      files.map(
        async name => (loadYaml(await readFile(join(folder, 'east', name), 'utf8')) as KubernetesObject).metadata.name,
      ),
    )
    expect(found.sort()).toEqual([...names].sort())
    // The next run finds and removes all of them.
    await write(role('only'))
    expect(await filesIn()).toEqual(['40-clusterrole-only.yaml', 'kustomization.yaml'])
  })
})
