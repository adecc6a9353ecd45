import {chmod, mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {labCache, labFolder} from '../support/binaries.ts'
import {programWords} from '../support/ground/program.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type AskOptions, type DataPlaneLab, type Istiod, type Lab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'
import {deploySample} from '../support/lab/sample.ts'
import {run, runOk} from '../support/run.ts'

/** The proxy that the agent on the machine configures from the bundle. */
async function proxyOf(bundle: string): Promise<AskOptions> {
  const {defaultConfig} = load(await readFile(join(bundle, 'mesh.yaml'), 'utf8')) as {
    defaultConfig: {readinessProbe?: object; proxyMetadata: Record<string, string>}
  }
  const {proxyMetadata: meta, readinessProbe} = defaultConfig
  const {'istio-locality': locality, ...labels} = JSON.parse(meta.ISTIO_METAJSON_LABELS!) as Record<string, string>
  return {
    namespace: meta.POD_NAMESPACE!,
    cluster: meta.ISTIO_META_CLUSTER_ID!,
    network: meta.ISTIO_META_NETWORK!,
    autoregisterGroup: meta.ISTIO_META_AUTO_REGISTER_GROUP!,
    labels,
    ...(locality ? {locality} : {}),
    meta: {
      DNS_CAPTURE: meta.ISTIO_META_DNS_CAPTURE,
      WORKLOAD_NAME: meta.ISTIO_META_WORKLOAD_NAME,
      MESH_ID: meta.ISTIO_META_MESH_ID,
      ...(readinessProbe ? {PROXY_CONFIG: {readinessProbe}} : {}),
    },
    token: join(bundle, 'istio-token'),
    root: join(bundle, 'root-cert.pem'),
  }
}

interface Entry {
  metadata: {name: string; annotations?: Record<string, string>}
  spec: {address: string; labels: Record<string, string>; network?: string; locality?: string}
}

async function entriesOf(lab: Lab, namespace: string): Promise<Entry[]> {
  const json = await lab.kubectl('east', ['-n', namespace, 'get', 'workloadentries', '-o', 'json'])
  return (JSON.parse(json) as {items: Entry[]}).items
}

describe.skipIf(!inject('lab').clusters)('mesh vm with a real istiod', () => {
  let lab: Lab
  let istiod: Istiod
  let bundle: string

  beforeAll(async () => {
    lab = await startLab({clusters: ['east']})
    istiod = await installControlPlane(lab, 'east', {network: 'net-east'})
    bundle = join(lab.dir, 'bundle')
    const [host] = istiod.secure.split(':')
    const flags = ['--port', 'http:80::8080', '--host', 'web.corp.test', '--host', 'web.vm.svc.cluster.local']
    const place = ['--network', 'net-vm', '--locality', 'r1/z1/s1', '--label', 'version=v1', '--gateway-address', host!]
    await meshOk(lab, [
      'vm',
      'register',
      'web',
      '-n',
      'vm',
      '--service-account',
      'web',
      ...flags,
      ...place,
      '--output-dir',
      bundle,
      '--yes',
    ])
  })
  afterAll(() => lab?.stop())

  test('the token of the bundle is exchanged for a certificate; the VM registers itself, gets requests, and is removed when it disconnects', async () => {
    const asVm = {...(await proxyOf(bundle)), ip: '192.0.2.77', san: 'istiod.istio-system.svc', hold: '110s'}
    const off = new AbortController()
    const vm = lab.ask('east', asVm, {signal: off.signal}).catch(String)
    const found = await vi.waitUntil(async () => (await entriesOf(lab, 'vm'))[0], {timeout: 30_000, interval: 300})
    expect(found).toMatchObject({
      metadata: {name: 'web-192.0.2.77-net-vm', annotations: {'istio.io/autoRegistrationGroup': 'web'}},
      spec: {address: '192.0.2.77', labels: {app: 'web', version: 'v1'}, network: 'net-vm', locality: 'r1/z1/s1'},
    })
    expect(await meshOk(lab, ['vm', 'list', '-n', 'vm'])).toMatch(
      /^vm +web +web-192\.0\.2\.77-net-vm +by itself +- +192\.0\.2\.77 +net-vm +r1\/z1\/s1 +connected [\dms]+ +\S+ +\S+$/m,
    )
    for (const host of ['web.corp.test', 'web.vm.svc.cluster.local'])
      await expect
        .poll(async () => (await lab.ask('east', {network: 'net-east', namespace: 'vm', grep: host})).endpoints, {
          timeout: 40_000,
        })
        .toMatchObject({
          [`outbound|80||${host}`]: [{address: '192.0.2.77', port: 8080, locality: 'r1/z1/s1', tls: 'istio'}],
        })
    off.abort()
    expect(await vm).toContain('AbortError')
    await expect.poll(() => entriesOf(lab, 'vm'), {timeout: 60_000, interval: 1000}).toEqual([])
  })

  test('verify checks whether the certificate of istiod is valid for the host name that the VM connects to', async () => {
    // The address leads directly to istiod, which has another port in the lab.
    const port = Number(istiod.secure.split(':')[1])
    const listen = `
      const net = require('node:net')
      net.createServer(from => { const to = net.connect(${port}, '127.0.0.1'); from.pipe(to).pipe(from); for (const s of [from, to]) s.on('error', () => {}) })
        .listen(15012, '127.0.0.9', () => console.log('ready'))`
    const relay = (await import('node:child_process')).spawn(process.execPath, ['-e', listen], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise(resolve => relay.stdout.once('data', resolve))
    try {
      const fine = await mesh(lab, [
        'vm',
        'verify',
        'web',
        '-n',
        'vm',
        '--gateway-address',
        '127.0.0.9',
        '--output-dir',
        bundle,
      ])
      expect(fine.stdout).toContain('✔ istiod accepts connections at the gateway address')
      expect(fine.stdout).toContain('✔ the certificate of istiod is valid for the host name')
      await lab.kubectl('east', ['-n', 'vm', 'get', 'workloadgroup', 'web'])
      const wrong = await mesh(lab, [
        'vm',
        'verify',
        'web',
        '-n',
        'vm',
        '--gateway-address',
        '127.0.0.9',
        '--system-namespace',
        'istio-system',
        '--revision',
        'r9',
      ])
      expect(wrong.code).toBe(5)
      expect(wrong.stdout).toMatch(
        /✘ the certificate at 127\.0\.0\.9:15012 is for .*; expected istiod-r9\.istio-system\.svc/,
      )
    } finally {
      relay.kill()
    }
  })

  test('after remove istiod rejects the token', async () => {
    const asVm = {...(await proxyOf(bundle)), ip: '192.0.2.78', san: 'istiod.istio-system.svc'}
    await lab.ask('east', asVm)
    await meshOk(lab, ['vm', 'remove', 'web', '-n', 'vm', '--yes'])
    // The API server caches the review of a token for 10 seconds.
    await vi.waitUntil(async () => (await lab.ask('east', asVm).catch(String)).toString().includes('certificate:'), {
      timeout: 60_000,
      interval: 2000,
    })
  })
})

describe.skipIf(!inject('lab').dataplane)('mesh vm with real traffic', () => {
  const service = 'http://helloworld.sample.svc.cluster.local:5000/hello'
  const own = 'http://hello.vm.test:5000/hello'
  const app = ['python3', join(labFolder, 'dataplane/hello.py'), '5000', 'vm', 'vm1']
  const which = ['hello', '-n', 'sample']
  let lab: DataPlaneLab
  let bundle: string
  let client: string
  let machine: string

  beforeAll(async () => {
    lab = await startLab({clusters: ['east'], dataplane: true})
    await installControlPlane(lab, 'east', {network: 'net-east'})
    await deployGateway()
    await deploySample(lab, 'east', 'v1')
    await lab.pod('east', 'sample', 'app=helloworld')
    bundle = join(lab.dir, 'bundle')
    const flags = [
      '--label',
      'app=helloworld',
      '--label',
      'version=vm',
      '--port',
      'http:5000',
      '--probe',
      'http:5000/hello',
    ]
    const names = ['--host', 'helloworld.sample.svc.cluster.local', '--host', 'hello.vm.test']
    const place = ['--network', 'net-vm', '--locality', 'r1/z1/s1']
    await meshOk(lab, [
      'vm',
      'register',
      ...which,
      '--service-account',
      'vm',
      ...flags,
      ...names,
      ...place,
      '--output-dir',
      bundle,
      '--yes',
    ])
    // Created after the mesh config enables DNS capture.
    await lab.kubectl('east', ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
    client = await lab.pod('east', 'sample', 'app=client')
    machine = await lab.machine('vm1', '203.0.113.50', bundle, app)
  })
  afterAll(() => lab?.stop())

  /** Deploys the east-west gateway of Istio's samples, and exposes the services to other networks. */
  async function deployGateway(): Promise<void> {
    const samples = join(labCache().share, 'istio/samples/multicluster')
    const file = join(lab.dir, 'gateway.yaml')
    await writeFile(file, await runOk(['bash', join(samples, 'gen-eastwest-gateway.sh'), '--network', 'net-east']))
    const manifest = await lab.istioctl(['manifest', 'generate', '-f', file])
    await lab.kubectl('east', ['apply', '--server-side', '-f', '-'], {input: manifest})
    await lab.kubectl('east', ['apply', '-n', 'istio-system', '-f', join(samples, 'expose-services.yaml')])
    await lab.pod('east', 'istio-system', 'istio=eastwestgateway')
    await lab.loadBalancer('east', 'istio-system', 'istio-eastwestgateway', '203.0.113.111', 'istio=eastwestgateway')
  }

  const both = {v1: expect.any(Number), vm: expect.any(Number)}
  const polled = (netns: string, url: string) =>
    expect.poll(() => lab.count(netns, 20, url), {timeout: 90_000, interval: 1000})

  test('a pod and the VM reach each other through the host of the service', async () => {
    await polled(client, service).toEqual(both)
    await polled(machine, service).toEqual(both)
  })

  test('both resolve a host that only the mesh defines', async () => {
    // The host also selects the pods of the same app. They are not reachable through it from the network of the VM, because the
    // gateway exposes only *.local.
    await polled(client, own).toEqual(both)
    await polled(machine, own).toEqual({vm: 20})
  })

  test('list shows the VM as healthy and connected; verify finds no errors, and a missing Gateway', async () => {
    await expect
      .poll(() => meshOk(lab, ['vm', 'list', '-n', 'sample']), {timeout: 60_000, interval: 1000})
      .toMatch(
        /^sample +hello +hello-203\.0\.113\.50-net-vm +by itself +healthy +203\.0\.113\.50 +net-vm +r1\/z1\/s1 +connected \S+ +istiod-/m,
      )
    // The address of the load balancer is in the network of the VM. Only the gateway pod is reachable from here.
    const ip = await lab.kubectl('east', [
      '-n',
      'istio-system',
      'get',
      'pod',
      '-l',
      'istio=eastwestgateway',
      '-o',
      'jsonpath={.items[0].status.podIP}',
    ])
    const verify = () => mesh(lab, ['vm', 'verify', ...which, '--gateway-address', ip])
    const {code, stdout} = await verify()
    expect(stdout).toMatch(/^no errors, no warnings$/m)
    expect(code).toBe(0)

    // Without the Gateway, the gateway has an address but does not listen on port 15443.
    await lab.kubectl('east', ['-n', 'istio-system', 'delete', 'gateways.networking.istio.io', 'cross-network-gateway'])
    await expect.poll(() => lab.count(machine, 20, service), {timeout: 90_000, interval: 1000}).not.toHaveProperty('v1')
    expect(await verify()).toMatchObject({
      code: 5,
      stdout: expect.stringContaining(
        'no Gateway with TLS mode AUTO_PASSTHROUGH selects the pods of Service istio-system/istio-eastwestgateway',
      ),
    })
    const samples = join(labCache().share, 'istio/samples/multicluster')
    await lab.kubectl('east', ['apply', '-n', 'istio-system', '-f', join(samples, 'expose-services.yaml')])
    await polled(machine, service).toEqual(both)
  })

  test('after a reboot with an invalid token, the agent renews its certificate with the certificate', async () => {
    await writeFile(join(lab.rootOf('vm1'), 'var/lib/kubectl-mesh/istio-token'), 'a.b.c')
    await lab.rebootMachine('vm1')
    void lab.exec(machine, app, {timeout: 600_000})
    await polled(machine, service).toEqual(both)
    await polled(client, service).toEqual(both)
  })

  test('without a certificate the VM needs a token: renew --ssh provides one', async () => {
    const root = lab.rootOf('vm1')
    for (const file of ['cert-chain.pem', 'key.pem']) await rm(join(root, 'etc/certs', file))
    await expect(lab.rebootMachine('vm1')).rejects.toThrow()
    const bin = join(lab.dir, 'bin')
    await mkdir(bin)
    const agent = `--bind ${labCache().bin}/pilot-agent --bind ${labCache().bin}/envoy`
    await writeFile(
      join(bin, 'ssh'),
      `#!/bin/sh\nshift 2\nexec '${labFolder}/machine.sh' '${root}' --net '${machine}' ${agent} -- sh -c "$1"\n`,
    )
    await chmod(join(bin, 'ssh'), 0o755)
    const env = {PATH: `${bin}:${lab.env.PATH}`}
    const {code, stderr} = await lab.run([...programWords, 'vm', 'renew', ...which, '--ssh', 'vm1'], {env})
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('vm1: renewed: hello')
    expect(await readFile(join(root, 'etc/hosts'), 'utf8')).toContain('203.0.113.111 istiod.istio-system.svc')
    await expect
      .poll(async () => (await readdir(join(root, 'etc/certs'))).sort(), {timeout: 60_000})
      .toContain('cert-chain.pem')
    void lab.exec(machine, app, {timeout: 600_000})
    await polled(machine, service).toEqual(both)
  })

  test('install.sh changes nothing when repeated; after uninstall the VM is no longer in the mesh', async () => {
    const on = (...argv: string[]) =>
      run([join(labFolder, 'machine.sh'), lab.rootOf('vm1'), '--net', machine, '--', ...argv])
    const again = await on('sh', '/root/bundle/install.sh')
    expect(again).toMatchObject({code: 0, stdout: expect.stringContaining('nothing to do')})
    expect(await on('sh', '/root/bundle/install.sh', 'uninstall')).toMatchObject({code: 0})
    // systemd would stop it.
    const pids = (await runOk(['ip', 'netns', 'pids', machine])).split('\n').filter(Boolean)
    await runOk(['kill', '-9', ...pids])
    await expect.poll(() => entriesOf(lab, 'sample'), {timeout: 90_000, interval: 1000}).toEqual([])
    await polled(client, service).toEqual({v1: 20})
  })

  test('after remove no object of the VM exists', async () => {
    await meshOk(lab, ['vm', 'remove', ...which, '--yes'])
    expect(
      await lab.kubectl('east', ['-n', 'sample', 'get', 'workloadgroup,serviceentry,secret', '-o', 'name']),
    ).not.toContain('hello')
    expect(await lab.kubectl('east', ['-n', 'sample', 'get', 'service', '-o', 'name'])).toContain('service/helloworld')
  })
})
