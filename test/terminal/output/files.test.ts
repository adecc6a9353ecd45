import {mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises'
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

  test('removes nothing that an unknown or manipulated list contains', async () => {
    await mkdir(join(folder, 'east'))
    await writeFile(join(folder, 'victim.yaml'), 'victim\n')
    await writeFile(join(folder, 'east/mine.yaml'), 'mine\n')
    await writeFile(join(folder, 'east/kustomization.yaml'), 'resources: [mine.yaml]\n')
    await write(configMap('a', {}))
    expect(await filesIn()).toContain('mine.yaml')
    const list = join(folder, 'east/kustomization.yaml')
    await writeFile(
      list,
      (await readFile(list, 'utf8')).replace('- 40-configmap-a.yaml', '- ../victim.yaml\n- .\n- mine.yaml/'),
    )
    await write(configMap('a', {}))
    expect(await readFile(join(folder, 'victim.yaml'), 'utf8')).toBe('victim\n')
  })
})

describe('modes and symlinks', () => {
  test.each([0, 0o077])(
    'a Secret has mode 0600 with umask %s, even if it replaces a file with a wider mode',
    async umask => {
      await mkdir(join(folder, 'east'))
      await writeFile(join(folder, 'east/40-secret-s.yaml'), 'old\n', {mode: 0o666})
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
    await symlink(join(folder, 'victim'), join(folder, 'east/40-secret-s.yaml'))
    await write(secret('s', {k: 'v'}))
    expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('victim\n')
    expect((await stat(join(folder, 'east/40-secret-s.yaml'))).mode & 0o777).toBe(0o600)
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
