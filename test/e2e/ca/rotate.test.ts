import {spawn} from 'node:child_process'
import {cp, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {labFolder} from '../../support/binaries.ts'
import {installControlPlane} from '../../support/lab/control-plane.ts'
import {forwardPods, fromLoopback, startPreparedIstiod} from '../../support/lab/debug-pages.ts'
import {type DataPlaneLab, startLab} from '../../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../../support/lab/mesh.ts'
import {type Requests, startRequests} from '../../support/lab/requests.ts'
import {deployServerAndClient} from '../../support/lab/sample.ts'

const clusters = [
  {name: 'east', network: 'net-east'},
  {name: 'west', network: 'net-west'},
] as const
const url = 'http://helloworld.sample.svc.cluster.local:5000/hello'

describe.skipIf(!inject('lab').dataplane)('mesh ca rotate with real traffic', () => {
  let lab: DataPlaneLab
  let ca: string
  let requests: Requests
  /** A leaf of the old CA of east. */
  let leaf: {cert: string; key: string}
  /** Network namespaces and IP address of the pods. */
  let client: string
  let server: {netns: string; ip: string}

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true})
    const meshConfig = {defaultConfig: {proxyMetadata: {PROXY_CONFIG_XDS_AGENT: 'true'}}}
    for (const {name, network} of clusters)
      await installControlPlane(lab, name, {network, pilotEnv: {ISTIO_MULTIROOT_MESH: 'true'}, meshConfig})
    ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const flags = ['--contexts', 'east,west', '--ca-dir', ca, ...(await serverFlags(lab)), '--timeout', '120s']
    const federated = mesh(lab, ['federate', ...flags, '--yes'])
    for (const {name} of clusters) await startIstiod(name)
    expect(await federated).toMatchObject({code: 0})
    const deployed = await deployServerAndClient(lab)
    client = deployed.client
    // Every request needs a new connection, and so a handshake with the certificates of that moment.
    await lab.kubectl('west', ['apply', '-f', '-'], {input: JSON.stringify(singleUse)})
    await vi.waitUntil(async () => (await lab.count(client, 10, url)).v1 === 10, {timeout: 90_000, interval: 500})
    const ip = await lab.kubectl('east', [
      ...['-n', 'sample', 'get', 'pod', '-l', 'app=helloworld', '-o', 'jsonpath={.items[0].status.podIP}'],
    ])
    server = {netns: deployed.server, ip}
    await lab.kubectl('east', ['apply', '-f', '-'], {input: JSON.stringify(strict)})
    for (const {name} of clusters) await forwardProxies(name)
    await cp(join(ca, 'east'), join(lab.dir, 'old-east'), {recursive: true})
    leaf = await leafBelow(join(lab.dir, 'old-east'), 'old')
    requests = await startRequests(lab, client, 'ca-rotate', '', url)
  })

  afterAll(() => lab?.stop())

  /** Starts the istiod of a cluster, and mounts its cacerts as a kubelet does. */
  async function startIstiod(name: string): Promise<void> {
    await startPreparedIstiod(lab, name, [8080, 15_012, 15_014])
    const mounts = join(labFolder, 'dataplane', 'mounts.sh')
    spawn(mounts, [lab.dir, name], {env: {...process.env, ...lab.env}, stdio: 'ignore'}).unref()
  }

  /** Forwards the admin interface of every proxy of a cluster. */
  async function forwardProxies(name: string): Promise<void> {
    const list = await lab.kubectl(name, ['get', 'pod', '-A', '-o', 'json'])
    const pods = (JSON.parse(list) as {items: Pod[]}).items.filter(({spec}) =>
      [...spec.containers, ...(spec.initContainers ?? [])].some(container => container.name === 'istio-proxy'),
    )
    const forwardTo = (pod: string) => ({
      ports: [15_000],
      command: [
        'ip',
        'netns',
        'exec',
        `${lab.env.DP_PREFIX}-${name}-${pod}`,
        'python3',
        '-c',
        fromLoopback,
        '127.0.0.1',
        '15000',
      ],
    })
    await forwardPods(
      lab,
      name,
      pods.map(({metadata}) => ({...metadata, forwards: [forwardTo(metadata.name)]})),
    )
  }

  /** Issues a certificate of the workloads in namespace sample below the CA of a cluster. */
  async function leafBelow(folder: string, name: string): Promise<{cert: string; key: string}> {
    const [key, csr, cert, ext] = ['key', 'csr', 'pem', 'ext'].map(ending => join(lab.dir, `${name}.${ending}`))
    await writeFile(
      ext!,
      'subjectAltName=critical,URI:spiffe://cluster.local/ns/sample/sa/default\nextendedKeyUsage=clientAuth\n',
    )
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    await lab.runOk(['openssl', 'req', '-new', ...curve, '-keyout', key!, '-subj', '/', '-out', csr!])
    const signer = ['-CA', join(folder, 'ca-cert.pem'), '-CAkey', join(folder, 'ca-key.pem'), '-CAcreateserial']
    await lab.runOk(['openssl', 'x509', '-req', '-in', csr!, ...signer, '-days', '1', '-extfile', ext!, '-out', cert!])
    await writeFile(cert!, (await readFile(cert!, 'utf8')) + (await readFile(join(folder, 'cert-chain.pem'), 'utf8')))
    return {cert: cert!, key: key!}
  }

  /** Whether the sidecar in east accepts a client certificate. */
  async function isAccepted({cert, key}: {cert: string; key: string}): Promise<boolean> {
    const {code, stdout, stderr} = await lab.run([
      ...['openssl', 's_client', '-connect', `${server.ip}:5000`, '-tls1_2', '-alpn', 'istio-http/1.1'],
      ...['-cert', cert, '-cert_chain', cert, '-key', key],
    ])
    if (code !== 0 && !/alert (unknown ca|certificate unknown)/.test(stdout + stderr))
      throw new Error(`no handshake: ${stdout}${stderr}`)
    return code === 0
  }

  const rotate = (...args: string[]) =>
    mesh(lab, ['ca', 'rotate', '--contexts', 'east,west', '--dir', ca, '--timeout', '120s', '--yes', ...args])
  const completed = async (...args: string[]) => {
    const result = await rotate(...args)
    expect(result.code, `${result.stdout}\n${result.stderr}`).toBe(0)
    await requests.more()
    return result
  }

  test('ca renew: every istiod signs with its new CA, and no request fails', async () => {
    const renewed = await mesh(lab, [
      'ca',
      'renew',
      ...['--contexts', 'east,west', '--dir', ca],
      '--expires-within',
      '9000h',
      '--yes',
    ])
    expect(renewed.code, `${renewed.stdout}\n${renewed.stderr}`).toBe(0)
    for (const {name} of clusters)
      expect(renewed.stdout).toMatch(
        new RegExp(`^${name}: intermediate CA renewed, valid until \\S+; used by 1 istiod$`, 'm'),
      )
    await requests.more()
  })

  test('no request fails through all stages and back, and then a leaf of the old root is rejected', async () => {
    expect(await isAccepted(leaf)).toBe(true)
    const began = await completed('--stage', 'trust')
    expect(began.stdout).toMatch(/^east: stage trust complete, 2 proxies$/m)
    expect(began.stdout + began.stderr).not.toContain('PRIVATE')
    // Both stages can be taken back.
    await completed('--revert')
    await completed('--stage', 'trust')
    await completed('--stage', 'issue')
    expect(await isAccepted(leaf)).toBe(true)
    await completed('--revert')
    await completed('--stage', 'issue')
    expect(await isAccepted(leaf)).toBe(true)
    await completed('--stage', 'finish')

    expect(await isAccepted(leaf)).toBe(false)
    const renewed = await leafBelow(join(ca, 'east'), 'new')
    expect(await isAccepted(renewed)).toBe(true)
    const answers = await requests.stop()
    expect(answers).toEqual({200: expect.any(Number)})
    expect(answers[200]).toBeGreaterThan(100)
  })
})

interface Pod {
  metadata: {namespace: string; name: string}
  spec: {containers: {name: string}[]; initContainers?: {name: string}[]}
}

const singleUse = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: {name: 'helloworld', namespace: 'sample'},
  spec: {
    host: 'helloworld.sample.svc.cluster.local',
    trafficPolicy: {connectionPool: {http: {maxRequestsPerConnection: 1}}},
  },
}

const strict = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: {name: 'default', namespace: 'sample'},
  spec: {mtls: {mode: 'STRICT'}},
}
