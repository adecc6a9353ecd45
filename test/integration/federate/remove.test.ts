import {load} from 'js-yaml'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, isWrite, openGround} from '../../support/ground/ground.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import {memberLists} from '../../support/ground/members.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

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

  /** Joins all clusters. Returns the objects before and the token that each cluster holds for each other, by `east>west`. */
  async function join(contexts: string[], args: string[] = []) {
    ground = await openGround(three, {contexts})
    const before = await state()
    const joined = await ground.federate(['--yes', ...args])
    expect(joined.code, joined.stderr).toBe(0)
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

  async function isAccepted(cluster: string, token: string): Promise<boolean> {
    const review = {apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {name: ''}, spec: {token}}
    const {status} = await ground.cluster(cluster).api.create(review)
    return (status as {authenticated?: boolean}).authenticated === true
  }

  it('two of three clusters change to gateways mode: only the third cluster still has access to them', async () => {
    ground = await openGround(three, {contexts: ['east', 'west', 'south']})
    expect(await ground.federate(['--yes', '--credentials', 'bundled'])).toMatchObject({code: 0})
    const two = ['--contexts', 'east,west', '--system-namespace', ground.namespace, '--mode', 'gateways']
    const switched = await ground.mesh(['federate', ...two, '--yes'])
    expect(switched.code, switched.stderr).toBe(0)
    for (const cluster of ['east', 'west']) {
      const here = `/api/v1/namespaces/${ground.namespace}`
      const {api} = ground.cluster(cluster)
      expect(await api.get(`${here}/serviceaccounts/istio-reader-service-account`)).toBeDefined()
      expect(await api.get(`${here}/secrets/istio-reader-service-account-istio-remote-secret-token`)).toBeDefined()
    }
    const unchanged = await ground.mesh(['federate', ...two, '--dry-run=server', '--exit-code'])
    expect(unchanged.code, unchanged.stdout).toBe(0)
  })

  it('a subset joins again: the other links stay, and the pair that is not linked is reported with the command', async () => {
    await join(['east', 'west'])
    const {namespace} = ground
    await ground.close()
    ground = await openGround(three, {contexts: ['east', 'south'], namespace})
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east .* joined\nsouth .* partly linked: not with west$/m)
    expect(stderr).toMatch(/^warning: 1 pair of clusters in the mesh is not linked: south and west$/m)
    expect(stderr).toMatch(
      /^hint: {4}to link all clusters: kubectl mesh federate --contexts east,south,CONTEXT-OF-west /m,
    )
    const secrets = `/api/v1/namespaces/${namespace}/secrets`
    const {api} = ground.cluster('east')
    for (const name of ['istio-remote-secret-west', 'istio-remote-token-west'])
      expect(await api.get(`${secrets}/${name}`)).toBeDefined()
    await ground.close()
    ground = await openGround(three, {contexts: ['east', 'west', 'south'], namespace})
    const linked = await ground.federate(['--yes'])
    expect(linked.code, linked.stderr).toBe(0)
    expect(linked.stdout.match(/ joined$/gm)).toHaveLength(3)
    expect(linked.stderr).not.toContain('not linked')
  })

  it('one of three clusters leaves: first the others unregister it, its tokens are revoked, and everything that was created there is removed', async () => {
    const {before, tokens} = await join(['east', 'west', 'south'])
    const joined = await read()
    const shown = await remove(['--contexts', 'south', '--from', 'east,west', '--dry-run=server'])
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout).toMatch(/^# east: 1 to change, 2 to remove$/m)
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
    expect(stdout).toMatch(/^east +3 +stays\nwest +3 +stays\nsouth +\d+ +left$/m)
    // No cluster sends traffic to a gateway that was removed.
    const gateway = order.findIndex(line => line.startsWith('south') && !line.includes('istio-remote-secret'))
    for (const one of ['east', 'west']) {
      expect(order.indexOf(`${one} DELETE istio-remote-secret-south`)).toBeGreaterThanOrEqual(0)
      expect(order.indexOf(`${one} DELETE istio-remote-secret-south`)).toBeLessThan(gateway)
    }

    const after = await state()
    expect(after[2]).toEqual(before[2])
    const rest = (objects: Record<string, AnyObject>) =>
      Object.fromEntries(
        Object.entries(objects).filter(
          ([path]) =>
            !/istio-remote-(secret|token)-south$|kubectl-mesh-federation$|istio-reader-service-account$/.test(path),
        ),
      )
    expect((await read()).slice(0, 2).map(rest)).toEqual(joined.slice(0, 2).map(rest))
    for (const {api} of ground.clusters.slice(0, 2)) {
      expect(await api.get(`/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-south`)).toBeUndefined()
      const {listed, live} = await memberLists(api, ground.namespace, 'kubectl-mesh-federation')
      expect(listed).toEqual(live)
      // A new join uses other names, because the account stays.
      const account = `/api/v1/namespaces/${ground.namespace}/serviceaccounts/istio-reader-service-account`
      expect(await api.get(account)).toMatchObject({metadata: {annotations: {'kubectl-mesh.io/last-token': '1'}}})
    }
    for (const [pair, token] of Object.entries(tokens)) {
      const target = pair.split('>')[1]!
      await expect.poll(() => isAccepted(target, token), {timeout: 30_000, message: pair}).toBe(!pair.includes('south'))
    }
    // The other two are joined as before.
    const two = ['federate', '--contexts', 'east,west', ...ground.flags.slice(0, 6), '--dry-run=server', '--exit-code']
    const still = await ground.mesh(two)
    expect(still.code, still.stdout + still.stderr).toBe(0)
    // A second run finds nothing, and changes nothing.
    ground.reset()
    const second = await remove(['--contexts', 'south', '--from', 'east,west', '--yes'])
    expect(second).toMatchObject({code: 3, stderr: expect.stringContaining('south: no federation found; searched')})
    expect(ground.writes()).toEqual([])
  })

  it('a cluster that is not reachable: refused; with --unreachable-ok the others unregister it', async () => {
    const {tokens} = await join(['east', 'south'])
    ground.cluster('south').proxy.decide = () => 'reset'
    const args = ['--contexts', 'south', '--from', 'east', '--yes']
    const refused = await remove(args)
    expect(refused).toMatchObject({code: 3, stdout: ''})
    expect(refused.stderr).toMatch(/^error: south: .*\nhint: {2}--unreachable-ok continues without it$/m)
    expect(ground.writes()).toEqual([])
    const {code, stdout, stderr} = await remove([...args, '--unreachable-ok'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +3 +stays\nsouth +- +not reached: its objects stay$/m)
    await expect.poll(() => isAccepted('east', tokens['south>east']!), {timeout: 30_000}).toBe(false)
    // When it is reachable again.
    ground.reset()
    const back = await remove(args)
    expect(back.code, back.stderr).toBe(0)
    expect(pathsOf((await read())[1]!).filter(name => /remote|eastwest|federation/.test(name))).toEqual([])
  })

  it('both clusters leave: everything is as before, except cacerts', async () => {
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

  it('a value that another field manager changed is not removed', async () => {
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
    expect(stderr).toMatch(
      /^error: south: namespace\/\S+: other managers own values that would change: label topology\.istio\.io\/network is theirs \(test\)$/m,
    )
    expect(ground.writes()).toEqual([])
  })

  it.each([
    ['with another label', {team: 'mesh'}, false],
    ['with the network label, as in the output of a dry run', undefined, true],
  ])('a bare namespace that a GitOps tool applies again %s', async (_about, labels, isKept) => {
    // The ground applies the namespace without a label, for which the server records no managers.
    ground = await openGround(servers!)
    const {api} = ground.cluster('west')
    const network = `west.${ground.namespace}`
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    const metadata = {name: ground.namespace, labels: labels ?? {'topology.istio.io/network': network}}
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata}, undefined, 'argocd-controller')
    ground.reset()
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
    const removed = await remove(['--contexts', 'west', '--from', 'east', '--yes'])
    expect(removed.code, removed.stderr).toBe(0)
    const live = await api.get<AnyObject & {metadata: {labels: object}}>(`/api/v1/namespaces/${ground.namespace}`)
    expect('topology.istio.io/network' in live!.metadata.labels).toBe(isKept)
    const kept = 'topology.istio.io/network of namespace'
    if (isKept) expect(removed.stderr).toContain(`stays, because argocd-controller sets it too`)
    else expect(removed.stderr).not.toContain(kept)
  })

  it('killed after each write in turn: the next run continues, to the same result', async () => {
    const {before} = await join(['east', 'south'])
    let kills = 0
    for (;;) {
      const args = ['--contexts', 'south,east', '--yes']
      const {code, stderr} = await remove(args, killedAfter(ground, 1))
      if (code === 0) break
      expect(code, stderr).toBe(-1)
      expect(++kills).toBeLessThan(40)
    }
    expect(kills).toBeGreaterThan(5)
    expect(await state()).toEqual(before)
  })

  it.each([
    [[], /^error: --contexts is missing: which clusters leave\?$/m],
    [['--contexts', 'east', '--from', 'east'], /^error: east cannot both leave/m],
    [['--contexts', 'nowhere', '--yes'], /nowhere/],
  ])('%j is refused without a request', async (args, error) => {
    ground = await openGround(servers!, {controlPlane: () => false})
    expect(await remove(args)).toMatchObject({code: 2, stdout: '', stderr: expect.stringMatching(error)})
    expect(ground.clusters.flatMap(({proxy}) => proxy.requests)).toEqual([])
  })
})
