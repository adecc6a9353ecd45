import {readFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type Istiod, type Lab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../support/lab/mesh.ts'
import {deploySample, markInjected} from '../support/lab/sample.ts'
import {istiodVersion, usesOldIstiod} from '../support/lab/tools.ts'
import type {Ran} from '../support/run.ts'

// Loopback addresses of this process alone, so that the gateways are reachable from this machine.
const clusters = [
  {name: 'east', network: 'net-east', version: 'v1', address: `127.${process.pid % 250}.61.11`},
  {name: 'west', network: 'net-west', version: 'v2', address: `127.${process.pid % 250}.61.12`},
] as const
const verify = ['federate', 'verify', '--contexts', 'east,west']
const system = ['-n', 'istio-system']

interface Report {
  verified: {title: string; findings: {check: string; level: string; message: string; hints?: string[]}[]}[]
  errors: number
  warnings: number
}

describe.skipIf(!inject('lab').clusters)('mesh federate verify with two real istiods', () => {
  let lab: Lab
  let federate: string[]
  const gateways = new Map<string, Server>()

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name)})
    for (const {name, network, version} of clusters) {
      await installControlPlane(lab, name, {network})
      await deploySample(lab, name, version)
      await markInjected(lab, name, version, network)
      await listen(name)
    }
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    federate = ['federate', '--contexts', 'east,west', '--ca-dir', ca, ...(await serverFlags(lab)), '--yes']
    const federated = mesh(lab, [...federate, '--timeout', '90s'])
    for (const {name, address} of clusters) {
      const services = () => lab.kubectl(name, [...system, 'get', 'service', '-o', 'name'])
      await vi.waitUntil(async () => (await services()).includes('eastwestgateway'), {timeout: 60_000, interval: 500})
      await lab.setAddress(name, 'istio-system', 'istio-eastwestgateway', address)
    }
    expect(await federated).toMatchObject({code: 0})
    // A running istiod uses the first cacerts only after its next start (istio#57853).
    for (const {name} of clusters) await showDebugPages(name, await lab.istiod(name))
  })

  afterAll(async () => {
    for (const server of gateways.values()) server.close()
    await lab?.stop()
  })

  /** Starts a server at the gateway address of a cluster. */
  async function listen(name: string): Promise<void> {
    const {address} = clusters.find(cluster => cluster.name === name)!
    const server = createServer(socket => socket.end()).listen(15443, address)
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
    gateways.set(name, server)
  }

  /** Forwards the debug port of the istiod pods to the istiod on this host. */
  async function showDebugPages(name: string, {http}: Istiod): Promise<void> {
    const pods = await lab.kubectl(name, [...system, 'get', 'pods', '-l', 'app=istiod', '-o', 'name'])
    for (const pod of pods.trim().split('\n'))
      await lab.forward(
        name,
        {namespace: 'istio-system', name: pod.replace('pod/', '')},
        8080,
        Number(new URL(http).port),
      )
  }

  async function report(): Promise<Ran & {found: string[]; hints: string[]; report: Report}> {
    const ran = await mesh(lab, [...verify, '-o', 'json'])
    if (ran.code !== 0 && ran.code !== 5) throw new Error(`ended with ${ran.code}\n${ran.stderr}`)
    const data = JSON.parse(ran.stdout) as Report
    const all = data.verified.flatMap(({title, findings}) =>
      findings.map(finding => ({...finding, cluster: title.split(' ')[0]})),
    )
    return {
      ...ran,
      report: data,
      found: all.map(({cluster, check}) => `${cluster} ${check}`),
      hints: all.flatMap(({hints = []}) => hints),
    }
  }

  /** Verifies until exactly these findings remain. istiods take a moment to see a change, and may add the optional findings. */
  async function finds(
    found: readonly string[],
    optional: readonly string[] = [],
  ): Promise<Awaited<ReturnType<typeof report>>> {
    let last: Awaited<ReturnType<typeof report>> | undefined
    await expect
      .poll(
        async () => {
          last = await report()
          return last.found.filter(each => !optional.includes(each))
        },
        {timeout: 60_000, interval: 1000},
      )
      .toEqual(found)
    return last!
  }

  const allGreen = () => finds([])

  test('all checks pass after federate, and the report shows the source of each check', async () => {
    const {code} = await allGreen()
    expect(code).toBe(0)
    const text = await meshOk(lab, verify)
    expect(text).toContain(`east  (context east, network net-east, Istio ${istiodVersion})\n`)
    expect(text).toMatch(
      /debug pages of istiod-\S+\n {4}✔ istiod reports the cluster ID .*\n {4}✔ istiod is synced with every other/,
    )
    expect(text).toContain('TokenReview in west\n    ✔')
    expect(text).toMatch(/no errors, no warnings\n$/)
    expect(text).not.toMatch(/[✘‼]/)
  })

  test('a missing remote Secret', async () => {
    await lab.kubectl('east', [...system, 'delete', 'secret', 'istio-remote-secret-west'])
    // istiod 1.31 keeps the gateways of a cluster that it no longer watches.
    const {code, hints, report} = await finds(['east credentials', 'east clusters-synced', 'east endpoints-known'])
    expect(code).toBe(5)
    expect(report.verified[0]?.findings[0]?.message).toContain('no credential for west')
    expect(hints[0]).toBe('kubectl mesh federate --contexts east,west')
    await meshOk(lab, federate)
    await allGreen()
  })

  test('a revoked token', async () => {
    await lab.kubectl('west', [...system, 'delete', 'secret', 'istio-remote-token-east'])
    const {code, report} = await finds(['east credentials'])
    expect(code).toBe(5)
    expect(report.verified[0]?.findings[0]?.message).toBe(
      'west rejects the token in Secret istio-remote-secret-west: it was revoked or has expired',
    )
    const {code: repaired, stderr} = await mesh(lab, federate)
    expect(repaired, stderr).toBe(0)
    expect(stderr.includes('the credential for west was replaced')).toBe(usesOldIstiod)
    // It has lost the endpoints of west: see the warning.
    if (usesOldIstiod) await showDebugPages('east', await lab.istiod('east'))
    await allGreen()
  })

  test('a missing network label', async () => {
    await lab.kubectl('west', ['label', 'namespace', 'istio-system', 'topology.istio.io/network-'])
    const {code, hints} = await finds(['west network-label'])
    expect(code).toBe(5)
    expect(hints[0]).toBe(
      'kubectl --context west label namespace istio-system topology.istio.io/network=net-west --overwrite',
    )
    await meshOk(lab, federate)
    await allGreen()
  })

  test('a gateway without an address', async () => {
    const remove = [
      ...system,
      'patch',
      'service',
      'istio-eastwestgateway',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"loadBalancer":null}}',
    ]
    await lab.kubectl('west', remove)
    const {code, hints} = await finds(['west gateway-address'])
    expect(code).toBe(5)
    expect(hints[0]).toBe('kubectl --context west -n istio-system describe service istio-eastwestgateway')
    await lab.setAddress('west', 'istio-system', 'istio-eastwestgateway', clusters[1].address)
    await allGreen()
  })

  test('a gateway that this machine cannot reach is a warning', async () => {
    gateways.get('west')?.close()
    const {code, report} = await finds(['west gateway-reachable'])
    expect(code).toBe(0)
    expect(report).toMatchObject({errors: 0, warnings: 1})
    await listen('west')
    await allGreen()
  })

  test('different roots', async () => {
    const other = join(lab.dir, 'other-ca')
    await meshOk(lab, ['ca', 'init', '--dir', other])
    await meshOk(lab, ['ca', 'issue', '--dir', other, '--cluster', 'west'])
    const folder = join(other, 'west')
    const files = ['ca-cert.pem', 'ca-key.pem', 'root-cert.pem', 'cert-chain.pem']
    const before = await lab.kubectl('west', [...system, 'get', 'secret', 'cacerts', '-o', 'json'])
    await lab.kubectl('west', [...system, 'delete', 'secret', 'cacerts'])
    await lab.kubectl('west', [
      ...system,
      'create',
      'secret',
      'generic',
      'cacerts',
      ...files.map(file => `--from-file=${file}=${join(folder, file)}`),
    ])
    const {report: early} = await finds(['west root', 'west root'])
    expect(early.verified[1]?.findings[1]?.message).toContain('still distributes another root')
    await lab.istiod('west')
    const {code, report, hints} = await finds(['west root'])
    expect(code).toBe(5)
    expect(report.verified[1]?.findings[0]?.message).toMatch(/differs from that of east .*: mTLS between them fails/)
    expect(hints[1]).toContain('--ca-dir mesh-ca')
    const secret = JSON.parse(before) as {data: object; metadata: object}
    await lab.kubectl('west', [...system, 'patch', 'secret', 'cacerts', '--type=merge', '-p', '{"data":null}'])
    const patch = JSON.stringify({data: secret.data})
    await lab.kubectl('west', [...system, 'patch', 'secret', 'cacerts', '--type=merge', '-p', patch])
    await lab.istiod('west')
    await allGreen()
  })

  /** Changes keys of the Secret `cacerts` of west; null removes one. */
  const patchCacerts = (data: Record<string, string | null>) =>
    lab.kubectl('west', [...system, 'patch', 'secret', 'cacerts', '--type=merge', '-p', JSON.stringify({data})])
  const servedRoot = () =>
    lab.kubectl('west', [
      ...[...system, 'get', 'configmap', 'istio-ca-root-cert'],
      ...['-o', 'jsonpath={.data.root-cert\\.pem}'],
    ])

  test('cacerts in both layouts, as cert-manager leaves it: the root that istiod reads counts', async () => {
    const folder = join(lab.dir, 'other-ca')
    const data: Record<string, string> = {}
    for (const [key, file] of Object.entries({
      'tls.crt': 'ca-cert.pem',
      'tls.key': 'ca-key.pem',
      'ca.crt': 'root-cert.pem',
    }))
      data[key] = await readFile(join(folder, 'west', file), 'base64')
    await patchCacerts(data)
    await lab.istiod('west')
    await expect.poll(servedRoot, {timeout: 60_000}).toBe(await readFile(join(folder, 'root-cert.pem'), 'utf8'))
    const {report} = await finds(['west root'])
    expect(report.verified[1]?.findings[0]?.message).toMatch(/differs from that of east/)
    const refused = await mesh(lab, federate)
    expect({code: refused.code, stderr: refused.stderr}).toEqual({
      code: 3,
      stderr: expect.stringMatching(/^error: west: the root CA of its cacerts is \S+; expected that of /m),
    })
    expect(await mesh(lab, ['ca', 'status', '--contexts', 'east,west'])).toMatchObject({code: 5})
    await patchCacerts({'tls.crt': null, 'tls.key': null, 'ca.crt': null})
    await lab.istiod('west')
    await allGreen()
  })

  test('where istio-csr signs, istiod neither reads cacerts nor distributes its root', async () => {
    const restart = async (setting: string, env: Record<string, string>) => {
      await lab.kubectl('west', [...system, 'set', 'env', 'deployment/istiod', `ENABLE_CA_SERVER${setting}`])
      await lab.kubectl('west', [...system, 'rollout', 'status', 'deployment/istiod', '--timeout=60s'])
      await showDebugPages('west', await lab.istiod('west', {env}))
    }
    await restart('=false', {ENABLE_CA_SERVER: 'false'})
    const root = await readFile(join(lab.dir, 'other-ca', 'root-cert.pem'), 'utf8')
    const patch = JSON.stringify({data: {'root-cert.pem': root}})
    await lab.kubectl('west', [...system, 'patch', 'configmap', 'istio-ca-root-cert', '-p', patch])
    const {report} = await finds(['west root'])
    expect(report.verified[1]?.findings[0]?.message).toMatch(/differs from that of east/)
    const refused = await mesh(lab, federate)
    expect({code: refused.code, stderr: refused.stderr}).toEqual({
      code: 3,
      stderr: expect.stringContaining('another CA than istiod issues the certificates (ENABLE_CA_SERVER=false)'),
    })
    // A restart of istiod does not change the root.
    await showDebugPages('west', await lab.istiod('west', {env: {ENABLE_CA_SERVER: 'false'}}))
    expect(await servedRoot()).toBe(root)
    await restart('-', {})
    await allGreen()
  })

  test('a key of a Secret that is not the cluster ID', async () => {
    const get = [...system, 'get', 'secret', 'istio-remote-secret-west', '-o', 'jsonpath={.data.west}']
    const kubeconfig = await lab.kubectl('east', get)
    const put = (data: object) =>
      lab.kubectl('east', [
        ...system,
        'patch',
        'secret',
        'istio-remote-secret-west',
        '--type=merge',
        '-p',
        JSON.stringify({data}),
      ])
    await put({west: null, occident: kubeconfig})
    const {code, report, hints} = await finds(
      ['east cluster-key', 'east clusters-synced', 'east endpoints-known'],
      ['east networks-known'],
    )
    expect(code).toBe(5)
    expect(report.verified[0]?.findings[0]?.message).toContain(
      'registers the cluster as occident, but its istiod reports cluster ID west',
    )
    expect(hints[1]).toMatch(/^or: istioctl install .* --set values\.global\.multiCluster\.clusterName=occident( |$)/)
    await put({west: kubeconfig, occident: null})
    await allGreen()
  })

  test('a missing cross-network-gateway', async () => {
    await lab.kubectl('west', [...system, 'delete', 'gateways.networking.istio.io', 'cross-network-gateway'])
    const {code, report} = await finds(['west exposure'])
    expect(code).toBe(5)
    expect(report.verified[1]?.findings[0]?.message).toContain('accepts no cross-network traffic')
    await meshOk(lab, federate)
    await allGreen()
  })

  test('a Service in one cluster only is a warning for its namespace', async () => {
    await lab.kubectl('west', ['-n', 'sample', 'create', 'service', 'clusterip', 'lonely', '--tcp=80'])
    const {code, report, hints} = await finds(['east services'])
    expect(code).toBe(0)
    expect(report.verified[0]?.findings[0]?.message).toBe(
      'namespace sample: lonely exists in west but not here; pods here cannot resolve its name',
    )
    expect(hints[0]).toContain('kubectl --context west -n sample get service lonely -o yaml')
    await lab.kubectl('west', ['-n', 'sample', 'delete', 'service', 'lonely'])
    await allGreen()
  })

  test('JUnit has one suite per cluster', async () => {
    await lab.kubectl('west', [...system, 'delete', 'gateways.networking.istio.io', 'cross-network-gateway'])
    const {code, stdout} = await mesh(lab, [...verify, '-o', 'junit'])
    expect(code).toBe(5)
    expect(stdout.match(/<testsuite /g)).toHaveLength(2)
    expect(stdout.match(/<failure /g)).toHaveLength(1)
    await meshOk(lab, federate)
    await allGreen()
  })

  test('--traffic needs confirmation; pods without sidecars are an error, and no namespace remains', async () => {
    const {code, stderr} = await mesh(lab, [...verify, '--traffic'])
    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining('add --yes')})
    await lab.kubectl('west', ['create', 'namespace', 'mesh-verify-left'])
    await lab.kubectl('west', ['label', 'namespace', 'mesh-verify-left', 'kubectl-mesh.io/federate-verify=throw-away'])
    // This lab has no injection webhook.
    const tried = await mesh(lab, [...verify, '--traffic', '--yes'])
    expect(tried).toMatchObject({code: 5, stdout: expect.stringContaining('got no sidecar')})
    for (const {name} of clusters)
      await expect
        .poll(() => lab.kubectl(name, ['get', 'namespaces', '-o', 'name']), {timeout: 60_000})
        .not.toContain('mesh-verify')
  })

  test('a cluster that is not reachable is an error, and the others are verified', async () => {
    await lab.runOk(['kubectl', 'config', 'set-cluster', 'gone', '--server=https://127.0.0.1:9'])
    await lab.runOk(['kubectl', 'config', 'set-context', 'south', '--cluster=gone'])
    const {code, stdout} = await mesh(lab, ['federate', 'verify', '--contexts', 'east,south'])
    expect(code).toBe(5)
    expect(stdout).toMatch(/^south {2}\(context south, network south\)\n {2}from this machine\n {4}✘ /m)
    expect(stdout).toContain('does not watch south')
  })
})
