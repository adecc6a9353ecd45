import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {applySetId} from '../../../src/engine/kubernetes/applyset.ts'
import type {Ground} from '../../support/ground/ground.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {type Document, type FilesGround, openFilesGround} from './support.ts'

describe.skipIf(!sharedServers())('--prune', () => {
  let files: FilesGround
  let ground: Ground
  let folder: string
  const mesh = (...words: string[]) => files.mesh(...words)
  const inFolder = (command: string, ...words: string[]) => mesh(command, '-f', folder, ...words)
  const write = (document: Document) =>
    writeFile(join(folder, `${document.kind}.yaml`), `${JSON.stringify(document)}\n`)
  const remove = async (...kinds: string[]) => {
    for (const kind of kinds) await rm(join(folder, `${kind}.yaml`))
  }
  const document = (kind: string) => files.documents.find(one => one.kind === kind)!

  /** `KIND NAME` of each document that would be removed. */
  async function pruned(...words: string[]): Promise<string[]> {
    const {stdout, stderr, code} = await inFolder('diff', '-o', 'json', ...words)
    expect({code, stderr}).toMatchObject({code: 0})
    const rows = (JSON.parse(stdout) as {documents: Record<string, string | number>[]}).documents
    return rows.filter(({state}) => state === 'to remove').map(({kind, name}) => `${kind} ${name}`)
  }

  /** `KIND NAME` of what the clusters have. */
  async function existing(): Promise<string[]> {
    const {code, stdout} = await mesh('export', '--contexts', 'east,west')
    expect(code).toBe(0)
    return (loadAll(stdout) as Document[]).map(({kind, metadata, spec}) =>
      [kind, metadata?.name ?? spec.host ?? ''].join(' ').trim(),
    )
  }

  beforeAll(async () => {
    files = await openFilesGround()
    ground = files.ground
    folder = join(ground.folder, 'mesh')
    await mkdir(folder)
    await write({
      apiVersion: 'kubectl-mesh.io/v1alpha1',
      kind: 'MeshSet',
      metadata: {name: 'prod'},
      spec: {contexts: ['east', 'west']},
    })
    for (const one of files.documents) await write(one)
    const first = await inFolder('apply', '--yes', '--no-wait')
    expect(first, first.stderr).toMatchObject({code: 0})
    const again = await inFolder('apply', '--yes', '--no-wait')
    expect(again, again.stderr).toMatchObject({code: 0})
    const byHand = await mesh('tenant', 'add', 'by-hand', '--via', 'none', '--context', 'east', '--yes')
    expect(byHand, byHand.stderr).toMatchObject({code: 0})
  })
  afterAll(() => files?.close())

  it('removes nothing while the files contain everything, and needs the name of a set', async () => {
    ground.reset()
    expect(await pruned('--prune')).toEqual([])
    const set = join(folder, 'MeshSet.yaml')
    const unnamed = await mesh('apply', '-f', join(folder, 'Tenant.yaml'), '--prune', '--yes')
    expect(unnamed).toMatchObject({code: 2, stderr: expect.stringContaining('--prune requires the name of the set')})
    expect(await mesh('diff', '-f', set, '-f', folder, '--prune', '--exit-code')).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
  })

  it('shows what the files no longer contain; another set, or a run without --prune, removes nothing', async () => {
    await remove('Tenant', 'ExternalAuthorizer', 'Addons')
    ground.reset()
    expect(await pruned()).toEqual([])
    expect(await pruned('--prune', '--name', 'other')).toEqual([])
    expect(await pruned('--prune')).toEqual(['Addons prometheus', 'ExternalAuthorizer opa', 'Tenant shop'])
    const plan = await inFolder('plan', '--prune')
    expect(plan.stderr).toContain('3 to remove')
    expect(plan.stdout).toMatch(/^-.*AuthorizationPolicy/m)
    const unconfirmed = await inFolder('apply', '--prune')
    expect(unconfirmed).toMatchObject({code: 2, stderr: expect.stringContaining('a removal needs confirmation')})
    expect(ground.writes()).toEqual([])
  })

  it('a forged record in a namespace with other writers removes nothing, and is reported', async () => {
    const {api} = ground.cluster('east')
    const {metadata, data} = (await api.get<{metadata: {labels: object; annotations: object}; data: object}>(
      '/api/v1/namespaces/shop/configmaps/kubectl-mesh-tenant',
    ))!
    expect(metadata.annotations).toMatchObject({'kubectl-mesh.io/set': 'prod'})
    const id = applySetId({name: 'kubectl-mesh-tenant', namespace: 'edge'})
    await api.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'kubectl-mesh-tenant',
        namespace: 'edge',
        labels: {...metadata.labels, 'applyset.kubernetes.io/id': id},
        annotations: metadata.annotations,
      },
      data: {...data, tenant: 'victim', settings: JSON.stringify({name: 'victim'})},
    })
    const {stderr} = await inFolder('plan', '--prune')
    expect(stderr).toContain('ignored records in namespaces that are not system namespaces: edge/kubectl-mesh-tenant')
    expect(stderr).toContain('3 to remove')
    await api.delete('/api/v1/namespaces/edge/configmaps/kubectl-mesh-tenant')
  })

  it('what a record outside the set describes too stays, and is reported', async () => {
    const pair = ['--cert', join(ground.folder, 'tls.crt'), '--key', join(ground.folder, 'tls.key')]
    const place = ['-n', 'vms', '--context', 'east', '--system-namespace', ground.namespace, '--yes']
    const byHand = ['ingress', 'tls', 'shop.example.com', ...place]
    for (const command of [
      ['ingress', 'deploy', 'by-hand', ...place, '--no-wait'],
      [...byHand, '--gateway', 'by-hand', ...pair],
    ])
      expect(await mesh(...command)).toMatchObject({code: 0})
    await remove('IngressTls')
    const {stderr} = await inFolder('plan', '--prune')
    expect(stderr).toContain('IngressTls shop.example.com stays: a record that is not of the set prod describes it too')
    expect((await pruned('--prune')).filter(row => row.includes('Ingress'))).toEqual([])
    await write(document('IngressTls'))
    for (const command of [
      [...byHand, '--remove'],
      ['ingress', 'remove', 'by-hand', ...place],
    ])
      expect(await mesh(...command)).toMatchObject({code: 0})
  })

  it('a record of the set that names the tenant of another record removes nothing', async () => {
    const {api} = ground.cluster('east')
    const record = '/api/v1/namespaces/shop/configmaps/kubectl-mesh-tenant'
    const live = (await api.get<AnyObject & {data: object}>(record))!
    const {managedFields: _fields, resourceVersion: _version, ...metadata} = live.metadata
    const object = {...live, apiVersion: 'v1', kind: 'ConfigMap', metadata}
    const replace = (data: object) => api.replace({...object, data}, 'other')
    await replace({...live.data, settings: JSON.stringify({name: 'by-hand', via: 'none'})})
    expect(await pruned('--prune')).not.toContain('Tenant by-hand')
    expect((await inFolder('plan', '--prune')).stderr).toContain('Tenant by-hand stays')
    await replace(live.data)
  })

  it('a cluster under another context is the same cluster', async () => {
    const file = ground.cluster('east').proxy.kubeconfig
    await write({...document('IngressTls'), spec: {...document('IngressTls').spec, context: `same=${file}`}})
    expect((await pruned('--prune')).filter(row => row.includes('Ingress'))).toEqual([])
    await write(document('IngressTls'))
  })

  it('a document that a person has applied since stays', async () => {
    const command = ['authz', 'attach', 'opa', '--service', 'opa.authz.svc:9191', '--to', 'workload/web', '-n', 'authz']
    const more = ['--not-path', '/healthz', '--system-namespace', ground.namespace, '--context', 'east', '--yes']
    const attached = await mesh(...command, ...more)
    expect(attached, attached.stderr).toMatchObject({code: 0})
    expect(await pruned('--prune')).toEqual(['Addons prometheus', 'Tenant shop'])
  })

  it('a saved plan removes exactly what it shows, and is refused after a change', async () => {
    const plan = join(ground.folder, 'plan.json')
    expect(await inFolder('plan', '--prune', '--out', plan)).toMatchObject({code: 0})
    const {api} = ground.cluster('east')
    const path = '/api/v1/namespaces/shop/configmaps/kubectl-mesh-tenant'
    const {data} = (await api.get<{data: Record<string, string>}>(path))!
    const metadata = {name: 'kubectl-mesh-tenant', namespace: 'shop'}
    await api.apply({apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {...data, changed: 'yes'}})
    ground.reset()
    const refused = await mesh('apply', plan, '--yes')
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('the object has changed')})
    expect(ground.writes()).toEqual([])
    expect(await inFolder('plan', '--prune', '--out', plan)).toMatchObject({code: 0})
    const {code, stdout, stderr} = await mesh('apply', plan, '--yes', '-o', 'json')
    expect({code, stderr}).toMatchObject({code: 0})
    const rows = (JSON.parse(stdout) as {documents: {kind: string; result: string}[]}).documents
    expect(rows.filter(({result}) => result !== 'unchanged')).toMatchObject([
      {kind: 'Addons', name: 'prometheus', result: 'removed'},
      {kind: 'Tenant', name: 'shop', result: 'removed'},
    ])
    expect(await existing()).not.toContain('Tenant shop')
    expect(await existing()).toEqual(expect.arrayContaining(['Tenant by-hand', 'ExternalAuthorizer opa']))
  })

  it('killed after each write, it converges', async () => {
    await remove('VirtualMachine', 'IngressTls')
    let kills = 0
    for (;;) {
      const {code, stderr} = await ground.mesh(['apply', '-f', folder, '--prune', '--yes', '--no-wait'], {
        ...killedAfter(ground, 1),
        env: files.env,
      })
      ground.reset()
      if (code === 0) break
      expect(code, stderr).toBe(-1)
      expect(++kills).toBeLessThan(40)
    }
    expect(kills).toBeGreaterThan(3)
    expect(await pruned('--prune')).toEqual([])
    expect((await existing()).filter(one => /VirtualMachine|IngressTls/.test(one))).toEqual([])
  })

  it('only the name of the set is left: only its documents are removed', async () => {
    await remove('IngressGateway', 'ControlPlane', 'ServiceExport', 'Federation', 'LocalityBalance', 'NodeLocalities')
    const applied = await inFolder('apply', '--prune', '--yes', '--no-wait')
    expect(applied, applied.stderr).toMatchObject({code: 0})
    expect(await existing()).toEqual([
      'ExternalAuthorizer opa',
      'LocalityBalance a.shop.svc.cluster.local-and-more',
      'NodeLocalities eu-eu-1',
      'Tenant by-hand',
    ])
    ground.reset()
    expect(await inFolder('apply', '--prune')).toMatchObject({code: 0, stdout: ''})
    expect(ground.writes()).toEqual([])
  })
})
