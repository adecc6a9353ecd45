import {lookup} from 'node:dns/promises'
import {existsSync} from 'node:fs'
import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {dump, load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {labCache} from '../../support/binaries.ts'
import {type FakeControlPlaneOptions, fakeControlPlane} from '../../support/fake/control-plane.ts'
import {makeRoot, rootCert} from '../../support/ground/certificates.ts'
import {runMesh} from '../../support/ground/program.ts'
import {run, runOk} from '../../support/run.ts'
import {type AnyObject, type Api, openApi} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {differences, type ReadBundle, type Scene} from './differences.ts'

const istioctl = join(labCache().bin, 'istioctl')
if (!existsSync(istioctl) && process.env.CI === 'true')
  throw new Error(`no istioctl at ${istioctl}: test/lab/build.sh istio`)

/** One input for both programs. */
interface Scenario {
  plane?: FakeControlPlaneOptions
  /** More of the mesh config's `defaultConfig`. */
  proxyConfig?: Record<string, unknown>
  gateway?: {ip?: string; hostname?: string}
  /** `global.trustBundleName` of a tenant. */
  trustBundle?: string
  /** Flags of `mesh vm register`, in addition to those of every scenario. */
  register?: string[]
  /** Flags of `istioctl x workload group create`. */
  group?: string[]
  /** Flags of `istioctl x workload entry configure`. */
  entry?: string[]
}

const scenarios: Record<string, Scenario> = {
  default: {},
  'a named cluster': {
    plane: {clusterName: 'east', meshID: 'mesh1', trustDomain: 'corp.example', systemNamespace: 'named'},
  },
  revision: {plane: {revision: 'r1', clusterName: 'east'}},
  'custom namespace': {plane: {systemNamespace: 'mesh-sys'}},
  'custom namespace and revision': {plane: {systemNamespace: 'mesh-rev', revision: 'r2'}},
  network: {register: ['--network', 'net-vm'], group: ['--network', 'net-vm']},
  'host-name gateway': {plane: {}, gateway: {hostname: 'localhost'}},
  'custom ports': {
    register: ['--port', 'http:80::8080', '--port', 'grpc:7070', '--port', 'tcp-db:5432'],
    group: ['--ports', 'http=8080,grpc=7070,tcp-db=5432'],
  },
  'labels, locality and weight': {
    register: [
      '--label',
      'version=v2',
      '--label',
      'app.kubernetes.io/name=shop',
      '--locality',
      'r/z/s',
      '--weight',
      '7',
    ],
    group: ['--labels', 'version=v2,app.kubernetes.io/name=shop', '--locality', 'r/z/s', '--weight', '7'],
  },
  'an address': {
    register: ['--auto-register', '--address', '10.0.0.5'],
    entry: ['--internalIP', '10.0.0.5'],
  },
  'no DNS capture': {register: ['--no-capture-dns'], entry: ['--capture-dns=false']},
  'a mesh config with many settings': {
    plane: {systemNamespace: 'much', clusterName: 'east'},
    proxyConfig: {
      concurrency: 2,
      statusPort: 15021,
      terminationDrainDuration: '45s',
      holdApplicationUntilProxyStarts: true,
      proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true', EXTRA: 'it\'s $HOME `x` "y"'},
      tracing: {sampling: 10.5, zipkin: {address: 'zipkin:9411'}},
    },
  },
  'a dedicated trust bundle': {
    plane: {systemNamespace: 'bundle', clusterName: 'east'},
    trustBundle: 'usergroup-1-root',
  },
}

describe.skipIf(!sharedServers() || !existsSync(istioctl))('side by side with istioctl x workload', () => {
  let servers: RunningServers
  let api: Api
  let folder: string
  let count = 0
  const seen = new Set<string>()

  beforeAll(async () => {
    servers = await startServers(['vm'])
    api = await openApi(servers.kubeconfig, 'vm')
    folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-vm-'))
  })
  afterAll(async () => {
    api?.close()
    await servers?.stop()
    if (folder) await rm(folder, {recursive: true, force: true})
  })

  test.each(Object.keys(scenarios))('%s', async name => {
    const scenario = scenarios[name]!
    const {systemNamespace = 'istio-system', revision = 'default', clusterName = ''} = scenario.plane ?? {}
    const namespace = `vm-${++count}`
    const trustBundle = await prepare(scenario, namespace)
    const where = ['--context', 'vm', '--kubeconfig', servers.kubeconfig]

    const ours = join(folder, `ours-${count}`)
    const plane = ['--system-namespace', systemNamespace, ...(revision === 'default' ? [] : ['--revision', revision])]
    const registered = await runMesh([
      'vm',
      'register',
      'web',
      '-n',
      namespace,
      '--service-account',
      'web',
      ...plane,
      ...(scenario.register ?? []),
      ...where,
      '--output-dir',
      ours,
      '--yes',
    ])
    expect(registered.code, registered.stderr).toBe(0)

    // The WorkloadGroup: istioctl prints the one that kubectl-mesh created.
    const {group = []} = scenario
    const labels = group.includes('--labels')
      ? group.map(word => (word.includes('version=v2') ? `app=web,${word}` : word))
      : [...group, '--labels', 'app=web']
    const printed = await runOk([
      istioctl,
      'x',
      'workload',
      'group',
      'create',
      '--name',
      'web',
      '--namespace',
      namespace,
      '--serviceAccount',
      'web',
      ...labels,
    ])
    const theirGroup = load(printed) as AnyObject
    const ourGroup = await api.get(`/apis/networking.istio.io/v1/namespaces/${namespace}/workloadgroups/web`)
    expect(ourGroup!.spec).toEqual(theirGroup.spec)

    // The files.
    const file = join(folder, `group-${count}.yaml`)
    await writeFile(file, dump({...theirGroup, spec: {...(theirGroup.spec as object)}}))
    const theirs = join(folder, `theirs-${count}`)
    const revisionFlag = revision === 'default' ? [] : ['--revision', revision]
    const configured = await run([
      ...[
        istioctl,
        'x',
        'workload',
        'entry',
        'configure',
        '-f',
        file,
        '-o',
        theirs,
        '-i',
        systemNamespace,
        '--autoregister',
      ],
      ...[...revisionFlag, ...(scenario.entry ?? []), ...where],
    ])
    expect(configured.code, configured.stderr).toBe(0)
    const scene: Scene = {
      systemNamespace,
      revision,
      injectorCluster: clusterName,
      resolved: scenario.gateway?.hostname ? await addressesOf(scenario.gateway.hostname) : [],
      locality: scenario.register?.[scenario.register.indexOf('--locality') + 1 || -1],
      trustBundle,
    }
    let expected = await readBundle(theirs)
    for (const {id, apply} of differences) {
      const changed = apply(expected, scene)
      if (JSON.stringify(changed) !== JSON.stringify(expected)) seen.add(id)
      expected = changed
    }
    const own = await readBundle(ours)
    expect({...own, modes: Object.fromEntries(Object.keys(expected.modes).map(key => [key, own.modes[key]]))}).toEqual(
      expected,
    )
  })

  test('each difference occurs in a scenario and is documented in the recipe', async () => {
    expect([...seen].sort()).toEqual(differences.map(({id}) => id).sort())
    const recipe = await readFile(join(import.meta.dirname, '../../../docs/recipes/vm.md'), 'utf8')
    for (const {id} of differences) expect(recipe).toContain(`\`${id}\``)
  })

  /** Creates the control plane, the gateway and the namespace with a root certificate. Returns the root of the trust bundle, if any. */
  async function prepare(scenario: Scenario, namespace: string): Promise<string | undefined> {
    const {plane = {}, gateway = {ip: '203.0.113.11'}} = scenario
    const {systemNamespace = 'istio-system', revision = 'default'} = plane
    await fakeControlPlane(servers.kubeconfig, 'vm', plane)
    if (scenario.proxyConfig) {
      const name = revision === 'default' ? 'istio' : `istio-${revision}`
      const map = (await api.get(`/api/v1/namespaces/${systemNamespace}/configmaps/${name}`))!
      const mesh = load((map.data as {mesh: string}).mesh) as {defaultConfig: object}
      const text = dump({...mesh, defaultConfig: {...mesh.defaultConfig, ...scenario.proxyConfig}})
      await api.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {name, namespace: systemNamespace},
        data: {mesh: text},
      })
    }
    const service: AnyObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'istio-eastwestgateway', namespace: systemNamespace, labels: {istio: 'eastwestgateway'}},
    }
    const ports = [15_443, 15_012, 15_017].map(port => ({name: `p-${port}`, port}))
    await api.apply({...service, spec: {type: 'LoadBalancer', selector: {istio: 'eastwestgateway'}, ports}})
    await api.apply({...service, status: {loadBalancer: {ingress: [gateway]}}}, 'status')
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    // istioctl reads the root certificate in the namespace of the VM, kubectl-mesh in that of istiod.
    const root = async (name: string, pem: string) => {
      for (const place of [namespace, systemNamespace])
        await api.apply({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: {name, namespace: place},
          data: {'root-cert.pem': pem},
        })
    }
    await root('istio-ca-root-cert', await rootCert())
    if (scenario.trustBundle === undefined) return undefined
    const bundle = await makeRoot('tenant')
    await root(scenario.trustBundle, bundle)
    const values = {global: {multiCluster: {clusterName: plane.clusterName}, trustBundleName: scenario.trustBundle}}
    await api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'istio-sidecar-injector', namespace: systemNamespace},
      data: {values: JSON.stringify(values)},
    })
    return bundle
  }
})

async function addressesOf(name: string): Promise<string[]> {
  return [...new Set((await lookup(name, {all: true})).map(({address}) => address))].sort()
}

/** Reads the folder with the files for a machine. */
async function readBundle(folder: string): Promise<ReadBundle> {
  const text = (name: string) => readFile(join(folder, name), 'utf8')
  const env = await runOk(['env', '-i', 'sh', '-c', `set -a; . '${folder}/cluster.env'; exec env -0`])
  const pairs = env.split('\0').filter(line => line !== '' && !line.startsWith('PWD=') && !line.startsWith('_='))
  const claims = JSON.parse(Buffer.from((await text('istio-token')).split('.')[1]!, 'base64url').toString())
  const modes = await Promise.all(
    ['.', ...(await readdir(folder))].map(async name => [
      name,
      ((await stat(join(folder, name))).mode & 0o777).toString(8),
    ]),
  )
  return {
    env: Object.fromEntries(
      pairs.map(line => {
        const at = line.indexOf('=')
        const [key, value] = [line.slice(0, at), line.slice(at + 1)]
        // istioctl prints ports in the order of a Go map.
        return [key, key === 'ISTIO_INBOUND_PORTS' ? value.split(',').sort().join(',') : value]
      }),
    ),
    mesh: load(await text('mesh.yaml')) as ReadBundle['mesh'],
    root: await text('root-cert.pem'),
    hosts: (await text('hosts')).split('\n').filter(line => line !== '' && !line.startsWith('#')),
    token: {aud: claims.aud, sub: claims.sub, boundTo: claims['kubernetes.io']?.secret?.name},
    modes: Object.fromEntries(modes),
  }
}
