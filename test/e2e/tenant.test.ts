import {spawn} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {programWords} from '../support/ground/program.ts'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'
import {deployWeb, forwardIstiod, playTrafficPods, readCluster, writeLabValues} from '../support/lab/tenants.ts'

const tenants = ['t1', 't2'] as const
type Tenant = (typeof tenants)[number]
const other = {t1: 't2', t2: 't1'} as const
const appOf = {t1: 'app-1', t2: 'app-2'} as const
const web = (tenant: Tenant) => `outbound|5000||web.${appOf[tenant]}.svc.cluster.local`

interface Connection {
  proxy: string
  istiod?: string
  state: string
  types: {type: string; state: string}[]
}

describe.skipIf(!inject('lab').dataplane)('two real istiods in one cluster', () => {
  let lab: DataPlaneLab
  let values: string
  let istiods: Record<Tenant, string>
  let before: unknown
  const add = (tenant: Tenant, ...more: string[]) => [
    'tenant',
    'add',
    tenant,
    '--namespaces',
    appOf[tenant],
    '--values',
    values,
    ...more,
  ]

  async function startIstiod(tenant: Tenant): Promise<string> {
    const env = {ENABLE_LEADER_ELECTION: 'true'}
    return (await lab.istiod('east', {systemNamespace: tenant, revision: tenant, env})).xds
  }

  beforeAll(async () => {
    lab = await startLab({clusters: ['east'], dataplane: true})
    values = await writeLabValues(lab)
    before = await readCluster(lab, 'east')
  })
  afterAll(() => lab?.stop())

  test('add creates both, and the missing definitions', async () => {
    const started: Partial<Record<Tenant, string>> = {}
    for (const tenant of tenants) {
      const stdout = await meshOk(lab, add(tenant, '--yes'))
      expect(stdout).toMatch(new RegExp(`^${tenant} +${tenant} +${tenant} +\\S+ +1/1 +1 `, 'm'))
      started[tenant] = await startIstiod(tenant)
      await forwardIstiod(lab, 'east', tenant)
      if (tenant === 't1')
        expect(stdout).toContain(
          'customresourcedefinition.apiextensions.k8s.io/gateways.networking.istio.io serverside-applied',
        )
      else expect(stdout).not.toContain('customresourcedefinition')
    }
    istiods = started as Record<Tenant, string>
  })

  test('a second run changes nothing after the istiods have written into their webhooks', async () => {
    for (const tenant of tenants) {
      const path = `validatingwebhookconfiguration/istio-validator-${tenant}-${tenant}`
      // istiod sets the failure policy once it serves the webhook.
      await expect
        .poll(() => lab.kubectl('east', ['get', path, '-o', 'jsonpath={.webhooks[0].failurePolicy}']), {
          timeout: 60_000,
        })
        .toBe('Fail')
      const {code, stdout} = await mesh(lab, add(tenant, '--dry-run=server', '--exit-code'))
      expect({code, stdout}).toEqual({code: 0, stdout: '# east: 23 unchanged\n'})
    }
  })

  test('workloads get the sidecar of their tenant, and list shows it', async () => {
    for (const tenant of tenants) await deployWeb(lab, 'east', appOf[tenant])
    await lab.real('east')
    const list = JSON.parse(await meshOk(lab, ['tenant', 'list', '-o', 'json']))
    for (const [at, tenant] of tenants.entries())
      expect(list.tenants[at]).toMatchObject({
        tenant,
        ready: 1,
        pods: 1,
        proxies: [expect.stringMatching(`^${appOf[tenant]}/web-`)],
      })
    const {code, stdout} = await mesh(lab, ['tenant', 'verify'])
    expect(stdout).not.toMatch(/[✘‼]/)
    expect(code).toBe(0)
  })

  test('istioctl proxy-status -i works with the created control planes', async () => {
    for (const tenant of tenants) {
      const status = () => lab.istioctl(['proxy-status', '-i', tenant, '--revision', tenant])
      await expect.poll(status, {timeout: 60_000}).toContain(`.${appOf[tenant]} `)
      expect(await status()).not.toContain(`.${appOf[other[tenant]]} `)
    }
  })

  /** The states of the proxies in `tenant list`, by tenant. */
  async function connections(...flags: string[]) {
    const {stdout, stderr} = await mesh(lab, ['tenant', 'list', '-o', 'json', ...flags])
    const {tenants: rows} = JSON.parse(stdout) as {tenants: {tenant: string; connections: Connection[]}[]}
    return {stderr, states: Object.fromEntries(rows.map(row => [row.tenant, row.connections]))}
  }

  test('list and verify show which proxies istiod has in sync, and which not', async () => {
    const pod = (
      await lab.kubectl('east', ['-n', 'app-1', 'get', 'pod', '-o', 'jsonpath={.items[0].metadata.name}'])
    ).trim()
    const proxy = `app-1/${pod}`
    const netns = `${lab.env.DP_PREFIX}-east-${pod}`
    const stateOf = async () => (await connections()).states.t1!.map(({proxy, state}) => [proxy, state])
    const [connection] = (await connections()).states.t1!
    expect(connection).toMatchObject({proxy, cluster: 'Kubernetes', state: 'SYNCED'})
    expect(connection!.istiod).toMatch(/^istiod-t1-/)
    expect(connection!.types).toContainEqual({type: 'LDS', state: 'SYNCED'})

    // The agent still receives, but Envoy does not acknowledge.
    await lab.signal(netns, 'STOP', 'envoy')
    await lab.kubectl('east', ['-n', 'app-1', 'create', 'service', 'clusterip', 'late', '--tcp=80'])
    await expect.poll(stateOf, {timeout: 30_000}).toEqual([[proxy, 'STALE']])
    expect(await meshOk(lab, ['tenant', 'list'])).toMatch(
      new RegExp(`‼ ${proxy} is not in sync with istiod-t1-\\S+: .*STALE`),
    )
    await lab.signal(netns, 'CONT', 'envoy')
    await expect.poll(stateOf, {timeout: 30_000}).toEqual([[proxy, 'SYNCED']])
    await lab.kubectl('east', ['-n', 'app-1', 'delete', 'service', 'late'])

    await lab.signal(netns, 'KILL')
    await expect.poll(stateOf, {timeout: 30_000}).toEqual([[proxy, 'DISCONNECTED']])
    const verified = await mesh(lab, ['tenant', 'verify', 't1'])
    expect(verified).toMatchObject({
      code: 5,
      stdout: expect.stringContaining(`✘ ${proxy} is running, but it is not connected`),
    })
    await lab.real('east')
    await expect.poll(stateOf, {timeout: 30_000}).toEqual([[proxy, 'SYNCED']])
  })

  test('without the permission for port-forwards, the pods decide, and a warning names the permission', async () => {
    const role = ['--verb=get,list', '--resource=*.*']
    await lab.kubectl('east', ['create', 'clusterrole', 'view-all', ...role])
    await lab.kubectl('east', ['create', 'clusterrolebinding', 'view-all', '--clusterrole=view-all', '--user=viewer'])
    const {states, stderr} = await connections('--as', 'viewer')
    expect(states).toMatchObject({t1: [{state: 'UNKNOWN'}], t2: [{state: 'UNKNOWN'}]})
    expect(stderr).toContain('hint:  grant get and create of pods/portforward in namespace t1')
    const {code, stdout} = await mesh(lab, ['tenant', 'verify', 't1', '--as', 'viewer'])
    expect({code, stdout}).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('‼ the state of its proxies is unknown'),
    })
    for (const kind of ['clusterrole', 'clusterrolebinding']) await lab.kubectl('east', ['delete', kind, 'view-all'])
  })

  test("a proxy gets its tenant's services, with mTLS, and none of the other tenant", async () => {
    for (const tenant of tenants) {
      const {clusters, endpoints} = await lab.ask(istiods[tenant], {namespace: appOf[tenant], cluster: 'Kubernetes'})
      expect(clusters).toContain(web(tenant))
      expect(clusters.filter(name => name.includes(appOf[other[tenant]]))).toEqual([])
      expect(endpoints[web(tenant)]).toEqual([expect.objectContaining({port: 5000, tls: 'istio'})])
    }
  })

  test('a VirtualService or Gateway of one tenant does not reach the other', async () => {
    const objects = ['t2', undefined].map((revision, at) => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: {name: `astray-${at}`, namespace: 'app-2', ...(revision ? {labels: {'istio.io/rev': revision}} : {})},
      spec: {
        hosts: ['app-1', 'app-2'].map(namespace => `web.${namespace}.svc.cluster.local`),
        http: [{name: `astray-${at}`, route: [{destination: {host: 'web.app-2.svc.cluster.local'}}]}],
      },
    }))
    const gateway = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: {name: 'astray', namespace: 'app-2', labels: {'istio.io/rev': 't2'}},
      spec: {selector: {app: 'web'}, servers: [{hosts: ['*'], port: {name: 'http', number: 8088, protocol: 'HTTP'}}]},
    }
    for (const object of [...objects, gateway])
      await lab.kubectl('east', ['create', '-f', '-'], {input: JSON.stringify(object)})
    const endpointsOf = async (tenant: Tenant) =>
      JSON.stringify((await lab.ask(istiods[tenant], {namespace: appOf[tenant], cluster: 'Kubernetes', raw: true})).raw)
    await expect.poll(() => endpointsOf('t2'), {timeout: 60_000}).toMatch(/astray-\d/)
    expect(await endpointsOf('t1')).not.toMatch(/astray|web\.app-2/)
    const router = (tenant: Tenant) =>
      lab.ask(istiods[tenant], {type: 'router', namespace: appOf[tenant], labels: {app: 'web'}, cluster: 'Kubernetes'})
    expect((await router('t2')).listeners.join()).toContain('8088')
    expect((await router('t1')).listeners.join()).not.toContain('8088')
    const verified = await mesh(lab, ['tenant', 'verify', 't2'])
    expect(verified.stdout).toContain('VirtualService astray-1 in namespace app-2 has no label istio.io/rev')
    for (const name of ['virtualservice/astray-0', 'virtualservice/astray-1', 'gateways.networking.istio.io/astray'])
      await lab.kubectl('east', ['-n', 'app-2', 'delete', name])
  })

  test('--traffic shows the isolation with real requests, and reports its absence', async () => {
    const stop = playTrafficPods(lab, 'east')
    const {code, stdout, stderr} = await mesh(lab, ['tenant', 'verify', '--traffic', '--yes'])
    expect(stderr.replace(/^.*(waiting|creating).*\n/gm, '')).toBe('')
    expect(stdout).toMatch(/^t1 +200 ✔ +refused.* ✔\nt2 +refused.* ✔ +200 ✔$/m)
    expect({code, findings: stdout.match(/^ +[✘‼].*$/gm)}).toEqual({code: 0, findings: null})

    await meshOk(lab, add('t2', '--mtls', 'PERMISSIVE', '--yes'))
    const open = await mesh(lab, ['tenant', 'verify', 't1', '--traffic', '--yes'])
    await stop()
    expect(open.stdout).toContain('✘ a request from t1 to t2 returned 200; the tenants are not isolated')
    expect(open.code).toBe(5)
    await meshOk(lab, add('t2', '--reset', 'mtls', '--yes'))
    await expect
      .poll(() => lab.kubectl('east', ['get', 'namespaces', '-o', 'name']), {timeout: 60_000})
      .not.toContain('mesh-traffic')
  })

  test('--traffic removes its workloads on Ctrl-C too', async () => {
    const [program, ...args] = lab.command([...programWords, 'tenant', 'verify', '--traffic', '--yes'])
    const child = spawn(program!, args, {env: {...process.env, ...lab.env}, stdio: 'ignore'})
    const ended = new Promise<number | null>(resolve => child.on('close', resolve))
    const namespaces = () => lab.kubectl('east', ['get', 'pods', '-A', '-o', 'name'])
    await expect.poll(namespaces, {timeout: 60_000}).toContain('mesh-server')
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    await expect
      .poll(() => lab.kubectl('east', ['get', 'namespaces', '-o', 'name']), {timeout: 60_000})
      .not.toContain('mesh-traffic')
  })

  test('a moved workload is reported, and belongs to the other tenant after its restart', async () => {
    const {stderr} = await mesh(lab, ['tenant', 'assign', 't2', 'app-1', '--yes'])
    expect(stderr).toContain('kubectl -n app-1 rollout restart deploy/web')
    const before = await lab.kubectl('east', ['-n', 'app-1', 'get', 'pod', '-o', 'jsonpath={.items[0].metadata.name}'])
    await lab.kubectl('east', ['-n', 'app-1', 'rollout', 'restart', 'deploy/web'])
    await lab.kubectl('east', ['-n', 'app-1', 'rollout', 'status', 'deploy/web', '--timeout=60s'])
    await lab.signal(`${lab.env.DP_PREFIX}-east-${before}`, 'KILL')
    await lab.real('east')
    await expect
      .poll(async () => JSON.parse(await meshOk(lab, ['tenant', 'list', '-o', 'json'])).tenants, {timeout: 60_000})
      .toMatchObject([{proxies: []}, {proxies: [expect.stringContaining('app-1/'), expect.stringContaining('app-2/')]}])
    const {clusters} = await lab.ask(istiods.t2, {namespace: 'app-2', cluster: 'Kubernetes'})
    expect(clusters).toContain(web('t1'))
  })

  test('remove deletes both, and the cluster is as before', async () => {
    const refused = await mesh(lab, ['tenant', 'remove', 't2', '--yes'])
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain("pods with the tenant's sidecars still run: 1 in app-1, 1 in app-2")
    for (const namespace of ['app-1', 'app-2'])
      await lab.kubectl('east', ['-n', namespace, 'delete', 'deployment,service', '--all', '--wait'])
    await expect
      .poll(() => lab.kubectl('east', ['get', 'pods', '-A', '-l', 'app=web', '-o', 'name']), {timeout: 60_000})
      .toBe('')
    for (const tenant of tenants) {
      // An object of the lab, which would keep the system namespace.
      await lab.kubectl('east', ['-n', tenant, 'delete', 'portforwards.kwok.x-k8s.io', '--all'])
      const stopped = await endWithItsPod(tenant)
      const {code, stderr} = await mesh(lab, ['tenant', 'remove', tenant, '--delete-namespaces', '--yes'])
      expect({code, stderr}).toMatchObject({code: 0})
      await stopped()
    }
    expect(await readCluster(lab, 'east')).toEqual(before)
  })

  /** Simulates the kubelet: deletes the pod of istiod only after its process has ended. */
  async function endWithItsPod(tenant: Tenant): Promise<() => Promise<void>> {
    const pid = Number(await readFile(join(lab.dir, 'east', `istiod-${tenant}`, 'pid'), 'utf8'))
    const pod = await lab.kubectl('east', ['-n', tenant, 'get', 'pod', '-l', 'app=istiod', '-o', 'name'])
    const patch = (finalizers: string[]) =>
      lab.kubectl('east', [
        '-n',
        tenant,
        'patch',
        pod.trim(),
        '--type=merge',
        '-p',
        JSON.stringify({metadata: {finalizers}}),
      ])
    await patch(['example.com/process'])
    const marked = () =>
      lab.kubectl('east', ['-n', tenant, 'get', pod.trim(), '-o', 'jsonpath={.metadata.deletionTimestamp}'])
    const ending = (async () => {
      while ((await marked()) === '') await new Promise(resolve => setTimeout(resolve, 100))
      // The process takes some time to end.
      await new Promise(resolve => setTimeout(resolve, 3000))
      process.kill(pid, 'SIGKILL')
      await patch([])
    })()
    return () => ending
  }
})
