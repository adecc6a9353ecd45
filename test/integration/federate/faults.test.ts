import {afterEach, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, isWrite, openGround} from '../../support/ground/ground.ts'
import {interruptedAt, interruption} from '../../support/ground/interrupted.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {type Decide, type Fault, passAfter} from '../../support/servers/fault-proxy.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** The objects of the ground in each cluster, in a form that is comparable between runs. */
async function stateOf(ground: Ground): Promise<unknown> {
  return Promise.all(
    ground.clusters.map(async ({api}) => comparable(await readAll(api, ground.namespace), ground.namespace)),
  )
}

const failure: Fault = {status: 500, body: {kind: 'Status', status: 'Failure', code: 500, message: 'etcd is ill'}}

describe.skipIf(!servers)('an API server with faults', () => {
  let undisturbed: unknown
  let ground: Ground

  beforeAll(async () => {
    const calm = await openGround(servers!)
    expect(await calm.federate(['--yes'])).toMatchObject({code: 0})
    undisturbed = await stateOf(calm)
    await calm.close()
  })
  afterEach(() => ground?.close())

  it('transient (429, 500, resets, lost and truncated responses): requests are retried, and the run succeeds', async () => {
    ground = await openGround(servers!)
    let seen = 0
    const faults: Fault[] = [
      {status: 429, headers: {'retry-after': '1'}, body: {kind: 'Status', code: 429, message: 'too many'}},
      failure,
      'reset',
      'lose-answer',
      'cut',
    ]
    // One in eleven requests fails, each time in another way, but none more than twice: requests are tried four times.
    const failed = new Map<string, number>()
    for (const {proxy, cluster} of ground.clusters)
      proxy.decide = ({method, url}) => {
        const key = `${cluster} ${method} ${url}`
        const before = failed.get(key) ?? 0
        if (++seen % 11 !== 0 || before === 2) return 'pass'
        failed.set(key, before + 1)
        return faults[(seen / 11) % faults.length]!
      }
    const {code, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(0)
    expect(seen).toBeGreaterThan(100)
    expect(await stateOf(ground)).toEqual(undisturbed)
  })

  it('permanent, during the apply: the other cluster finishes, the failure is reported, the next run converges', async () => {
    ground = await openGround(servers!)
    const [east, west] = ground.clusters
    let writes = 0
    let failing = false
    west!.proxy.decide = request => {
      if (isWrite(request) && ++writes > 6) failing = true
      return failing ? 'reset' : 'pass'
    }
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(4)
    expect(stdout).toMatch(/^east +- +203\.0\.113\.1 +ok +0 of 1 +waits for west$/m)
    expect(stdout).toMatch(/^west +.*failed: (gateway|exposure)$/m)
    expect(stderr).toMatch(/^error: west: \S+: .*(ECONNRESET|socket hang up|closed)/m)
    expect(stderr).toMatch(/^hint: {2}to continue: kubectl mesh federate --contexts east,west .* --yes$/m)
    // East has its own objects, but no credential for west.
    const own = Object.keys(await readAll(east!.api, ground.namespace)).join('\n')
    expect(own).toContain('cross-network-gateway')
    expect(own).not.toContain('istio-remote-secret-west')

    ground.reset()
    const next = await ground.federate(['--yes'])
    expect(next.code, next.stderr).toBe(0)
    expect(await stateOf(ground)).toEqual(undisturbed)
  })

  it('permanent, between the two stages: the first stage is reported', async () => {
    ground = await openGround(servers!)
    // The program reads all clusters a second time before the second stage.
    let [isWritten, isFailing] = [false, false]
    ground.cluster('west').proxy.decide = request => {
      const {method, url} = request
      if (isWrite(request) && url.includes('/istio-remote-token-east')) isWritten = true
      else if (isWritten && method === 'GET' && /\/secrets(\?|$)/.test(url)) isFailing = true
      return isFailing ? 'reset' : 'pass'
    }
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(4)
    expect(stdout).toMatch(/^east .* waits for west$/m)
    expect(stdout).toMatch(/^west .* failed: not ready$/m)
    expect(stderr).toMatch(/^error: west: .*(ECONNRESET|socket hang up|closed)/m)
    expect(stderr).toMatch(/^hint: {2}to continue: /m)
    ground.reset()
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    expect(await stateOf(ground)).toEqual(undisturbed)
  })

  it('permanent 500 for token requests: the failure is reported, with exit code 4', async () => {
    ground = await openGround(servers!)
    ground.cluster('west').proxy.decide = ({url}) =>
      url.endsWith('/token') || url.includes('/token?') ? failure : 'pass'
    const {code, stdout, stderr} = await ground.federate(['--yes', '--credential-duration', '1h'])
    expect(code, stderr).toBe(4)
    expect(stdout).toMatch(/^west .* failed: /m)
    expect(stderr).toMatch(/^error: west: .*etcd is ill/m)
  })

  it('no response: the object is reported, and the other clusters finish', async () => {
    ground = await openGround(servers!)
    const west = ground.cluster('west')
    west.proxy.decide = request => (isWrite(request) && request.url.includes('deployments') ? 'hang' : 'pass')
    const {code, stdout, stderr} = await ground.federate(['--yes', '--request-timeout', '3s'])
    expect(code, stderr).toBe(4)
    expect(stdout).toMatch(/^east .* waits for west$/m)
    expect(stderr).toMatch(/^error: west: deployment\.apps\/istio-eastwestgateway: .*no complete response within 3 s/m)
    ground.reset()
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    expect(await stateOf(ground)).toEqual(undisturbed)
  })

  it('before the first write: cluster and reason are reported, and no cluster is changed', async () => {
    ground = await openGround(servers!)
    for (const fault of ['reset', failure] as const) {
      ground.reset()
      ground.cluster('west').proxy.decide = () => fault
      const {code, stdout, stderr} = await ground.federate(['--yes'])
      expect({code, stdout}).toEqual({code: 3, stdout: ''})
      expect(stderr).toMatch(/^error: west: /m)
      expect(stderr).not.toMatch(/^error: east/m)
      expect(stderr).toMatch(/^hint: {2}kubectl --context '?west'? version$/m)
      expect(ground.writes()).toEqual([])
    }
  })

  it('Ctrl-C: requests in flight finish, with exit code 130 and a report; the next run converges', async () => {
    ground = await openGround(servers!)
    const ctrlC = interruption()
    let writes = 0
    ground.cluster('west').proxy.decide = request =>
      isWrite(request) && ++writes === 4 ? passAfter(ctrlC.now()) : 'pass'
    const {code, stdout, stderr} = await ground.federate(['--yes'], ctrlC)
    expect(code, stderr).toBe(130)
    expect(stderr).toMatch(/^stopping: finishing requests in flight/m)
    expect(stdout).toMatch(/^west .* interrupted: gateway$/m)
    expect(stdout).not.toContain('istio-remote-secret')
    ground.reset()
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    expect(await stateOf(ground)).toEqual(undisturbed)
  })

  it('Ctrl-C while gateways are waited for: exit code 130, the report, and the command that continues', async () => {
    ground = await openGround(servers!, {balancer: false})
    const {code, stdout, stderr} = await ground.federate(['--yes'], interruptedAt('waiting for the gateways of'))
    expect(code, stderr).toBe(130)
    expect(stdout).toMatch(/^east .* interrupted: not ready$/m)
    expect(stderr).toMatch(/^error: west: interrupted while waiting for its gateway$/m)
    expect(stderr).toMatch(/^hint: {2}to continue: kubectl mesh federate .* --yes$/m)
  })

  it('two concurrent runs: one of them joins the clusters, the other is refused or finds nothing to do', async () => {
    ground = await openGround(servers!)
    const both = await Promise.all([ground.federate(['--yes']), ground.federate(['--yes'])])
    const codes = both.map(({code}) => code).sort()
    expect(
      [
        [0, 0],
        [0, 3],
      ],
      both.map(({stderr}) => stderr).join(),
    ).toContainEqual(codes)
    for (const {code, stderr} of both)
      if (code === 3) expect(stderr).toMatch(/^error: east: another run writes to this cluster/m)
    const next = await ground.federate(['--yes'])
    expect(next.code, next.stderr).toBe(0)
    expect(await stateOf(ground)).toEqual(undisturbed)
    expect((await ground.federate(['--dry-run=server', '--exit-code'])).code).toBe(0)
  })

  it('a gateway without an address is reported after --timeout, and is not registered in other clusters', async () => {
    ground = await openGround(servers!, {balancer: false})
    const {code, stdout, stderr} = await ground.federate(['--yes', '--timeout', '3s'])
    expect(code).toBe(4)
    expect(stdout).toMatch(/^east .* 0 of 1 +failed: not ready$/m)
    expect(stderr).toMatch(
      /^error: west: Service \S+\/istio-eastwestgateway has no address after 3s: .*no ingress address yet$/m,
    )
    expect(stderr).toMatch(/^hint: {2}kubectl --context '?west'? -n \S+ describe service istio-eastwestgateway$/m)
    expect(ground.writes().filter(({url}) => url.includes('istio-remote-secret'))).toEqual([])
    const unwaited = await ground.federate(['--yes', '--no-wait'])
    expect(unwaited.code, unwaited.stderr).toBe(0)
    expect(unwaited.stdout).toMatch(/ joined, not checked$/m)
  })

  it('a token Secret without a token yet does not become an empty credential', async () => {
    ground = await openGround(servers!)
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0})
    const secrets = `/api/v1/namespaces/${ground.namespace}/secrets`
    await ground.cluster('east').api.delete(`${secrets}/istio-remote-secret-west`)
    // As after a run that was killed immediately after it created the Secret.
    const west = ground.cluster('west')
    const list = await west.api.get<{items: (AnyObject & {data?: object})[]}>(secrets)
    const items = list!.items.map(({data, ...rest}) =>
      rest.metadata.name === 'istio-remote-token-east' ? rest : {...rest, data},
    )
    const found = items.find(({metadata}) => metadata.name === 'istio-remote-token-east')!
    const token = {...found, apiVersion: 'v1', kind: 'Secret'}
    let lookups = 0
    west.proxy.decide = ({method, url}) => {
      if (method !== 'GET') return 'pass'
      if (url.startsWith(`${secrets}?`) && lookups === 0) return {status: 200, body: {...list, items}}
      // The Secret gets its token at the third request.
      if (url === `${secrets}/istio-remote-token-east` && ++lookups < 3) return {status: 200, body: token}
      return 'pass'
    }
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(0)
    expect(lookups).toBe(3)
    expect(stdout).toMatch(/^secret\/istio-remote-secret-west serverside-applied \(east\)$/m)
    expect(await stateOf(ground)).toEqual(undisturbed)

    lookups = 0
    await ground.cluster('east').api.delete(`${secrets}/istio-remote-secret-west`)
    const withoutToken: Decide = ({url}) => {
      if (url.startsWith(`${secrets}?`)) return {status: 200, body: {...list, items}}
      return url === `${secrets}/istio-remote-token-east` ? {status: 200, body: token} : 'pass'
    }
    const ctrlC = interruption()
    west.proxy.decide = async request => {
      // The first requests may be those of the plan.
      if (request.url === `${secrets}/istio-remote-token-east` && ++lookups === 5) await ctrlC.now()
      return withoutToken(request)
    }
    const stopped = await ground.federate(['--yes'], ctrlC)
    expect(stopped.code, stopped.stderr).toBe(130)
    const waited = 'west: interrupted while waiting for the token of secret/istio-remote-token-east'
    expect(stopped.stderr.split('\n').filter(line => line.startsWith('error:'))).toEqual([`error: ${waited}`])

    west.proxy.decide = withoutToken
    const never = await ground.federate(['--yes', '--timeout', '3s'])
    expect(never.code, never.stderr).toBe(3)
    expect(never.stderr).toMatch(
      /^error: west: secret\/istio-remote-token-east: .*Kubernetes has not added a token yet$/m,
    )
    expect(await ground.cluster('east').api.get(`${secrets}/istio-remote-secret-west`)).toBeUndefined()
  })
})
