import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {applySetId} from '../../../src/engine/kubernetes/applyset.ts'
import type {Ground} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {type Document, type FilesGround, openFilesGround} from './support.ts'

describe.skipIf(!sharedServers())('export', () => {
  let files: FilesGround
  let ground: Ground
  let documents: Document[]
  const mesh = (...words: string[]) => files.mesh(...words)

  beforeAll(async () => {
    files = await openFilesGround()
    ;({ground, documents} = files)
  })
  afterAll(() => files?.close())

  it('names an istiod without a record, and how to adopt it', async () => {
    ground.reset()
    const {code, stdout, stderr} = await mesh('export', '--contexts', 'east,west')
    expect({code, stdout}).toEqual({code: 0, stdout: ''})
    expect(stderr).toContain(`east: istiod in ${ground.namespace} has no record of kubectl-mesh; not exported`)
    expect(stderr).toContain('kubectl mesh federate --contexts east,west --dry-run=server')
    expect(stderr).toContain('nothing to export')
    expect(ground.writes()).toEqual([])
  })

  it('documents of every kind are exported as they were applied', async () => {
    const folder = join(ground.folder, 'mesh')
    await mkdir(folder)
    for (const document of documents)
      await writeFile(join(folder, `${document.kind}.yaml`), `${JSON.stringify(document)}\n`)
    const applied = await mesh('apply', '-f', folder, '--yes', '--no-wait')
    expect(applied, applied.stderr).toMatchObject({code: 0})
    // Without waiting, the first run does not know the addresses of the gateways.
    expect(await mesh('apply', '-f', folder, '--yes', '--no-wait')).toMatchObject({code: 0})
    ground.reset()
    const {code, stdout, stderr} = await mesh('export', '--contexts', 'east,west')
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(loadAll(stdout)).toEqual(documents)
    expect(stdout).not.toMatch(/BEGIN|eyJ/)
    expect(ground.writes()).toEqual([])
  })

  it('applying the exported files would change nothing', async () => {
    const folder = join(ground.folder, 'exported')
    const {code, stdout} = await mesh('export', '--contexts', 'east,west', '--output-dir', folder)
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(documents.length)
    const diff = await mesh('diff', '-f', folder, '--exit-code')
    expect(diff, diff.stdout + diff.stderr).toMatchObject({code: 0})
    expect(diff.stderr).toContain(`${documents.length} documents: ${documents.length} unchanged`)
  })

  it('a file that it did not write is not replaced; one that it wrote is', async () => {
    const folder = join(ground.folder, 'exported')
    const again = await mesh('export', '--contexts', 'east,west', '--output-dir', folder)
    expect(again).toMatchObject({code: 0})
    const file = join(folder, 'Tenant.yaml')
    await writeFile(file, '# by hand\n')
    const before = await readdir(folder)
    const {code, stdout, stderr} = await mesh('export', '--contexts', 'east,west', '--output-dir', folder)
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toContain(`error: ${file} was not written by kubectl mesh export and is not overwritten`)
    expect(await readdir(folder)).toEqual(before)
    expect(await readFile(file, 'utf8')).toBe('# by hand\n')
  })

  it('a record in a namespace that is not a system namespace is ignored', async () => {
    const {api} = ground.cluster('east')
    const {metadata, data} = (await api.get<{metadata: {labels: object}; data: object}>(
      '/api/v1/namespaces/shop/configmaps/kubectl-mesh-tenant',
    ))!
    await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'forged'}})
    const labels = {
      ...metadata.labels,
      'applyset.kubernetes.io/id': applySetId({name: 'kubectl-mesh-tenant', namespace: 'forged'}),
    }
    const forged = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'kubectl-mesh-tenant', namespace: 'forged', labels},
    }
    await api.create({...forged, data})
    const {code, stdout, stderr} = await mesh('export', '--contexts', 'east')
    expect(code).toBe(0)
    expect(stderr).toContain('ignored records in namespaces that are not system namespaces: forged/kubectl-mesh-tenant')
    expect(stdout.match(/kind: Tenant/g)).toHaveLength(1)
    await api.delete('/api/v1/namespaces/forged/configmaps/kubectl-mesh-tenant')
  })

  it('a cluster that cannot be read: nothing is written', async () => {
    ground.cluster('west').proxy.decide = () => 'reset'
    const {code, stdout, stderr} = await mesh('export', '--contexts', 'east,west')
    expect({code, stdout}).toEqual({code: 3, stdout: ''})
    expect(stderr).toMatch(/^error: west: /m)
    ground.reset()
  })
})
