import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {vmApplySet} from '../../../src/features/vm/objects.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import {killUntilDone} from '../../support/ground/users.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
let count = 0

describe.skipIf(!servers)('a VM in a namespace that others administer', () => {
  let ground: Ground
  let namespace: string
  let folder: string
  beforeEach(async () => {
    ground = await openGround(servers!, {contexts: ['east'], balancer: false})
    namespace = `team${process.pid}x${++count}`
    folder = join(ground.folder, 'bundle')
  })
  afterEach(() => ground?.close())

  const vm = (verb: string, ...args: string[]) =>
    ground.mesh(['vm', verb, 'web', '-n', namespace, '--system-namespace', ground.namespace, ...args])
  const register = (...args: string[]) =>
    vm(
      'register',
      '--service-account',
      'web',
      '--gateway-address',
      '127.0.0.1',
      '--output-dir',
      folder,
      '--yes',
      ...args,
    )
  const renew = (...args: string[]) => vm('renew', '--output-dir', folder, ...args)
  const api = () => ground.clusters[0]!.api
  /** Runs a task as an administrator of the VM's namespace. */
  const asTeam = async (task: (team: Api) => Promise<unknown>) => {
    const team = await namespaceAdmin(ground.clusters[0]!, namespace)
    await task(team).finally(() => team.close())
  }
  const configMap = (where: string, name: string, data: object): AnyObject =>
    ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name, namespace: where}, data}) as AnyObject
  /** The ConfigMap in which version 0.1.0 recorded the VM. */
  const formerParent = (spec: string): AnyObject => {
    const object = configMap(namespace, 'kubectl-mesh-vm-web', {spec})
    const id = applySetId({name: 'kubectl-mesh-vm-web', namespace})
    return {...object, metadata: {...object.metadata, labels: {'applyset.kubernetes.io/id': id}}}
  }
  const read = (where: string, name: string) =>
    api().get<AnyObject & {data: {spec: string}}>(`/api/v1/namespaces/${where}/configmaps/${name}`)
  const recordPath = () => `/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-vm-${namespace}-web`
  /** The registration as version 0.1.0 recorded it. */
  const registered = async () => {
    const {data} = (await api().get<AnyObject & {data: {settings: string}}>(recordPath()))!
    return {...JSON.parse(data.settings), name: 'web', namespace, systemNamespace: ground.namespace}
  }
  /** The objects of the VM: account, Secret and WorkloadGroup. */
  const paths = () => [
    `/api/v1/namespaces/${namespace}/serviceaccounts/web`,
    `/api/v1/namespaces/${namespace}/secrets/kubectl-mesh-vm-web`,
    `/apis/networking.istio.io/v1/namespaces/${namespace}/workloadgroups/web`,
  ]
  const uids = async () =>
    (await Promise.all(paths().map(path => api().get(path)))).flatMap(object => (object?.metadata.uid as string) ?? [])
  const subjectOf = async () =>
    JSON.parse(
      Buffer.from((await readFile(join(folder, 'istio-token'), 'utf8')).split('.')[1]!, 'base64url').toString(),
    ).sub

  it.each([
    ['serviceAccount', 'default'],
    ['namespace', 'kube-system'],
    ['systemNamespace', 'elsewhere'],
    ['format', 'script'],
  ])(
    'renew rejects a registration in the namespace of the VM with another %s, and requests no token',
    async (field, value) => {
      expect(await register()).toMatchObject({code: 0})
      const before = await readFile(join(folder, 'istio-token'), 'utf8')
      const spec = JSON.stringify({...(await registered()), [field]: value})
      await asTeam(team => team.apply(formerParent(spec)))
      ground.reset()
      const renewed = await renew()
      expect(renewed).toMatchObject({code: 3, stdout: ''})
      expect(renewed.stderr).toContain(`ConfigMap ${namespace}/kubectl-mesh-vm-web was changed: ${field} is "${value}"`)
      expect(ground.writes()).toEqual([])
      expect(await readFile(join(folder, 'istio-token'), 'utf8')).toBe(before)
      const verified = await vm('verify', '--output-dir', folder)
      expect(verified.stdout).toContain(
        `✘ ConfigMap ${namespace}/kubectl-mesh-vm-web was changed: ${field} is "${value}"`,
      )
      // Registering again removes it.
      const again = await register()
      expect(again.code, again.stderr).toBe(0)
      expect(await renew()).toMatchObject({code: 0})
      expect(await subjectOf()).toBe(`system:serviceaccount:${namespace}:web`)
    },
  )

  describe('that version 0.1.0 registered', () => {
    /** Registers the VM, and turns the result into what version 0.1.0 created. Returns the UIDs of its objects. */
    async function registerAsBefore(): Promise<string[]> {
      expect(await register()).toMatchObject({code: 0})
      const spec = JSON.stringify(await registered())
      const set = vmApplySet({name: 'web', namespace, systemNamespace: ground.namespace})
      const {kubeconfig, context} = ground.clusters[0]!.direct
      const access = loadKubeconfig({kubeconfig, env: {}})
      const cluster = await connectCluster(access, context, {fieldManager: 'kubectl-mesh'})
      for (const path of paths()) {
        const {status: _, metadata, ...object} = (await api().get(path))!
        const labels = {...(metadata.labels as object), [partOfLabel]: applySetId(set.former!)}
        await cluster.apply({...object, metadata: {name: metadata.name, namespace, labels}})
      }
      cluster.close()
      await api().apply(formerParent(spec))
      await api().delete(recordPath())
      ground.reset()
      return uids()
    }

    it('is registered again with its objects, and then removed completely', async () => {
      const before = await registerAsBefore()
      expect(await renew()).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('was not registered by kubectl mesh'),
      })
      expect((await vm('verify', '--output-dir', folder)).stdout).toContain('is not trusted')
      expect(ground.writes()).toEqual([])
      const again = await register('--network', 'other')
      expect(again.code, again.stderr).toBe(0)
      expect(again.stderr).toContain('of version 0.1.0 has other settings, which are not kept:\n  network is not set')
      expect(await uids()).toEqual(before)
      expect(await read(namespace, 'kubectl-mesh-vm-web')).toBeUndefined()
      expect(await renew()).toMatchObject({code: 0})
      const removed = await vm('remove', '--yes')
      expect(removed.code, removed.stderr).toBe(0)
      expect(await uids()).toEqual([])
      expect(await api().get(recordPath())).toBeUndefined()
    })

    it('is not removed without --trust-labels, and its objects are listed', async () => {
      const before = await registerAsBefore()
      const refused = await vm('remove', '--yes')
      expect(refused).toMatchObject({code: 3, stdout: ''})
      expect(refused.stderr).toContain(`  secret/kubectl-mesh-vm-web in namespace ${namespace}\n`)
      expect(refused.stderr).toContain('nothing was removed')
      expect(ground.writes()).toEqual([])
      expect(await uids()).toEqual(before)
      const removed = await vm('remove', '--trust-labels', '--yes')
      expect(removed.code, removed.stderr).toBe(0)
      expect(await uids()).toEqual([])
      expect(await read(namespace, 'kubectl-mesh-vm-web')).toBeUndefined()
    })

    it('--trust-labels removes nothing outside its namespace, whatever the labels', async () => {
      await registerAsBefore()
      const set = vmApplySet({name: 'web', namespace, systemNamespace: ground.namespace})
      const copies = ['kube-system', ground.namespace].flatMap(where =>
        [set, set.former!].map((one, at) => ({where, name: `copied-${namespace}-${at}`, id: applySetId(one)})),
      )
      const pathOf = ({where, name}: (typeof copies)[number]) => `/api/v1/namespaces/${where}/secrets/${name}`
      for (const {where, name, id} of copies)
        await api().apply({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: {
            name,
            namespace: where,
            labels: {[partOfLabel]: id, 'app.kubernetes.io/managed-by': 'kubectl-mesh'},
          },
        })
      try {
        const removed = await vm('remove', '--trust-labels', '--yes')
        expect(removed.code, removed.stderr).toBe(0)
        expect(await uids()).toEqual([])
        for (const copy of copies) expect(await api().get(pathOf(copy)), pathOf(copy)).toBeDefined()
      } finally {
        for (const copy of copies.filter(({where}) => where === 'kube-system')) await api().delete(pathOf(copy))
      }
    })
  })

  it('killed after each write: register and remove converge, with a complete record', async () => {
    const where = ['web', '-n', namespace, '--system-namespace', ground.namespace, '--yes']
    const more = ['--service-account', 'web', '--gateway-address', '127.0.0.1', '--output-dir', folder]
    expect(await killUntilDone(ground, ['vm', 'register', ...where, ...more])).toBeGreaterThan(3)
    const {members} = (await api().get<AnyObject & {data: {members: string}}>(recordPath()))!.data
    const created = await uids()
    expect(created).toHaveLength(3)
    for (const uid of created) expect(members).toContain(` ${uid}\n`)
    expect(await subjectOf()).toBe(`system:serviceaccount:${namespace}:web`)
    ground.reset()
    expect(await register()).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
    expect(await killUntilDone(ground, ['vm', 'remove', ...where])).toBeGreaterThan(2)
    expect(await uids()).toEqual([])
    expect(await api().get(recordPath())).toBeUndefined()
  })

  it('remove leaves objects with a copied label, and reports them', async () => {
    expect(await register()).toMatchObject({code: 0})
    const group = (await api().get(paths()[2]!))!
    const {labels} = group.metadata
    await asTeam(async team => {
      await team.apply({apiVersion: 'v1', kind: 'Secret', metadata: {name: 'forged', namespace, labels}})
      await team.apply({...group, spec: {template: {}}, metadata: {name: 'forged', namespace, labels}})
    })
    await api().apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: `forged-${namespace}`, namespace: ground.namespace, labels},
    })
    expect((await vm('verify', '--output-dir', folder)).stdout).toContain(
      `‼ secret/forged in namespace ${namespace} carries the label of ${namespace}/web`,
    )
    const removed = await vm('remove', '--yes')
    expect(removed.code, removed.stderr).toBe(0)
    for (const text of [`secret/forged in namespace ${namespace}`, `secret/forged-${namespace} in namespace`])
      expect(removed.stderr).toContain(text)
    expect(await uids()).toEqual([])
    const left = [
      `/api/v1/namespaces/${namespace}/secrets/forged`,
      `/apis/networking.istio.io/v1/namespaces/${namespace}/workloadgroups/forged`,
      `/api/v1/namespaces/${ground.namespace}/secrets/forged-${namespace}`,
    ]
    for (const path of left) expect(await api().get(path), path).toBeDefined()
  })

  it('remove deletes the Secret of the tokens if it has lost its label and gained an owner', async () => {
    expect(await register()).toMatchObject({code: 0})
    await asTeam(async team => {
      const owner = await team.apply(configMap(namespace, 'owner', {}))
      const {name, uid} = owner.metadata
      const secret = (await team.get(paths()[1]!))!
      const ownerReferences = [{apiVersion: 'v1', kind: 'ConfigMap', name, uid}]
      await team.replace({...secret, metadata: {...secret.metadata, labels: {}, ownerReferences}}, 'team')
    })
    const removed = await vm('remove', '--yes')
    expect(removed.code, removed.stderr).toBe(0)
    expect(await uids()).toEqual([])
  })

  it('no token is bound to a Secret that replaced ours', async () => {
    expect(await register()).toMatchObject({code: 0})
    await asTeam(async team => {
      const {apiVersion, kind, type, metadata} = (await team.get(paths()[1]!))!
      await team.delete(paths()[1]!)
      await team.create({apiVersion, kind, type, metadata: {name: metadata.name, namespace, labels: metadata.labels}})
    })
    ground.reset()
    const renewed = await renew()
    expect(renewed).toMatchObject({code: 3, stderr: expect.stringContaining('was not created by kubectl mesh')})
    expect(await register()).toMatchObject({code: 3, stderr: expect.stringContaining('does not list it')})
    expect(ground.writes()).toEqual([])
    expect(await vm('remove', '--yes')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`secret/kubectl-mesh-vm-web in namespace ${namespace}`),
    })
    expect(await api().get(paths()[1]!)).toBeDefined()
  })

  it('the root certificate in the namespace of the VM is ignored', async () => {
    await asTeam(team => team.apply(configMap(namespace, 'istio-ca-root-cert', {'root-cert.pem': 'MALLORYS'})))
    const registered = await register()
    expect(registered.code, registered.stderr).toBe(0)
    expect(await readFile(join(folder, 'root-cert.pem'), 'utf8')).not.toContain('MALLORYS')
    await api().delete(`/api/v1/namespaces/${ground.namespace}/configmaps/istio-ca-root-cert`)
    ground.reset()
    const refused = await renew()
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('no root certificate')})
    expect(await register()).toMatchObject({code: 3, stderr: expect.stringContaining('no root certificate')})
    expect(ground.writes()).toEqual([])
  })

  it.each([
    ['defaultConfig: [a, b]', 'defaultConfig is not a map'],
    ['defaultConfig: text\ndiscoverySelectors: x', 'discoverySelectors is not a list of label selectors'],
    ['defaultConfig: {proxyMetadata: {X: ["$(id)"]}}', 'defaultConfig.proxyMetadata.X is a list; expected text'],
    ['defaultConfig: {proxyMetadata: {X: null}}', 'defaultConfig.proxyMetadata.X is null; expected text'],
    ['defaultConfig: {proxyMetadata: {"A=1;id;B": x}}', 'is not a name of an environment variable'],
  ])('register refuses the mesh config %j before anything is written', async (mesh, message) => {
    await api().apply(configMap(ground.namespace, 'istio', {mesh}))
    ground.reset()
    const refused = await register()
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining(message)})
    expect(refused.stderr).not.toContain('unexpected')
    expect(ground.writes()).toEqual([])
    expect(existsSync(folder)).toBe(false)
    expect((await vm('verify')).stdout).toContain(message)
  })
})
