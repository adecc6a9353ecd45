import {readdir, readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it, onTestFinished} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {readAll} from '../../support/ground/objects.ts'
import {run} from '../../support/run.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {findKubectl} from '../../support/servers/kubectl.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('two clusters become one mesh', () => {
  let ground: Ground
  let kubectl: string
  const everything = () => Promise.all(ground.clusters.map(({api}) => readAll(api, ground.namespace, 'everything')))
  const owns = () => Promise.all(ground.clusters.map(({api}) => readAll(api, ground.namespace)))

  beforeAll(async () => {
    kubectl = await findKubectl()
    ground = await openGround(servers!)
  })
  afterAll(() => ground?.close())

  it('a client dry run sends no requests, and its YAML passes the strict dry run of real servers', async () => {
    ground.reset()
    const seen = ground.clusters.map(({proxy}) => proxy.requests.length)
    const networks = ground.clusters.flatMap(({context}) => ['--network', `${context}=${context}.${ground.namespace}`])
    const args = ['--dry-run', ...networks]
    const both = await ground.federate(args)
    expect(both.code).toBe(0)
    expect(both.stdout).toMatch(/^# cluster: east\n---\n[\s\S]*\n# cluster: west\n---\n/)
    expect(both.stderr).toContain('warning: the output contains the objects of 2 clusters')
    for (const {cluster, direct} of ground.clusters) {
      const {stdout, code} = await ground.federate([...args, '--only', cluster])
      expect(code).toBe(0)
      expect(both.stdout).toContain(stdout.trim())
      const server = ['--server-side', '--dry-run=server', '--validate=strict', '--force-conflicts']
      const checked = await run(
        [kubectl, '--kubeconfig', direct.kubeconfig, '--context', direct.context, 'apply', ...server, '-f', '-'],
        {input: stdout},
      )
      expect(checked).toMatchObject({code: 0, stderr: ''})
      expect(checked.stdout.trim().split('\n')).toHaveLength(stdout.match(/^kind: /gm)!.length)
    }
    expect(ground.clusters.map(({proxy}) => proxy.requests.length)).toEqual(seen)
    expect(await ground.federate([...args, '--only', 'south'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'error: --only south: the plan has no such cluster\nhint:  clusters: east, west\n',
    })
  })

  it('--output-dir, --only and -o name without a dry run are refused, and nothing is written', async () => {
    ground.reset()
    const out = join(ground.folder, 'out8')
    for (const flags of [
      ['--output-dir', out, '-o', 'name'],
      ['--only', 'east'],
      ['-o', 'name'],
    ])
      expect(await ground.federate(['--yes', ...flags])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^error: .* requires --dry-run\nhint: {2}add --dry-run=server/),
      })
    expect(ground.writes()).toEqual([])
    expect(await readdir(ground.folder)).not.toContain('out8')
  })

  it('writes folders that kustomize builds, with the same bytes each time', async () => {
    const [one, two] = [join(ground.folder, 'one'), join(ground.folder, 'two')]
    const files = async (folder: string) => {
      const names = (await readdir(folder, {recursive: true})).sort()
      const found = names.map(async name => {
        const file = join(folder, name)
        return (await stat(file)).isDirectory() ? [name, ''] : [name, await readFile(file, 'utf8')]
      })
      return Object.fromEntries(await Promise.all(found)) as Record<string, string>
    }
    const result = await ground.federate(['--dry-run=client', '--output-dir', one])
    expect(result.code).toBe(0)
    const first = await files(one)
    expect(await ground.federate(['--dry-run=client', '--output-dir', two])).toMatchObject({code: 0})
    expect(await files(two)).toEqual(first)
    expect(await ground.federate(['--dry-run=client', '--output-dir', one])).toEqual(result)
    expect(await files(one)).toEqual(first)
    expect(Object.keys(first)).toContain('east/40-service-istio-eastwestgateway.yaml')
    expect(Object.entries(first).filter(([, text]) => /^kind: Secret/m.test(text) && /^data:/m.test(text))).toEqual([])
    for (const cluster of ['east', 'west']) {
      const built = await run([kubectl, 'kustomize', join(one, cluster)])
      expect(built).toMatchObject({code: 0, stderr: ''})
      const own = Object.keys(first).filter(name => name.startsWith(`${cluster}/`) && !name.includes('kustomization'))
      expect(built.stdout.match(/^kind: /gm)).toHaveLength(own.length)
    }
  })

  it('a server dry run shows a diff and writes nothing', async () => {
    ground.reset()
    const before = await everything()
    const {code, stdout, stderr} = await ground.federate(['--dry-run=server'])
    expect(code).toBe(0)
    // The istiods of the ground are 1.30, which needs to read Secrets.
    expect(stderr).toMatch(/^warning: .*Secrets.*\n/m)
    expect(stdout).toMatch(/^# east: 13 to create, 1 to change\n--- live\/east\/v1\/Namespace\//)
    expect(stdout).toContain(`+++ merged/west/v1/Service/${ground.namespace}/istio-eastwestgateway   (new)\n`)
    expect(stdout).toMatch(
      /^@@ \S+ \S+ @@ metadata[.\w]*\n(?: [^\n]*\n)*\+ {4}topology\.istio\.io\/network: east\.ground/m,
    )
    const differs = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(differs).toEqual({code: 1, stdout, stderr})
    expect(ground.writes()).toEqual([])
    expect(await everything()).toEqual(before)
  })

  it('a server dry run prints the compared objects as names and JSON', async () => {
    const names = await ground.federate(['--dry-run=server', '-o', 'name', '--only', 'west'])
    expect(names.code).toBe(0)
    expect(names.stdout.split('\n')).toContain('gateway.networking.istio.io/cross-network-gateway')
    const json = await ground.federate(['--dry-run=server', '-o', 'json', '--only', 'west'])
    const items = (JSON.parse(json.stdout) as {items: {kind: string}[]}).items
    expect(items.map(({kind}) => kind)).toContain('Gateway')
  })

  it('without --yes and without a terminal, writes nothing', async () => {
    ground.reset()
    expect(await ground.federate()).toMatchObject({code: 2, stdout: '', stderr: expect.stringContaining('add --yes')})
    expect(ground.writes()).toEqual([])
  })

  it('applies, and reports the results', async () => {
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^secret\/istio-remote-secret-west serverside-applied \(east\)$/m)
    expect(stdout).toMatch(/^west +- +203\.0\.113\.2 +ok +1 of 1 +joined$/m)
    // The gateway has its address before it is registered in other clusters.
    expect(stdout.indexOf('istio-remote-secret')).toBeGreaterThan(stdout.lastIndexOf('istio-remote-token'))
    const secret = await ground
      .cluster('east')
      .api.get<{data: Record<string, string>; metadata: object}>(
        `/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-west`,
      )
    expect(secret).toMatchObject({
      metadata: {labels: {'istio/multiCluster': 'true'}, annotations: {'networking.istio.io/cluster': 'west'}},
    })
    expect(Buffer.from(secret!.data.west!, 'base64').toString()).toContain('server: https://west.test:6443\n')
  })

  it('a second run writes nothing', async () => {
    const before = await everything()
    ground.reset()
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout).toMatch(/^CLUSTER .*\neast +- +203\.0\.113\.1 +unchanged +unchanged +joined\nwest .* joined\n$/)
    const shown = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(shown).toEqual({code: 0, stdout: '# east: 14 unchanged\n# west: 14 unchanged\n', stderr: ''})
    const json = await ground.federate(['--yes', '-o', 'json'])
    expect(JSON.parse(json.stdout)).toMatchObject({clusters: [{cluster: 'east', result: 'joined'}, {cluster: 'west'}]})
    // Without changes, no confirmation is needed.
    expect(await ground.federate()).toMatchObject({code: 0, stdout})
    expect(ground.writes()).toEqual([])
    expect(await everything()).toEqual(before)
  })

  it('does not wait for a Service of another namespace that has the name of the gateway', async () => {
    const {api} = ground.cluster('west')
    // Lists are in the order of namespaces.
    const namespace = `a-${ground.namespace}`
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    // No controller of this server empties a namespace.
    onTestFinished(() => api.delete(`/api/v1/namespaces/${namespace}/services/istio-eastwestgateway`))
    await api.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'istio-eastwestgateway', namespace, labels: {'topology.istio.io/network': 'elsewhere'}},
      spec: {type: 'LoadBalancer', ports: [{name: 'tls', port: 15_443}]},
    } as AnyObject)
    expect(await ground.federate(['--yes'])).toMatchObject({code: 0, stderr: ''})
  })

  it('restores deleted objects, and writes nothing else', async () => {
    const {api} = ground.cluster('west')
    const inNamespace = (path: string) => path.replace('NS', ground.namespace)
    await api.delete(inNamespace('/apis/networking.istio.io/v1/namespaces/NS/gateways/cross-network-gateway'))
    await api.delete(inNamespace('/api/v1/namespaces/NS/secrets/istio-remote-secret-east'))
    const shown = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(shown).toMatchObject({code: 1, stderr: ''})
    expect(shown.stdout).toMatch(/^# east: 14 unchanged\n# west: 2 to create, 12 unchanged\n/)
    ground.reset()
    const {code, stdout} = await ground.federate(['--yes'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^west .* ok +1 of 1 +joined$/m)
    const written = ground.writes().map(({url}) => url.replace(/\?.*/, ''))
    // The record gets the UIDs of the new objects.
    expect(written.filter(path => !path.endsWith('/configmaps/kubectl-mesh-federation'))).toEqual(
      [
        '/apis/networking.istio.io/v1/namespaces/NS/gateways/cross-network-gateway',
        '/api/v1/namespaces/NS/secrets/istio-remote-secret-east',
      ].map(inNamespace),
    )
  })

  it('applies a changed flag: selected hosts instead of all', async () => {
    const {code, stdout} = await ground.federate(['--yes', '--expose', 'a.sample.svc.cluster.local,*.global'])
    expect(code).toBe(0)
    // The Gateway, and the record with its settings.
    expect(stdout.match(/serverside-applied/g)).toHaveLength(4)
    for (const {api} of ground.clusters)
      expect(
        await api.get(`/apis/networking.istio.io/v1/namespaces/${ground.namespace}/gateways/cross-network-gateway`),
      ).toMatchObject({spec: {servers: [{hosts: ['a.sample.svc.cluster.local', '*.global']}]}})
  })

  it('federate status shows which cluster holds which credential', async () => {
    const args = ['federate', 'status', '--contexts', 'east,west', '--system-namespace', ground.namespace]
    const {code, stdout, stderr} = await ground.mesh(args)
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout).toMatch(/^east +east\.ground-\S+ +1\.30\.3 +\S+ ✔ +203\.0\.113\.1 +- +\d+\w+$/m)
    expect(stdout).toMatch(/^holds a credential for +east +west\neast +· +✔\nwest +✔ +·$/m)
    const json = JSON.parse((await ground.mesh([...args, '-o', 'json'])).stdout)
    expect(json.credentials).toMatchObject([
      {holder: 'east', target: 'west', state: 'valid'},
      {holder: 'west', target: 'east', state: 'valid'},
    ])
    expect(await owns()).toHaveLength(2)
  })

  it('federate status has a row for each recorded cluster, also for those that do not answer', async () => {
    const args = ['federate', 'status', '--system-namespace', ground.namespace]
    // Without --contexts: the clusters in the record of the current one.
    const recorded = await ground.mesh(args)
    const named = await ground.mesh([...args, '--contexts', 'east,west'])
    const withoutAge = (text: string) => text.replace(/ +(\d+[smhd])+$/gm, '')
    expect(recorded.code).toBe(0)
    expect(withoutAge(recorded.stdout)).toBe(withoutAge(named.stdout))
    const alone = await ground.mesh(args, {env: {KUBECONFIG: ground.cluster('east').proxy.kubeconfig}})
    expect(alone).toMatchObject({code: 5, stdout: expect.stringMatching(/^west +no context +-/m)})
    const unauthorized = {status: 401, body: {kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized'}}
    for (const [decision, state] of [
      ['reset', 'not reachable'],
      [unauthorized, 'not authorized'],
    ] as const) {
      ground.cluster('west').proxy.decide = () => decision
      const {code, stdout} = await ground.mesh(args)
      expect({code}, stdout).toEqual({code: 5})
      expect(stdout).toMatch(new RegExp(`^east .* 203\\.0\\.113\\.1 .*\\nwest +${state} +-`, 'm'))
    }
    ground.reset()
    // A credential plugin that is not installed, in a kubeconfig that replaces the one of west.
    const file = join(ground.folder, 'plugin.yaml')
    const exec = {apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin', interactiveMode: 'Never'}
    const config = {
      clusters: [{name: 'west', cluster: {server: 'https://127.0.0.1:1'}}],
      users: [{name: 'west', user: {exec: {...exec, installHint: 'install it with brew'}}}],
      contexts: [{name: 'west', context: {cluster: 'west', user: 'west'}}],
    }
    await writeFile(file, JSON.stringify(config))
    const env = {KUBECONFIG: `${ground.cluster('east').proxy.kubeconfig}:${file}`}
    const missing = await ground.mesh(args, {env})
    expect(missing).toMatchObject({code: 5, stdout: expect.stringMatching(/^west +not readable +-/m)})
    expect(missing.stdout).toContain('hint: install it with brew')
    const refused = await ground.mesh(['federate', ...ground.all, '--yes'], {env})
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('hint:  install it with brew')})
  })

  it('creates no gateways on a single network', async () => {
    const flat = await openGround(servers!, {controlPlane: () => ({network: ''})})
    try {
      const result = await flat.federate(['--single-network', '--yes'])
      expect(result.code, result.stderr).toBe(0)
      expect(result.stdout).not.toMatch(/eastwestgateway|cross-network-gateway/)
      const namespace = await flat.cluster('east').api.get(`/api/v1/namespaces/${flat.namespace}`)
      expect(JSON.stringify(namespace)).not.toContain('topology.istio.io/network')
      const args = ['--single-network', '--dry-run=server', '--exit-code']
      expect((await flat.federate(args)).code).toBe(0)
    } finally {
      await flat.close()
    }
  })
})
