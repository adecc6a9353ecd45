import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
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
  const configMap = (where: string, name: string, data: object): AnyObject =>
    ({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name, namespace: where}, data}) as AnyObject
  const read = (where: string, name: string) =>
    api().get<AnyObject & {data: {spec: string}}>(`/api/v1/namespaces/${where}/configmaps/${name}`)
  const subjectOf = async () =>
    JSON.parse(
      Buffer.from((await readFile(join(folder, 'istio-token'), 'utf8')).split('.')[1]!, 'base64url').toString(),
    ).sub

  it.each([
    ['serviceAccount', 'default'],
    ['namespace', 'kube-system'],
    ['systemNamespace', 'elsewhere'],
    ['format', 'script'],
  ])('renew rejects a copy of the registration with another %s, and requests no token', async (field, value) => {
    expect(await register()).toMatchObject({code: 0})
    const before = await readFile(join(folder, 'istio-token'), 'utf8')
    const copy = JSON.parse((await read(namespace, 'kubectl-mesh-vm-web'))!.data.spec)
    const spec = JSON.stringify({...copy, [field]: value})
    await api().apply(configMap(namespace, 'kubectl-mesh-vm-web', {spec}))
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
    // Registering again writes the copy again.
    const again = await register('--force-conflicts')
    expect(again.code, again.stderr).toBe(0)
    expect(await renew()).toMatchObject({code: 0})
    expect(await subjectOf()).toBe(`system:serviceaccount:${namespace}:web`)
  })

  it('renew refuses a set-up of version 0.1.0; register migrates it; remove deletes both records', async () => {
    expect(await register()).toMatchObject({code: 0})
    const name = `kubectl-mesh-vm-${namespace}-web`
    await api().delete(`/api/v1/namespaces/${ground.namespace}/configmaps/${name}`)
    ground.reset()
    expect(await renew()).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('was not registered by kubectl mesh'),
    })
    expect(await renew('--service-account', 'web')).toMatchObject({code: 3})
    expect(ground.writes()).toEqual([])
    expect((await vm('verify', '--output-dir', folder)).stdout).toContain('is not trusted')
    expect(await register()).toMatchObject({code: 0})
    expect(await read(ground.namespace, name)).toBeDefined()
    expect(await renew()).toMatchObject({code: 0})
    expect(await vm('remove', '--yes')).toMatchObject({code: 0})
    expect(await read(ground.namespace, name)).toBeUndefined()
    expect(await read(namespace, 'kubectl-mesh-vm-web')).toBeUndefined()
  })

  it('the root certificate in the namespace of the VM is ignored', async () => {
    await api().apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await api().apply(configMap(namespace, 'istio-ca-root-cert', {'root-cert.pem': 'MALLORYS'}))
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
    ['defaultConfig: [a, b]', 'defaultConfig is a list; expected a map'],
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
  })
})
