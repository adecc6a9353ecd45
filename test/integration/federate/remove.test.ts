import type {ChildProcess} from 'node:child_process'
import {load} from 'js-yaml'
import {afterAll, afterEach, beforeAll, describe, expect, inject, it} from 'vitest'
import type {AnyObject} from '../../support/servers/api.ts'
import {comparable, type Ground, isWrite, openGround, readAll} from '../../support/ground.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'

const servers = inject('servers')

describe.skipIf(!servers)('federate remove', () => {
  let three: RunningServers
  let ground: Ground
  beforeAll(async () => {
    three = await startServers(['east', 'west', 'south'])
  })
  afterAll(() => three?.stop())
  afterEach(() => ground?.close())

  const remove = (args: string[], options?: Parameters<Ground['mesh']>[1]) =>
    ground.mesh(['federate', 'remove', '--system-namespace', ground.namespace, ...args], options)
  const read = () => Promise.all(ground.clusters.map(({api}) => readAll(api, ground.namespace)))
  const state = async () => (await read()).map(objects => comparable(objects, ground.namespace))
  const pathsOf = (objects: Record<string, AnyObject>) => Object.keys(objects).map(path => path.replace(/.*[/ ]/, ''))

  /** Joins all clusters. What was there before, and what each holds for each, `east>west`. */
  async function join(contexts: string[], args: string[] = []) {
    ground = await openGround(three, {contexts})
    const before = await state()
    const said = await ground.federate(['--yes', ...args])
    expect(said.code, said.stderr).toBe(0)
    const tokens: Record<string, string> = {}
    for (const {cluster, api} of ground.clusters)
      for (const target of contexts.filter(context => context !== cluster)) {
        const path = `/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-${target}`
        const secret = await api.get<{data: Record<string, string>}>(path)
        const kubeconfig = load(Buffer.from(secret!.data[target]!, 'base64').toString()) as {
          users: {user: {token: string}}[]
        }
        tokens[`${cluster}>${target}`] = kubeconfig.users[0]!.user.token
      }
    ground.reset()
    return {before, tokens}
  }

  async function isGood(cluster: string, token: string): Promise<boolean> {
    const review = {apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {name: ''}, spec: {token}}
    const {status} = await ground.cluster(cluster).api.create(review)
    return (status as {authenticated?: boolean}).authenticated === true
  }

  it('two of three go over to gateways mode: the third can still read them, and only it', async () => {
    ground = await openGround(three, {contexts: ['east', 'west', 'south']})
    expect(await ground.federate(['--yes', '--credentials', 'bundled'])).toMatchObject({code: 0})
    const two = ['--contexts', 'east,west', '--system-namespace', ground.namespace, '--mode', 'gateways']
    const said = await ground.mesh(['federate', ...two, '--yes'])
    expect(said.code, said.stderr).toBe(0)
    for (const cluster of ['east', 'west']) {
      const here = `/api/v1/namespaces/${ground.namespace}`
      const {api} = ground.cluster(cluster)
      expect(await api.get(`${here}/serviceaccounts/istio-reader-service-account`)).toBeDefined()
      expect(await api.get(`${here}/secrets/istio-reader-service-account-istio-remote-secret-token`)).toBeDefined()
    }
    const again = await ground.mesh(['federate', ...two, '--dry-run=server', '--exit-code'])
    expect(again.code, again.stdout).toBe(0)
  })

  it('one of three leaves: the others forget it first, its tokens are revoked, and what was made there is gone', async () => {
    const {before, tokens} = await join(['east', 'west', 'south'])
    const joined = await read()
    const shown = await remove(['--contexts', 'south', '--from', 'east,west', '--dry-run=server'])
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout).toMatch(/^# east: 2 to remove$/m)
    expect(await read()).toEqual(joined)
    expect(ground.writes()).toEqual([])
    expect(await remove(['--contexts', 'south', '--from', 'east,west'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    })

    const order: string[] = []
    for (const {cluster, proxy} of ground.clusters)
      proxy.decide = request => {
        if (isWrite(request)) order.push(`${cluster} ${request.method} ${request.url.replace(/.*\/|\?.*/g, '')}`)
        return 'pass'
      }
    const {code, stdout, stderr} = await remove(['--contexts', 'south', '--from', 'east,west', '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +2 +stays\nwest +2 +stays\nsouth +\d+ +left$/m)
    // no cluster sends traffic to a gateway that is gone
    const gateway = order.findIndex(line => line.startsWith('south') && !line.includes('istio-remote-secret'))
    for (const one of ['east', 'west']) {
      expect(order.indexOf(`${one} DELETE istio-remote-secret-south`)).toBeGreaterThanOrEqual(0)
      expect(order.indexOf(`${one} DELETE istio-remote-secret-south`)).toBeLessThan(gateway)
    }

    const after = await state()
    expect(after[2]).toEqual(before[2])
    const rest = (objects: Record<string, AnyObject>) =>
      Object.fromEntries(Object.entries(objects).filter(([path]) => !/istio-remote-(secret|token)-south$/.test(path)))
    expect((await read()).slice(0, 2)).toEqual(joined.slice(0, 2).map(rest))
    for (const [pair, token] of Object.entries(tokens)) {
      const target = pair.split('>')[1]!
      await expect.poll(() => isGood(target, token), {timeout: 15_000, message: pair}).toBe(!pair.includes('south'))
    }
    // the two are joined as before
    const two = ['federate', '--contexts', 'east,west', ...ground.flags.slice(0, 6), '--dry-run=server', '--exit-code']
    const still = await ground.mesh(two)
    expect(still.code, still.stdout + still.stderr).toBe(0)
    // once more does nothing
    ground.reset()
    const again = await remove(['--contexts', 'south', '--from', 'east,west', '--yes'])
    expect(again.code, again.stderr).toBe(0)
    expect(ground.writes()).toEqual([])
  })

  it('a cluster that cannot be reached: refused, and with --unreachable-ok the others are rid of it', async () => {
    const {tokens} = await join(['east', 'south'])
    ground.cluster('south').proxy.decide = () => 'reset'
    const args = ['--contexts', 'south', '--from', 'east', '--yes']
    const refused = await remove(args)
    expect(refused).toMatchObject({code: 3, stdout: ''})
    expect(refused.stderr).toMatch(/^error: south: .*\nhint: {2}--unreachable-ok goes on without it$/m)
    expect(ground.writes()).toEqual([])
    const {code, stdout, stderr} = await remove([...args, '--unreachable-ok'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +2 +stays\nsouth +– +not reached: what was made there stays$/m)
    await expect.poll(() => isGood('east', tokens['south>east']!), {timeout: 15_000}).toBe(false)
    // when it comes back
    ground.reset()
    const back = await remove(args)
    expect(back.code, back.stderr).toBe(0)
    expect(pathsOf((await read())[1]!).filter(name => /remote|eastwest|federation/.test(name))).toEqual([])
  })

  it('both leave: everything is as it was, but for cacerts', async () => {
    ground = await openGround(three, {contexts: ['east', 'south']})
    const before = await state()
    const ca = `${ground.folder}/ca`
    expect(await ground.mesh(['ca', 'init', '--dir', ca])).toMatchObject({code: 0})
    expect((await ground.federate(['--yes', '--ca-dir', ca])).code).toBe(0)
    const {code, stderr} = await remove(['--contexts', 'east,south', '--yes'])
    expect(code, stderr).toBe(0)
    const rest = (await read()).map(objects => {
      expect(pathsOf(objects)).toContain('cacerts')
      return Object.fromEntries(Object.entries(objects).filter(([path]) => !path.endsWith('/cacerts')))
    })
    expect(rest.map(objects => comparable(objects, ground.namespace))).toEqual(before)
  })

  it('what others changed meanwhile is not taken away', async () => {
    await join(['east', 'south'])
    const {api} = ground.cluster('south')
    await api.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {name: ground.namespace, labels: {'topology.istio.io/network': 'theirs'}},
    })
    ground.reset()
    const {code, stderr} = await remove(['--contexts', 'south', '--from', 'east', '--yes'])
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(/^error: south: namespace\/\S+: label topology\.istio\.io\/network is theirs \(test\)$/m)
    expect(ground.writes()).toEqual([])
  })

  it('killed after each write in turn: the next run goes on from there, to the same end', async () => {
    const {before} = await join(['east', 'south'])
    let kills = 0
    for (;;) {
      ground.reset()
      let child: ChildProcess | undefined
      let writes = 0
      for (const {proxy} of ground.clusters)
        proxy.decide = request => {
          if (!isWrite(request) || ++writes <= 1) return 'pass'
          child!.kill('SIGKILL')
          return 'hang'
        }
      const args = ['--contexts', 'south,east', '--yes']
      const {code, stderr} = await remove(args, {onStart: started => (child = started)})
      if (code === 0) break
      expect(code, stderr).toBe(-1)
      expect(++kills).toBeLessThan(40)
    }
    expect(kills).toBeGreaterThan(5)
    expect(await state()).toEqual(before)
  })

  it.each([
    [[], /^error: --contexts is missing: which clusters leave\?$/m],
    [['--contexts', 'east', '--from', 'east'], /^error: east can't both leave/m],
    [['--contexts', 'nowhere', '--yes'], /nowhere/],
  ])('%j is told, and nothing is sent', async (args, error) => {
    ground = await openGround(servers!, {controlPlane: () => false})
    expect(await remove(args)).toMatchObject({code: 2, stdout: '', stderr: expect.stringMatching(error)})
    expect(ground.clusters.flatMap(({proxy}) => proxy.requests)).toEqual([])
  })
})
