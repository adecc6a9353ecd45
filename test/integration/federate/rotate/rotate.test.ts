import {load} from 'js-yaml'
import {afterEach, describe, expect, it} from 'vitest'
import {type Ground, isWrite, openGround} from '../../../support/ground/ground.ts'
import {interruptedAt, interruption} from '../../../support/ground/interrupted.ts'
import {killedAfter} from '../../../support/ground/killed.ts'
import {memberLists} from '../../../support/ground/members.ts'
import {succeeded} from '../../../support/ground/succeeded.ts'
import type {AnyObject} from '../../../support/servers/api.ts'
import {sharedServers} from '../../../support/servers/shared.ts'

const servers = sharedServers()

interface Secret extends AnyObject {
  data?: Record<string, string>
  type: string
}

describe.skipIf(!servers)('mesh federate rotate', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  const secretsOf = async (cluster: string) => {
    const list = await ground
      .cluster(cluster)
      .api.get<{items: Secret[]}>(`/api/v1/namespaces/${ground.namespace}/secrets`)
    return list!.items
  }
  /** Names of the Secrets behind tokens. */
  const tokensOf = async (cluster: string) =>
    (await secretsOf(cluster))
      .map(({metadata}) => metadata.name)
      .filter(name => /token/.test(name))
      .sort()
  const kubeconfigOf = async (holder: string, target: string, name = `istio-remote-secret-${target}`) => {
    const secret = (await secretsOf(holder)).find(({metadata}) => metadata.name === name)!
    return Buffer.from(secret.data![target]!, 'base64').toString()
  }
  const tokenIn = (kubeconfig: string) => (load(kubeconfig) as {users: {user: {token: string}}[]}).users[0]!.user.token
  const isAccepted = async (cluster: string, token: string) => {
    const review = {apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {name: ''}, spec: {token}}
    const {status} = await ground.cluster(cluster).api.create(review)
    return (status as {authenticated?: boolean}).authenticated === true
  }
  const rotate = (args: string[] = ['--yes'], options = {}) =>
    ground.mesh(
      ['federate', 'rotate', '--contexts', 'east,west', '--system-namespace', ground.namespace, ...args],
      options,
    )
  const isUnchanged = async () => {
    const {code, stdout, stderr} = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(code, stdout + stderr).toBe(0)
  }

  it('replaces only the token of each credential, and revokes the old one', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes']))
    const before = await kubeconfigOf('east', 'west')
    const steps = succeeded(await rotate(['--dry-run=server']))
    expect(steps.stdout).toMatch(/^east → west\n {2}1\. .*\n.*create Secret \S+\/istio-remote-token2-east and a token/m)
    expect(await kubeconfigOf('east', 'west')).toBe(before)

    succeeded(await rotate())
    const after = await kubeconfigOf('east', 'west')
    expect(after).not.toBe(before)
    expect(after.replace(tokenIn(after), tokenIn(before))).toBe(before)
    expect(await isAccepted('west', tokenIn(after))).toBe(true)
    expect(await isAccepted('west', tokenIn(before))).toBe(false)
    for (const [cluster, peer] of [
      ['east', 'west'],
      ['west', 'east'],
    ] as const)
      expect(await tokensOf(cluster)).toEqual([`istio-remote-token2-${peer}`])
    await isUnchanged()

    succeeded(await rotate(['--yes', '--cluster', 'west']))
    expect(await tokensOf('west')).toEqual(['istio-remote-token3-east'])
    expect(await tokensOf('east')).toEqual(['istio-remote-token2-west'])
    // A Secret with the name of a deleted one would have its token again.
    for (const revoked of [before, after]) expect(await isAccepted('west', tokenIn(revoked))).toBe(false)
    await isUnchanged()
    for (const {api} of ground.clusters) {
      const {listed, live} = await memberLists(api, ground.namespace, 'kubectl-mesh-federation')
      expect(listed).toEqual(live)
    }
  })

  it('a token that was revoked stays revoked while its account stays: after a new join, and after a deletion by hand', async () => {
    ground = await openGround(servers!)
    for (const {api} of ground.clusters)
      await api.apply({
        ...{apiVersion: 'v1', kind: 'ServiceAccount'},
        metadata: {name: 'istio-reader-service-account', namespace: ground.namespace},
      })
    const revoked: string[] = []
    const joined = async () => {
      succeeded(await ground.federate(['--yes']))
      const token = tokenIn(await kubeconfigOf('east', 'west'))
      expect(await isAccepted('west', token)).toBe(true)
      // An API server caches the review of a token for 10 seconds.
      for (const former of revoked) await expect.poll(() => isAccepted('west', former), {timeout: 30_000}).toBe(false)
      await isUnchanged()
      revoked.push(token)
    }
    await joined()
    const scope = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    succeeded(await ground.mesh(['federate', 'remove', ...scope, '--yes']))
    await joined()
    expect(await tokensOf('west')).toEqual(['istio-remote-token2-east'])

    await ground.cluster('west').api.delete(`/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-token2-east`)
    await expect.poll(() => isAccepted('west', revoked[1]!), {timeout: 30_000}).toBe(false)
    await joined()
    expect(await tokensOf('west')).toEqual(['istio-remote-token3-east'])
  })

  it('bundled credentials: the shared token is revoked after the last holder, and the new lifetime is kept', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes', '--credentials', 'bundled']))
    const before = tokenIn(await kubeconfigOf('east', 'west', 'istio-remote-secrets'))
    succeeded(await rotate(['--yes', '--credential-duration', '2h']))
    const after = tokenIn(await kubeconfigOf('east', 'west', 'istio-remote-secrets'))
    expect(JSON.parse(Buffer.from(after.split('.')[1]!, 'base64url').toString()).exp).toBeGreaterThan(0)
    expect(await isAccepted('west', before)).toBe(false)
    expect(await tokensOf('west')).toEqual(['istio-reader-service-account-bound-token'])
    await isUnchanged()
  })

  it('Ctrl-C while a token or an istiod is waited for: exit code 130, and the command that continues', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes']))
    const ctrlC = interruption()
    // The token controller never answers.
    ground.cluster('west').proxy.decide = async ({method, url}) => {
      if (method !== 'GET' || !url.endsWith('/secrets/istio-remote-token2-east')) return 'pass'
      await ctrlC.now()
      const metadata = {name: 'istio-remote-token2-east', namespace: ground.namespace}
      return {status: 200, body: {apiVersion: 'v1', kind: 'Secret', metadata}}
    }
    const onlyWest = ['--yes', '--cluster', 'west']
    const waiting = await rotate(onlyWest, ctrlC)
    ground.reset()
    // No controller restarts the pods of this istiod.
    const restarting = await rotate([...onlyWest, '--restart-istiod'], interruptedAt(' restarted (east)', 'stdout'))
    for (const {code, stderr} of [waiting, restarting]) {
      expect(code, stderr).toBe(130)
      expect(stderr).toMatch(/^error: interrupted$/m)
      expect(stderr).toMatch(/^hint: {2}to continue: kubectl mesh federate rotate .*--yes$/m)
    }
  })

  it('a token that istiod could not use is never written', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes', '--credential-duration', '2h']))
    const before = await kubeconfigOf('east', 'west')
    const stranger = tokenIn(await kubeconfigOf('west', 'east'))
    ground.cluster('west').proxy.decide = ({url, method}) =>
      method === 'POST' && url.includes('/serviceaccounts/')
        ? {status: 201, body: {status: {token: stranger, expirationTimestamp: '2036-01-01T00:00:00Z'}}}
        : 'pass'
    const {code, stderr} = await rotate(['--yes', '--cluster', 'west'])
    ground.reset()
    expect(code, stderr).toBe(4)
    expect(stderr).toContain(
      'west: the new token for east is rejected by west (TokenReview); the remote Secret was not changed',
    )
    expect(await kubeconfigOf('east', 'west')).toBe(before)
    expect(await tokensOf('west')).toEqual(['istio-remote-bound-token-east'])
    expect(await isAccepted('west', tokenIn(before))).toBe(true)
    succeeded(await rotate())
  })

  it('the name of a discarded token is not used again', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes']))
    const {proxy} = ground.cluster('west')
    proxy.decide = ({url}) =>
      /\/tokenreviews(\?|$)/.test(url) ? {status: 201, body: {status: {authenticated: false}}} : 'pass'
    const {code, stderr} = await rotate(['--yes', '--cluster', 'west'])
    ground.reset()
    expect(code, stderr).toBe(4)
    expect(stderr).toContain('west: the new token for east is rejected by west (TokenReview)')
    expect(await tokensOf('west')).toEqual(['istio-remote-token-east'])

    // Stopped after the Secret of the second discarded token is deleted, before the record shows it.
    proxy.decide = ({url}) => (url.startsWith('/api/v1/services?limit=1') ? {status: 403} : 'pass')
    ground.cluster('east').proxy.decide = ({method, url}) =>
      method === 'PATCH' && url.includes('kubectl-mesh-rotation') && !url.includes('dryRun') && deleted()
        ? {status: 403}
        : 'pass'
    const deleted = () => proxy.requests.some(({method, url}) => method === 'DELETE' && url.includes('token3-east'))
    expect((await rotate(['--yes', '--cluster', 'west'])).code).toBe(4)
    ground.reset()
    expect(deleted()).toBe(true)
    expect(await tokensOf('west')).toEqual(['istio-remote-token-east'])

    succeeded(await rotate(['--yes', '--cluster', 'west']))
    expect(await tokensOf('west')).toEqual(['istio-remote-token4-east'])
    await isUnchanged()
  })

  it('killed with SIGKILL after each write in turn: the next run continues', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes']))
    const before = tokenIn(await kubeconfigOf('east', 'west'))
    let kills = 0
    for (;;) {
      const {code, stderr} = await rotate(['--yes', '--cluster', 'west'], killedAfter(ground, 1))
      ground.reset()
      // At every point, west accepts the credential that east holds.
      expect(await isAccepted('west', tokenIn(await kubeconfigOf('east', 'west')))).toBe(true)
      if (code === 0) break
      expect(code, stderr).toBe(-1)
      expect(++kills).toBeLessThan(40)
    }
    expect(kills).toBeGreaterThan(6)
    expect(tokenIn(await kubeconfigOf('east', 'west'))).not.toBe(before)
    // An API server remembers for 10 s that a token is valid.
    await expect.poll(() => isAccepted('west', before), {timeout: 30_000}).toBe(false)
    for (const cluster of ['east', 'west']) expect(await tokensOf(cluster)).toHaveLength(1)
    await isUnchanged()
  })

  it('if the first write fails, nothing was written: exit code 3', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes']))
    ground.reset()
    ground.cluster('east').proxy.decide = request =>
      isWrite(request) && request.url.includes('/configmaps/kubectl-mesh-federation') ? {status: 403} : 'pass'
    const {code, stderr} = await rotate(['--yes', '--cluster', 'west'])
    expect(code, stderr).toBe(3)
    ground.reset()
    succeeded(await rotate(['--yes', '--cluster', 'west']))
  })

  it('federate continues an interrupted rotation, and keeps both tokens until then', async () => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes']))
    const {proxy} = ground.cluster('east')
    proxy.decide = ({method, url}) =>
      method === 'PATCH' && url.includes('istio-remote-secret-west') && !url.includes('dryRun') ? {status: 403} : 'pass'
    expect((await rotate(['--yes', '--cluster', 'west'])).code).toBe(4)
    ground.reset()
    expect(await tokensOf('west')).toEqual(['istio-remote-token-east', 'istio-remote-token2-east'])
    const {stderr} = succeeded(await ground.federate(['--yes']))
    expect(stderr).toContain('1 token will be rotated after all other changes: east → west')
    expect(await tokensOf('west')).toEqual(['istio-remote-token2-east'])
    expect(await tokensOf('east')).toEqual(['istio-remote-token-west'])
    await isUnchanged()
  })

  it.each([
    [
      '1.30.1',
      /istiod-old \(1\.30\.1\) may stop updating the cluster and remove its endpoints until it restarts \(istio#60612/,
    ],
    ['1.29.6', /istiod-old \(1\.29\.6\) first removes the cluster and then adds it again/],
    ['latest', /istiod-old \(latest\) may lose the endpoints of the cluster/],
  ])('federate and rotate refuse to renew a token while an istiod has version %s', async (tag, reason) => {
    ground = await openGround(servers!)
    succeeded(await ground.federate(['--yes', '--credential-duration', '1h']))
    await ground.cluster('east').api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {name: 'istiod-old', namespace: ground.namespace, labels: {app: 'istiod', 'istio.io/rev': 'canary'}},
      spec: {containers: [{name: 'discovery', image: `registry.test/pilot:${tag}`}]},
    })
    const before = await kubeconfigOf('east', 'west')
    for (const attempt of [() => ground.federate(['--yes', '--credential-duration', '3h']), () => rotate()]) {
      ground.reset()
      const {code, stderr} = await attempt()
      expect(code, stderr).toBe(3)
      expect(stderr).toMatch(reason)
      expect(stderr).toContain('federate rotate --contexts east,west')
      expect(ground.writes()).toEqual([])
    }
    expect(await kubeconfigOf('east', 'west')).toBe(before)
    // Changes that do not touch a credential are possible.
    succeeded(await ground.federate(['--yes', '--expose', 'app/*']))
  })
})
