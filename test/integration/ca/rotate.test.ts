import {readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import {succeeded} from '../../support/ground/succeeded.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('mesh ca rotate', () => {
  let ground: Ground
  let ca: string
  afterEach(() => ground?.close())

  async function open(env: Record<string, string> = {ISTIO_MULTIROOT_MESH: 'true'}): Promise<void> {
    ground = await openGround(servers!, {controlPlane: () => ({env})})
    ca = join(ground.folder, 'mesh-ca')
    succeeded(await ground.mesh(['ca', 'init', '--dir', ca]))
    succeeded(await ground.federate(['--yes', '--ca-dir', ca]))
    ground.reset()
  }

  const scope = () => ['--dir', ca, '--contexts', 'east,west', '--system-namespace', ground.namespace]
  const rotate = (args: string[], options = {}) =>
    ground.mesh(['ca', 'rotate', ...scope(), '--vms-renewed', '--yes', ...args], options)
  const path = () => `/api/v1/namespaces/${ground.namespace}/secrets/cacerts`
  const cacerts = async (cluster: string) => {
    const {data} = (await ground.cluster(cluster).api.get<{data: Record<string, string>}>(path()))!
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    )
  }
  const both = () => Promise.all(['east', 'west'].map(cacerts))
  const roots = async () => (await both()).map(data => data['root-cert.pem'])
  const cas = async () => (await both()).map(data => data['ca-cert.pem'])
  const written = () => ground.writes().map(({method, url}) => [method, url.split('?')[0]])

  it('three stages, one for each run; the CA folder has the new root at the end', async () => {
    await open()
    const [root, before] = [await readFile(join(ca, 'root-cert.pem'), 'utf8'), await both()]
    const unasked = await rotate([])
    expect(unasked.code).toBe(3)
    expect(unasked.stderr).toMatch(/^error: no change of the root is in progress; --stage trust begins one$/m)
    const shown = await rotate(['--stage', 'trust', '--dry-run=server', '--exit-code'])
    expect(shown.code, shown.stderr).toBe(1)
    expect(shown.stdout).toMatch(/^east +none +trust +0 +trust both roots, with the CA below the old one$/m)
    expect(await readdir(ca)).not.toContain('.next')
    expect(ground.writes()).toEqual([])

    const began = succeeded(await rotate(['--stage', 'trust']))
    expect(began.stdout).toMatch(/^east: stage trust complete, 0 proxies$/m)
    expect(began.stdout + began.stderr).not.toContain('PRIVATE')
    expect(began.stderr).toMatch(/^CLUSTER +STAGE +NEXT +PROXIES +CHANGE\neast +none +trust /m)
    expect((await stat(join(ca, '.next', 'root-key.pem'))).mode & 0o777).toBe(0o600)
    const next = await readFile(join(ca, '.next', 'root-cert.pem'), 'utf8')
    expect(await roots()).toEqual([root + next, root + next])
    expect(await cas()).toEqual(before.map(data => data['ca-cert.pem']))
    const status = await ground.mesh(['ca', 'status', ...scope()])
    expect(status.stdout).toMatch(/^east +cluster .* trust +/m)
    expect(status.stdout).toContain('west: stage trust of the change of the root is complete: 0 proxies')
    const renewal = await ground.mesh(['ca', 'renew', ...scope(), '--expires-within', '9999h', '--yes'])
    expect(renewal.code).toBe(3)
    expect(renewal.stderr).toContain('a change of the root is in progress')

    const early = await rotate(['--stage', 'finish'])
    expect(early.code).toBe(3)
    expect(early.stderr).toMatch(/^error: the stage finish follows the stage issue, which is not complete$/m)
    succeeded(await rotate([]))
    expect(await roots()).toEqual([`${root}${next}\n`, `${root}${next}\n`])
    for (const [at, cluster] of ['east', 'west'].entries())
      expect((await cas())[at]).toBe(await readFile(join(ca, '.next', cluster, 'ca-cert.pem'), 'utf8'))
    // A stage that is complete needs no write.
    ground.reset()
    succeeded(await rotate(['--stage', 'issue']))
    expect(written()).toEqual([])

    const finished = succeeded(await rotate([]))
    expect(finished.stderr).toMatch(/^the root of the mesh is (\w\w:){31}\w\w$/m)
    expect(await roots()).toEqual([next, next])
    const names = await readdir(ca)
    const former = names.find(name => name.startsWith('.former-'))!
    expect(names.sort()).toEqual([former, 'east', 'root-cert.pem', 'root-key.pem', 'west'])
    expect(await readFile(join(ca, 'root-cert.pem'), 'utf8')).toBe(next)
    expect(await readFile(join(ca, former, 'root-cert.pem'), 'utf8')).toBe(root)
    ground.reset()
    expect(succeeded(await rotate(['--stage', 'finish'])).stderr).toContain('no change of the root is in progress')
    expect(written()).toEqual([])
    // The mesh is as before, with another root.
    const after = await ground.mesh(['ca', 'status', ...scope()])
    expect(after.stdout).toContain('✔ all CAs share one root')
    expect(after.stdout).not.toContain('STAGE')
  })

  it('trust and issue are taken back, one for each run', async () => {
    await open()
    const before = await both()
    succeeded(await rotate(['--stage', 'trust']))
    const trusted = await both()
    succeeded(await rotate([]))
    expect(succeeded(await rotate(['--revert'])).stdout).toMatch(/^west: stage trust complete, 0 proxies$/m)
    expect(await both()).toEqual(trusted)
    succeeded(await rotate(['--revert']))
    expect(await both()).toEqual(before)
    expect(succeeded(await rotate(['--revert'])).stderr).toContain('no change of the root is in progress')
    // The same new root is used again.
    const next = await readFile(join(ca, '.next', 'root-cert.pem'), 'utf8')
    succeeded(await rotate(['--stage', 'trust']))
    expect((await roots())[0]).toContain(next)
  })

  it('killed with SIGKILL after each write in turn: the next run continues', async () => {
    await open()
    let kills = 0
    for (const stage of ['trust', 'issue', 'finish'])
      for (;;) {
        const {code, stderr} = await rotate(['--stage', stage], killedAfter(ground, 1))
        ground.reset()
        // At every point, the clusters trust each other.
        const status = await ground.mesh([
          'ca',
          'status',
          '--contexts',
          'east,west',
          '--system-namespace',
          ground.namespace,
        ])
        expect(status.stdout, status.stderr).toContain('✔ all CAs share one root')
        if (code === 0) break
        expect(code, stderr).toBe(-1)
        expect(++kills).toBeLessThan(10)
      }
    expect(kills).toBe(3)
    expect((await readdir(ca)).filter(name => name.startsWith('.'))).toHaveLength(1)
  })

  it('everything that would break is reported before the first write', async () => {
    await open({PILOT_ENABLE_AMBIENT: 'true'})
    const {api} = ground.cluster('west')
    const name = (text: string) => `${ground.namespace}-${text}`
    await api.create({
      ...{apiVersion: 'v1', kind: 'Namespace'},
      metadata: {name: name('ambient'), labels: {'istio.io/dataplane-mode': 'ambient'}},
    })
    const env = [{name: 'CA_ADDR', value: `istiod.${ground.namespace}.svc:15012`}]
    const metadata = {name: 'web', namespace: ground.namespace}
    await api.create({
      ...{apiVersion: 'v1', kind: 'Pod', metadata},
      spec: {containers: [{name: 'istio-proxy', image: 'registry.test/proxyv2:1.31.0', env}]},
    })
    await api.apply({apiVersion: 'v1', kind: 'Pod', metadata, status: {phase: 'Running'}}, 'status')
    const {code, stderr} = await rotate(['--stage', 'trust'])
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(/^error: east: ISTIO_MULTIROOT_MESH is not set in Deployment istiod/m)
    expect(stderr).toMatch(new RegExp(`^error: west: ztunnel trusts only one root, and serves ${name('ambient')}`, 'm'))
    expect(stderr).toMatch(/^error: west: 1 of 1 proxies do not follow a change of the roots: \S+\/web$/m)
    expect(ground.writes()).toEqual([])
    expect(await readdir(ca)).not.toContain('.next')
  })

  it('a VM that may trust only the old root keeps the stage issue from beginning', async () => {
    await open()
    await ground.cluster('west').api.create({
      ...{apiVersion: 'networking.istio.io/v1', kind: 'WorkloadGroup'},
      metadata: {name: 'shop', namespace: ground.namespace},
      spec: {template: {serviceAccount: 'shop'}},
    })
    const unconfirmed = (...args: string[]) => ground.mesh(['ca', 'rotate', ...scope(), '--yes', ...args])
    succeeded(await unconfirmed('--stage', 'trust'))
    const trusted = await both()
    ground.reset()
    const {code, stderr} = await unconfirmed('--stage', 'issue')
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(
      new RegExp(`^error: west: VMs may trust only the old root: .*${ground.namespace}/shop$`, 'm'),
    )
    expect(stderr).toContain(`kubectl mesh vm renew shop -n ${ground.namespace}`)
    expect(written()).toEqual([])
    expect(await both()).toEqual(trusted)
    succeeded(await rotate(['--stage', 'issue']))
  })

  it('a proxy that cannot be asked keeps the stage from being complete', async () => {
    await open()
    succeeded(await rotate(['--stage', 'trust']))
    const {api} = ground.cluster('east')
    const metadata = {name: 'web', namespace: ground.namespace}
    const env = [
      {name: 'CA_ADDR', value: `istiod.${ground.namespace}.svc:15012`},
      {name: 'PROXY_CONFIG_XDS_AGENT', value: 'true'},
    ]
    await api.create({
      ...{apiVersion: 'v1', kind: 'Pod', metadata},
      spec: {containers: [{name: 'istio-proxy', image: 'registry.test/proxyv2:1.31.0', env}]},
    })
    await api.apply({apiVersion: 'v1', kind: 'Pod', metadata, status: {phase: 'Running'}}, 'status')
    ground.reset()
    const {code, stderr} = await rotate(['--stage', 'issue', '--timeout', '3s'])
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(/^error: east: stage trust: after 3s, 1 of 1 proxies not ready: \S+\/web cannot be read: /m)
    expect(stderr).toMatch(/^hint: {2}.*pods\/portforward/m)
    expect(ground.writes()).toEqual([])
  })
})
