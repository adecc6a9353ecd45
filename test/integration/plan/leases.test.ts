import {type ChildProcess, spawnSync} from 'node:child_process'
import {afterEach, describe, expect, it} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {buildLease, leaseSeconds} from '../../../src/engine/lease/lease.ts'
import {type Ground, type GroundCluster, isWrite, openGround} from '../../support/ground/ground.ts'
import {interruption, printed} from '../../support/ground/interrupted.ts'
import {removalOf} from '../../support/ground/removal.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {passAfter} from '../../support/servers/fault-proxy.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** Seconds ago. */
const before = (seconds: number) => new Date(Date.now() - seconds * 1000)

/** The requests about leases that a cluster received. */
const leaseRequests = ({proxy}: GroundCluster) => proxy.requests.filter(({url}) => url.includes('/leases'))

describe.skipIf(!servers)('one run at a time writes to a control plane', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  const leasePath = () => `/apis/coordination.k8s.io/v1/namespaces/${ground.namespace}/leases/kubectl-mesh`
  const lease = ({api}: GroundCluster): Promise<KubernetesObject | undefined> => api.get(leasePath())

  /** Creates the lease of a run on another machine. */
  async function holdElsewhere({api}: GroundCluster, renewed: Date): Promise<void> {
    const holder = {
      run: 'other',
      identity: 'jane@elsewhere, kubectl mesh federate',
      process: {machine: '0'.repeat(16), pid: 1},
    }
    await api.apply(buildLease(ground.namespace, holder, renewed) as AnyObject)
  }

  /** Starts a run whose third write never ends. Resolves when it has arrived there. */
  async function startHanging(): Promise<{child: ChildProcess; ended: Promise<{code: number; stderr: string}>}> {
    let child: ChildProcess | undefined
    let ended: Promise<{code: number; stderr: string}> | undefined
    await new Promise<void>(arrived => {
      let writes = 0
      for (const {proxy} of ground.clusters)
        proxy.decide = request => {
          if (!isWrite(request) || ++writes < 3) return 'pass'
          arrived()
          return 'hang'
        }
      ended = ground.federate(['--yes'], {onStart: started => (child = started)})
    })
    return {child: child!, ended: ended!}
  }

  it('a second run is refused before it writes, with the holder and since when; after SIGKILL, it continues at once', async () => {
    ground = await openGround(servers!)
    const {child, ended} = await startHanging()
    // Its requests go through other proxies, so they are not mistaken for those of the first run.
    const others = await openGround(servers!, {namespace: ground.namespace, controlPlane: () => false})
    const second = await others.federate(['--yes'])
    expect(second).toMatchObject({code: 3, stdout: ''})
    expect(second.stderr).toMatch(
      new RegExp(
        `^error: east: another run writes to this cluster: .+@.+, kubectl mesh federate, process ${child.pid}, since .+Z \\([\\dms]+ ago\\)$`,
        'm',
      ),
    )
    expect(second.stderr).toMatch(/^hint: {2}wait until it has ended: --lock-timeout 5m$/m)
    expect(second.stderr).toMatch(
      /^hint: {2}if that run was killed, its lease expires in \d+s; to free it now: kubectl .* delete lease kubectl-mesh$/m,
    )
    expect(others.writes()).toEqual([])
    await others.close()
    child.kill('SIGKILL')
    expect((await ended).code).toBe(-1)
    for (const cluster of ground.clusters) expect(await lease(cluster)).toBeDefined()
    ground.reset()
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    for (const cluster of ground.clusters) expect(await lease(cluster)).toBeUndefined()
  })

  it('--lock-timeout waits; a plan that the other run made wrong is refused, and nothing is written', async () => {
    ground = await openGround(servers!)
    let writes = 0
    const waits = Promise.withResolvers<void>()
    ground.cluster('west').proxy.decide = request =>
      isWrite(request) && ++writes === 3 ? passAfter(waits.promise) : 'pass'
    const first = ground.federate(['--yes'])
    await expect.poll(() => writes, {timeout: 60_000}).toBeGreaterThanOrEqual(3)
    const second = await ground.federate(['--yes', '--lock-timeout', '60s'], {
      onStart: child => waits.resolve(printed(child, 'stderr', 'waiting for another run in east')),
    })
    expect(await first).toMatchObject({code: 0})
    expect(second.code, second.stderr).toBe(3)
    expect(second.stderr).toMatch(/^waiting for another run in east \(.+, kubectl mesh federate, process \d+\)/m)
    expect(second.stderr).toMatch(/^error: east: another run has changed .+ meanwhile$/m)
    expect(second.stderr).toMatch(/^hint: {2}nothing was written; run the command again/m)
    expect(await ground.federate(['--yes', '--lock-timeout', '60s'])).toMatchObject({code: 0})
  })

  it('--lock-timeout waits for another run that has changed nothing of the plan, and then writes', async () => {
    ground = await openGround(servers!)
    const [east] = ground.clusters
    await holdElsewhere(east!, before(0))
    const {code, stderr} = await ground.federate(['--yes', '--lock-timeout', '1m'], {
      onStart: child =>
        void printed(child, 'stderr', 'waiting for another run in east').then(() => east!.api.delete(leasePath())),
    })
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('waiting for another run in east (jane@elsewhere, kubectl mesh federate)')
  })

  it('a lease that has expired is taken over, unless its holder still renews it with a slow clock', async () => {
    ground = await openGround(servers!)
    const [east] = ground.clusters
    await holdElsewhere(east!, before(leaseSeconds + 60))
    const renewing = setInterval(() => void holdElsewhere(east!, before(leaseSeconds + 60 + Math.random())), 2000)
    const refused = await ground.federate(['--yes'])
    clearInterval(renewing)
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('jane@elsewhere')})
    expect(ground.writes()).toEqual([])
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    expect(await lease(east!)).toBeUndefined()
  })

  it('renews its lease; when another run takes it over, it stops before the next write', async () => {
    ground = await openGround(servers!)
    const [east, west] = ground.clusters
    let writes = 0
    let child: ChildProcess | undefined
    const knows = Promise.withResolvers<void>()
    west!.proxy.decide = request => (isWrite(request) && ++writes === 3 ? passAfter(knows.promise) : 'pass')
    const first = ground.federate(['--yes'], {onStart: started => (child = started)})
    await expect.poll(async () => (await lease(west!)) !== undefined && writes >= 3, {timeout: 60_000}).toBe(true)
    const taken = (await lease(west!))!
    await expect
      .poll(async () => ((await lease(west!))!.spec as {renewTime: string}).renewTime, {timeout: 60_000, interval: 500})
      .not.toBe((taken.spec as {renewTime: string}).renewTime)
    expect((await lease(west!))!.metadata.uid).toBe(taken.metadata.uid)
    // The run is stopped, as on a computer that sleeps, and its lease expires for others.
    expect(spawnSync('kill', ['-STOP', String(child!.pid)]).status).toBe(0)
    await west!.api.delete(leasePath())
    await holdElsewhere(west!, before(0))
    expect(spawnSync('kill', ['-CONT', String(child!.pid)]).status).toBe(0)
    // It reads the lease once it cannot renew its own.
    const readsLease = () => leaseRequests(west!).some(({method, status}) => method === 'GET' && status === 200)
    await expect.poll(readsLease, {timeout: 60_000}).toBe(true)
    knows.resolve()
    const {code, stderr} = await first
    expect(code, stderr).toBe(4)
    expect(stderr).toMatch(/^error: west: .+: another run has taken over: jane@elsewhere, kubectl mesh federate$/m)
    expect((await lease(west!))!.metadata.annotations).toMatchObject({'kubectl-mesh/run': 'other'})
    expect(await lease(east!)).toBeUndefined()
  })

  it('Ctrl-C and a failed write release the leases', async () => {
    ground = await openGround(servers!)
    const ctrlC = interruption()
    let writes = 0
    ground.cluster('west').proxy.decide = request =>
      isWrite(request) && ++writes === 4 ? passAfter(ctrlC.now()) : 'pass'
    expect(await ground.federate(['--yes'], ctrlC)).toMatchObject({code: 130})
    for (const cluster of ground.clusters) expect(await lease(cluster)).toBeUndefined()
    ground.cluster('west').proxy.decide = request => (isWrite(request) ? {status: 422} : 'pass')
    expect([3, 4]).toContain((await ground.federate(['--yes'])).code)
    for (const cluster of ground.clusters) expect(await lease(cluster)).toBeUndefined()
  })

  it('no lease for dry runs, for runs without changes, and without the permission, which is reported; one for a removal', async () => {
    ground = await openGround(servers!)
    const [east, west] = ground.clusters
    expect(await ground.federate(['--dry-run=server'])).toMatchObject({code: 0})
    expect(ground.clusters.flatMap(leaseRequests)).toEqual([])
    west!.proxy.decide = ({url}) =>
      url.includes('/leases') ? {status: 403, body: {kind: 'Status', reason: 'Forbidden'}} : 'pass'
    const {code, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(0)
    expect(stderr.match(/^warning: west: no permission to create and delete leases in namespace .*/gm)).toHaveLength(1)
    // A run that takes more than ten seconds renews it.
    const methods = leaseRequests(east!).map(({method}) => method)
    expect(methods.filter(method => method !== 'PATCH')).toEqual(['POST', 'DELETE'])
    const seen = ground.clusters.flatMap(leaseRequests).length
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    expect(ground.clusters.flatMap(leaseRequests)).toHaveLength(seen)
    await holdElsewhere(east!, before(0))
    const remove = removalOf(ground, 'west', 'east')
    ground.reset()
    const removed = await ground.mesh([...remove, '--yes'])
    expect(removed).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^error: east: another run writes to this cluster/m),
    })
    expect(ground.writes()).toEqual([])
  })
})
