import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** What people write: comments, odd indentation, flow style, an empty list, a locality setting that differs from the default. */
const handwritten = `# by the platform team
accessLogFile:   /dev/stdout   # to Loki

extensionProviders: [ ]   # see the wiki
defaultConfig:
      proxyMetadata: {A: "b" ,  C: 'd'}
localityLbSetting:   {enabled: false}     # off since March
# end`

describe.skipIf(!servers)('the mesh config is restored byte for byte on a real API server', () => {
  let ground: Ground
  beforeEach(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1)})
    const {api} = ground.clusters[0]!
    const namespace = `${ground.namespace}-app`
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await api.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'ext', namespace},
      spec: {ports: [{name: 'grpc', port: 9000}], selector: {app: 'ext'}},
    })
  })
  afterEach(() => ground?.close())

  const mapPath = () => `/api/v1/namespaces/${ground.namespace}/configmaps/istio`
  const mesh = async () => (await ground.clusters[0]!.api.get<AnyObject & {data: {mesh: string}}>(mapPath()))!.data.mesh
  const setMesh = (text: string) =>
    ground.clusters[0]!.api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'istio', namespace: ground.namespace},
      data: {mesh: text},
    })
  const run = async (...args: string[]) => {
    const result = await ground.mesh([...args, '--system-namespace', ground.namespace, '--yes'])
    expect(result.code, result.stderr).toBe(0)
    return result
  }
  /** Its own name: the policies of other test files on these servers use providers too, and would block the removal. */
  const authorizer = () => `ext-${ground.namespace}`
  const attach = (...args: string[]) =>
    run(
      ...['authz', 'attach', authorizer(), '--service', 'ext:9000', '-n', `${ground.namespace}-app`, '-l', 'app=web'],
      ...args,
    )

  it.each(['mesh', 'handwritten'])('authz attach and detach, also after a second attach (%s)', async which => {
    if (which === 'handwritten') await setMesh(handwritten)
    const before = await mesh()
    await attach()
    expect(await mesh()).not.toBe(before)
    await attach('--timeout', '3s')
    expect(await mesh()).toContain('3s')
    await run('authz', 'detach', authorizer())
    expect(await mesh()).toBe(before)
  })

  it('what others change in between stays', async () => {
    await setMesh(handwritten)
    await attach()
    await setMesh(`# new\n${await mesh()}`)
    await run('authz', 'detach', authorizer())
    expect(await mesh()).toBe(`# new\n${handwritten}`)
  })

  it('locality balance --mesh-wide on and off, and undo', async () => {
    const balance = (...args: string[]) => run('locality', 'balance', ...args)
    await setMesh(handwritten)
    await balance('--mesh-wide', 'on')
    expect(await mesh()).toContain('{enabled: true}     # off since March')
    await balance('--mesh-wide', 'undo')
    expect(await mesh()).toBe(handwritten)
    await balance('--mesh-wide', 'on', '--failover-priority', 'topology.kubernetes.io/region')
    await balance('--mesh-wide', 'off')
    await balance('--mesh-wide', 'on')
    const undo = ['locality', 'balance', '--mesh-wide', 'undo', '--system-namespace', ground.namespace]
    const shown = await ground.mesh([...undo, '--dry-run=server'])
    expect(shown.stdout).toContain('+    localityLbSetting:   {enabled: false}     # off since March')
    await balance('--mesh-wide', 'undo')
    expect(await mesh()).toBe(handwritten)
    // The setting of the user is none of this command.
    const again = await ground.mesh([...undo, '--yes'])
    expect(again.code).toBe(3)
    expect(again.stderr).toMatch(/^error: \S+: no earlier --mesh-wide on or off is recorded for ConfigMap/m)
    // Without any setting, there is nothing to undo.
    await setMesh('a: 1\n')
    const none = await ground.mesh([...undo, '--yes'])
    expect(none.code, none.stderr).toBe(0)
    expect(none.stderr).toMatch(/^\S+: nothing to undo: the mesh config has no localityLbSetting/m)
    await setMesh(handwritten)
    // Another value than that of this command stays.
    await balance('--mesh-wide', 'on')
    await setMesh(handwritten.replace('{enabled: false}', '{enabled: true, failoverPriority: [a]}'))
    const refused = await ground.mesh([...undo, '--yes'])
    expect(refused.code).toBe(3)
    expect(refused.stderr).toMatch(/^error: \S+: localityLbSetting in ConfigMap \S+\/istio was changed after/m)
  })
})
