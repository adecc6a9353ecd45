import {mkdir, readdir, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {dump} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {type Flux, startFlux} from '../support/flux/flux.ts'
import {openRepository, type Repository} from '../support/flux/repository.ts'
import {programWords} from '../support/ground/program.ts'
import {type Inventory, openInventory, writeProviders} from '../support/inventory/inventory.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {forwardIstiods} from '../support/lab/debug-pages.ts'
import {type Lab, startLab} from '../support/lab/lab.ts'
import {deploySample, markInjected} from '../support/lab/sample.ts'
import {type Ran, runOk} from '../support/run.ts'
import type {AnyObject} from '../support/servers/api.ts'

// Loopback addresses of this process alone, so that the gateways are reachable from this machine.
const clusters = [
  {name: 'hub', network: 'net-hub', version: 'v1', address: `127.${process.pid % 250}.62.11`},
  {name: 'west', network: 'net-west', version: 'v2', address: `127.${process.pid % 250}.62.12`},
  {name: 'south', network: 'net-south', version: 'v1', address: `127.${process.pid % 250}.62.13`},
] as const
const source = 'clusterprofile://mgmt/fleet?mesh=prod'
const system = ['-n', 'istio-system']
const gateway = 'istio-eastwestgateway'

describe.skipIf(!inject('lab').clusters)('a real Flux in hub applies the files of mesh render', () => {
  let lab: Lab
  let flux: Flux
  let inventory: Inventory
  let repository: Repository
  let providers: string
  const gateways: Server[] = []

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name)})
    const fluxStarted = startFlux(lab, 'hub')
    for (const {name, network, version, address} of clusters) {
      await installControlPlane(lab, name, {network})
      await deploySample(lab, name, version)
      await markInjected(lab, name, version, network)
      const server = createServer(socket => socket.end()).listen(15443, address)
      await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
      gateways.push(server)
    }
    flux = await fluxStarted
    for (const name of ['west', 'south']) await flux.connect(name)
    inventory = await openInventory(lab.kubeconfig, 'hub', lab.dir)
    providers = (await writeProviders(lab.dir, inventory.logins)).file
    await lab.kubectl('hub', ['create', 'namespace', 'fleet'])
    for (const name of ['hub', 'west']) await inventory.profile('fleet', name, {mesh: 'prod'})
    repository = await openRepository(lab.dir)
    await mkdir(join(repository.folder, 'mesh'))
    await writeFederation(['hub', 'west'])
    await meshOk('ca', 'init', '--dir', join(lab.dir, 'ca'))
    // The first run on a machine waits for a build that runs beside the tests.
  }, 1_800_000)

  afterAll(async () => {
    for (const server of gateways) server.close()
    repository?.close()
    inventory?.api.close()
    await lab?.stop()
  })

  const writeDocument = (kind: string, name: string, spec: object) =>
    writeFile(
      join(repository.folder, 'mesh', `${kind}.yaml`),
      dump({apiVersion: 'kubectl-mesh.io/v1alpha1', kind, metadata: {name}, spec}),
    )

  /** Writes the federation of all ClusterProfiles. The API servers of the lab are on loopback, which a file must name. */
  const writeFederation = (names: readonly string[]) => {
    const server = Object.fromEntries(names.map(name => [name, inventory.logins[name]!.server]))
    return writeDocument('Federation', 'prod', {clusters: {from: source}, caDir: join(lab.dir, 'ca'), server})
  }

  /** Runs the program in the repository, with a kubeconfig that has only the cluster of the ClusterProfiles. */
  const mesh = (...args: string[]): Promise<Ran> =>
    lab.run([...programWords, ...args], {env: {KUBECONFIG: inventory.kubeconfig}, cwd: repository.folder})

  async function meshOk(...args: string[]): Promise<Ran> {
    const ran = await mesh(...args)
    if (ran.code !== 0) throw new Error(`kubectl mesh ${args.join(' ')}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`)
    return ran
  }

  const files = () => ['-f', 'mesh', '--access-providers', providers]
  const inSource = () => ['--clusters-from', source, '--access-providers', providers]
  const engine = ['--output-dir', 'fleet', '--for', 'flux', '--engine-cluster', 'hub']
  const render = (...more: string[]) => meshOk('render', ...files(), ...engine, ...more)
  const diff = () => mesh('diff', ...files(), '--exit-code')
  const apply = () => meshOk('apply', ...files(), '--yes')

  /** Renders and pushes, and waits until Flux has applied everything. Returns the names of the Kustomizations. */
  async function renderForFlux(message: string, ...more: string[]): Promise<string[]> {
    await render(...more)
    const objects = await read('hub', 'kustomize', join(repository.folder, 'fleet/flux'))
    const names = [...objects.matchAll(/^ {2}name: (\S+)$/gm)].map(match => match[1]!)
    await flux.settle(await repository.push(message), names)
    return names
  }

  const changedFiles = () => runOk(['git', '-C', repository.folder, 'status', '--porcelain'])
  const read = (cluster: string, ...args: string[]) => lab.kubectl(cluster, args)

  /** What a cluster has of the objects in its folder, without what controllers write. */
  async function applied(cluster: string): Promise<AnyObject[]> {
    const folder = join(repository.folder, 'fleet/clusters', cluster)
    const found: AnyObject[] = []
    for (const wave of await readdir(folder)) {
      const text = await read(cluster, 'get', '-k', join(folder, wave), '-o', 'json', '--show-managed-fields')
      const data = JSON.parse(text) as AnyObject & {items?: AnyObject[]}
      found.push(...(data.items ?? [data]))
    }
    return found.map(({status: _, ...object}) => ({...object, metadata: withoutStatus(object.metadata)}))
  }

  /** Does what the cloud does for the gateway of a cluster, adds what Git lacks, and restarts the istiod with its first cacerts. */
  async function complete(names: readonly string[]): Promise<Ran> {
    const joined = clusters.filter(({name}) => names.includes(name))
    for (const {name, address} of joined) await lab.setAddress(name, 'istio-system', gateway, address)
    const ran = await apply()
    for (const {name} of joined) {
      const {http} = await lab.istiod(name)
      const target = {address: '127.0.0.1', port: Number(new URL(http).port)}
      await forwardIstiods(lab, name, [{ports: [8080], target}])
    }
    return ran
  }

  /** Verifies until there is no finding. istiods take a moment to see a change. */
  async function expectGreen(count: number): Promise<void> {
    let last: Ran | undefined
    const isGreen = async () => {
      last = await mesh('federate', 'verify', ...inSource())
      return last.code === 0 && last.stdout.endsWith('no errors, no warnings\n')
    }
    await vi.waitUntil(isGreen, {timeout: 60_000, interval: 1000}).catch(() => {
      throw new Error(`verify is not green:\n${last?.stdout}${last?.stderr}`)
    })
    expect(last?.stdout.match(/^\S+ {2}\(context /gm)).toHaveLength(count)
  }

  test('Flux is ready in two clusters, and has applied every object', async () => {
    await repository.push('Describe the mesh')
    await flux.follow(repository.url, './fleet/flux')
    const names = await renderForFlux('Render the mesh')
    expect(names).toContain('fleet.west-40-gateways')
    for (const cluster of ['hub', 'west']) {
      const objects = await applied(cluster)
      expect(objects.map(({kind, metadata}) => `${kind} ${metadata.name}`)).toContain(`Deployment ${gateway}`)
      for (const {kind, metadata} of objects)
        expect(metadata.labels, `${kind} ${metadata.name}`).toMatchObject({
          'kustomize.toolkit.fluxcd.io/name': expect.stringContaining(`fleet.${cluster}-`),
        })
    }
  })

  test('apply adds only credentials and records, and verify finds nothing', async () => {
    const before = [await applied('hub'), await applied('west')]
    const {stdout} = await complete(['hub', 'west'])
    expect(stdout).not.toMatch(/deployment|clusterrole/)
    expect([await applied('hub'), await applied('west')]).toEqual(before)
    await expectGreen(2)
  })

  test('a second render and a second reconciliation change nothing', async () => {
    const before = [await applied('hub'), await applied('west')]
    const {stderr} = await render()
    expect(stderr).not.toContain('to apply')
    expect(await changedFiles()).toBe('')
    for (const name of await flux.names()) await flux.reconcile(name)
    expect([await applied('hub'), await applied('west')]).toEqual(before)
    expect(await diff()).toMatchObject({code: 0})
  })

  test('diff shows a manual edit, and Flux reverts it', async () => {
    const patch = JSON.stringify([{op: 'replace', path: '/spec/servers/0/port/number', value: 15444}])
    const kind = 'gateways.networking.istio.io'
    await read('west', ...system, 'patch', kind, 'cross-network-gateway', '--type=json', '-p', patch)
    const edited = await diff()
    expect(edited).toMatchObject({code: 1, stdout: expect.stringMatching(/-.*15444\n\+.*15443/)})
    await flux.reconcile('fleet.west-35-listeners')
    expect(await diff()).toMatchObject({code: 0})
    const port = ['-o', 'jsonpath={.spec.servers[0].port.number}']
    expect(await read('west', ...system, 'get', kind, 'cross-network-gateway', ...port)).toBe('15443')
  })

  test('a new ClusterProfile: the next render brings Flux to the cluster, and it joins the mesh', async () => {
    await inventory.profile('fleet', 'south', {mesh: 'prod'})
    await writeFederation(['hub', 'west', 'south'])
    const names = await renderForFlux('Add south')
    expect(names).toContain('fleet.south-40-gateways')
    expect((await applied('south')).map(({metadata}) => metadata.name)).toContain(gateway)
    await complete(['south'])
    await expectGreen(3)
  })

  test('a document that is removed: Flux prunes its objects, and keeps the namespace', async () => {
    const spec = {context: 'west', namespace: 'vm', serviceAccount: 'db', port: ['tcp:5432'], address: ['10.0.0.5']}
    await writeDocument('VirtualMachine', 'db', spec)
    await renderForFlux('Add a VM')
    const kinds = 'workloadgroups.networking.istio.io,workloadentries.networking.istio.io,services'
    const left = () => read('west', '-n', 'vm', 'get', kinds, '-o', 'name')
    expect(await left()).toBe('workloadentry.networking.istio.io/db-10-0-0-5\n')
    await render()
    expect(await changedFiles()).toBe('')
    await rm(join(repository.folder, 'mesh/VirtualMachine.yaml'))
    await renderForFlux('Remove the VM', '--prune')
    await expect.poll(left, {timeout: 60_000}).toBe('')
    expect(await read('west', 'get', 'namespace', 'vm', '-o', 'jsonpath={.status.phase}')).toBe('Active')
  })

  test('a cluster that is removed: Flux prunes what it has applied there, and its own objects', async () => {
    const remove = ['federate', 'remove', ...inSource(), '--contexts', 'south', '--from', 'hub,west', '--yes']
    await meshOk(...remove)
    const label = ['-l', 'kustomize.toolkit.fluxcd.io/name']
    const kinds = 'deployments,services,serviceaccounts,gateways.networking.istio.io,roles,rolebindings'
    const left = () => read('south', 'get', kinds, '-A', ...label, '-o', 'name')
    expect(await left()).not.toBe('')
    await inventory.profile('fleet', 'south', {mesh: 'none'})
    await writeFederation(['hub', 'west'])
    const names = await renderForFlux('Remove south', '--prune')
    expect(names.join()).not.toContain('south')
    expect(await readdir(join(repository.folder, 'fleet/clusters'))).toEqual(['hub', 'west'])
    expect(await left()).toBe('')
    expect(await read('south', 'get', 'namespace', 'istio-system', '-o', 'jsonpath={.status.phase}')).toBe('Active')
    await expectGreen(2)
  })
})

/** Metadata without what an update of the status changes. */
function withoutStatus({resourceVersion: _, managedFields, ...metadata}: AnyObject['metadata']): AnyObject['metadata'] {
  const own = (managedFields as {subresource?: string}[]).filter(({subresource}) => subresource === undefined)
  return {...metadata, managedFields: own}
}
