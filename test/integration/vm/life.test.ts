import {existsSync} from 'node:fs'
import {chmod, mkdir, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {vmRecordName} from '../../../src/features/vm/spec-record.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
let count = 0

describe.skipIf(!servers)('the lifecycle of a VM registration', () => {
  let ground: Ground
  let namespace: string
  let folder: string
  /** Other files and earlier tests must not claim it. */
  let host: string

  beforeEach(async () => {
    ground = await openGround(servers!, {contexts: ['east'], balancer: false})
    namespace = `vms-${process.pid}-${++count}`
    folder = join(ground.folder, 'bundle')
    host = `web.${namespace}.test`
    const [east] = ground.clusters
    const service: AnyObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'istio-eastwestgateway', namespace: ground.namespace, labels: {istio: 'eastwestgateway'}},
    }
    const ports = [15_443, 15_012, 15_017].map(port => ({name: `p-${port}`, port}))
    await east!.api.apply({...service, spec: {type: 'LoadBalancer', selector: {istio: 'eastwestgateway'}, ports}})
    await east!.api.apply({...service, status: {loadBalancer: {ingress: [{ip: '127.0.0.1'}]}}}, 'status')
  })
  afterEach(() => ground?.close())

  const vm = (verb: string, ...args: string[]) =>
    ground.mesh(['vm', verb, ...args, ...(verb === 'list' ? [] : ['--system-namespace', ground.namespace])])
  const register = (...args: string[]) =>
    vm('register', 'web', '-n', namespace, '--service-account', 'web', '--output-dir', folder, ...args)
  const get = <T = AnyObject>(kind: string, name: string) =>
    ground.clusters[0]!.api.get<T>(
      `${kind.includes('/') ? '/apis' : '/api/v1'}/${kind.replace(/\/([^/]+)$/, `/namespaces/${namespace}/$1`).replace(/^([^/]+)$/, `namespaces/${namespace}/$1`)}/${name}`,
    )
  const custom = (kind: string, name: string) => get(`networking.istio.io/v1/${kind}`, name)

  const recordPath = () => `/api/v1/namespaces/${ground.namespace}/configmaps/${vmRecordName({namespace, name: 'web'})}`
  const recordedExpiry = async () =>
    (await ground.clusters[0]!.api.get<{data: Record<string, string>}>(recordPath()))!.data['token-expires']
  /** Waits for the next second: a token of the same second would expire at the same time, and the record would not change. */
  const secondAfter = async (token: string) => {
    const {iat} = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
    await vi.waitUntil(() => Date.now() >= (iat + 1) * 1000, {timeout: 30_000})
  }

  it('a second run writes nothing, keeps the token, and exits with 0', async () => {
    // The folder of a dry run is that of the token later.
    const dry = await register('--port', 'http:8080', '--host', host, '--dry-run=server')
    expect(dry.code, dry.stderr).toBe(0)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    const first = await register('--port', 'http:8080', '--host', host, '--yes')
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toMatch(/^workloadgroup.networking.istio.io\/web serverside-applied \(east\)$/m)
    const token = await readFile(join(folder, 'istio-token'), 'utf8')
    ground.reset()
    const again = await register('--port', 'http:8080', '--host', host)
    expect(again.code, again.stderr).toBe(0)
    expect(ground.writes()).toEqual([])
    expect(again.stdout).toMatch(/^bundle /)
    expect(await readFile(join(folder, 'istio-token'), 'utf8')).toBe(token)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect((await register('--port', 'http:8080', '--host', host, '--dry-run=server', '--exit-code')).code).toBe(0)
    expect((await register('--port', 'http:8081', '--host', host, '--dry-run=server', '--exit-code')).code).toBe(1)
  })

  it('a second run with fewer flags keeps the settings; --reset returns one to its default', async () => {
    const flags = ['--port', 'http:8080', '--host', host, '--token-duration', '2h', '--network', 'far']
    expect(await register(...flags, '--yes')).toMatchObject({code: 0})
    ground.reset()
    const again = await vm('register', 'web', '-n', namespace, '--output-dir', folder)
    expect(again.code, again.stderr).toBe(0)
    expect(ground.writes()).toEqual([])
    const reset = await register('--reset', 'network', '--token-duration', '3h', '--yes')
    expect(reset.code, reset.stderr).toBe(0)
    expect(reset.stderr).toContain('warning: tokens of the VM will be valid for 3h instead of 2h\n')
    const group = await custom('workloadgroups', 'web')
    expect(group).toMatchObject({spec: {template: {ports: {http: 8080}}}})
    expect(JSON.stringify(group)).not.toContain('far')
    expect(await custom('serviceentries', host)).toBeDefined()
    expect(await register('--reset', 'nonsense')).toMatchObject({code: 2, stderr: expect.stringContaining('nonsense')})
  })

  it('a mesh file is complete: a risky change by omission needs its flag with --yes', async () => {
    expect(await register('--label', 'app=shop', '--yes')).toMatchObject({code: 0})
    const file = join(ground.folder, 'vm.yaml')
    const spec = {name: 'web', namespace, serviceAccount: 'web'}
    await writeFile(file, JSON.stringify({apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'VirtualMachine', spec}))
    const apply = (...args: string[]) => vm('register', '-f', file, '--output-dir', folder, '--yes', ...args)
    ground.reset()
    const refused = await apply()
    expect(refused).toMatchObject({code: 2, stderr: expect.stringContaining('hint:  add --reset label to confirm')})
    expect(refused.stderr).toContain(
      'the hosts of the VM will select workloads with app=NAME of the VM instead of app=shop',
    )
    expect(ground.writes()).toEqual([])
    const applied = await apply('--reset', 'label')
    expect(applied.code, applied.stderr).toBe(0)
    expect(await custom('workloadgroups', 'web')).toMatchObject({spec: {metadata: {labels: {app: 'web'}}}})
  })

  it('--dry-run=client sends no request, and the server accepts its YAML', async () => {
    const flags = ['--port', 'http:8080', '--host', host, '--probe', 'tcp:8080', '--weight', '3']
    const args = ['register', 'web', '-n', namespace, '--service-account', 'web', ...flags] as const
    const printed = await vm(...args, '--dry-run=client', '--include-secrets')
    expect(printed.code, printed.stderr).toBe(0)
    expect(ground.clusters[0]!.proxy.requests).toEqual([])
    const objects = loadAll(printed.stdout) as AnyObject[]
    expect(objects.map(({kind}) => kind)).toContain('WorkloadGroup')
    for (const object of objects) await ground.clusters[0]!.api.apply(object)
  })

  it('reports a missing confirmation, an invalid flag and a missing flag, and sends nothing', async () => {
    const noYes = await register()
    expect(noYes).toMatchObject({code: 2, stderr: expect.stringContaining('add --yes')})
    const wrong = await register('--address', '10.0.0.300', '--port', 'http:99999')
    expect(wrong).toMatchObject({code: 2, stdout: ''})
    expect(wrong.stderr).toBe(
      'error: --address 10.0.0.300 is not an IP address or host name\nerror: --port http:99999: the port must be between 1 and 65535\n',
    )
    expect(await vm('register', '--no-input')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/NAME is missing[\s\S]*--service-account is missing/),
    })
    expect(ground.writes()).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })

  it('refuses a folder that other users can access before anything is written', async () => {
    await mkdir(folder, {mode: 0o755})
    await chmod(folder, 0o755)
    expect(await register('--yes')).toMatchObject({code: 3, stderr: expect.stringContaining(`chmod 700 ${folder}`)})
    expect(ground.writes()).toEqual([])
    await chmod(folder, 0o700)
    await writeFile(join(folder, 'mine'), 'x')
    expect(await register('--yes')).toMatchObject({code: 0})
    expect(await readdir(folder)).toContain('mine')
    expect((await stat(join(folder, 'istio-token'))).mode & 0o777).toBe(0o600)
  })

  it('a change from addresses to self-registration replaces the entries by a group', async () => {
    const one = await register('--port', 'http:8080', '--address', '10.0.0.5', '--address', '2001:db8::5', '--yes')
    expect(one.code, one.stderr).toBe(0)
    expect(await custom('workloadentries', 'web-10-0-0-5')).toMatchObject({
      spec: {address: '10.0.0.5', labels: {app: 'web'}, ports: {http: 8080}, serviceAccount: 'web'},
    })
    expect(await custom('workloadgroups', 'web')).toBeUndefined()
    expect(await readFile(join(folder, 'cluster.env'), 'utf8')).not.toMatch(/ISTIO_SVC_IP|AUTO_REGISTER/)
    const kept = await register('--auto-register', '--yes')
    expect(kept).toMatchObject({code: 2, stderr: expect.stringContaining('--reset address')})
    const other = await register('--auto-register', '--reset', 'address', '--yes')
    expect(other.code, other.stderr).toBe(0)
    expect(await custom('workloadentries', 'web-10-0-0-5')).toBeUndefined()
    expect(await custom('workloadgroups', 'web')).toBeDefined()
    const list = await vm('list', '-n', namespace)
    expect(list.stdout).toMatch(new RegExp(`^${namespace} +web +- +- `, 'm'))
  })

  it('refuses an address that is already registered', async () => {
    await register('--address', '10.0.0.6', '--yes')
    const twice = () =>
      vm(
        'register',
        'db',
        '-n',
        namespace,
        '--service-account',
        'db',
        '--address',
        '10.0.0.6',
        '--output-dir',
        `${folder}-db`,
        '--yes',
      )
    expect(await twice()).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`10.0.0.6 is already registered as WorkloadEntry ${namespace}/web-10-0-0-6`),
    })
  })

  it('uses an existing host that selects the VM; refuses any other with the label that it selects', async () => {
    const {api} = ground.clusters[0]!
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await api.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'shop', namespace},
      spec: {selector: {app: 'shop'}, ports: [{name: 'http', port: 80}]},
    })
    const host = ['--port', 'http:80', '--host', `shop.${namespace}.svc.cluster.local`, '--yes']
    expect(await register(...host)).toMatchObject({code: 3, stderr: expect.stringContaining('hint:  --label app=shop')})
    const registered = await register(...host, '--label', 'app=shop')
    expect(registered.code, registered.stderr).toBe(0)
    expect(registered.stdout).not.toMatch(/service\/shop/)
    const removed = await vm('remove', 'web', '-n', namespace, '--yes')
    expect(removed.code, removed.stderr).toBe(0)
    expect(await get('services', 'shop')).toBeDefined()
  })

  it('remove deletes the created objects and revokes the tokens; the namespace, the exposure and another VM stay', async () => {
    await register('--port', 'http:8080', '--host', host, '--host', `web.${namespace}.svc`, '--yes')
    const db = await vm(
      'register',
      'db',
      '-n',
      namespace,
      '--service-account',
      'web',
      '--address',
      '10.1.0.1',
      '--output-dir',
      `${folder}-db`,
      '--yes',
    )
    expect(db.code, db.stderr).toBe(0)
    const tokens = await Promise.all(
      [folder, `${folder}-db`].map(async place => readFile(join(place, 'istio-token'), 'utf8')),
    )
    expect(await Promise.all(tokens.map(isAccepted))).toEqual([true, true])

    expect(await vm('remove', 'web', '-n', namespace)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    })
    expect(await vm('remove', 'web', '-n', namespace, '--dry-run=client')).toMatchObject({code: 2})
    const removed = await vm('remove', 'web', '-n', namespace, '--yes', '-o', 'name')
    expect(removed.code, removed.stderr).toBe(0)
    expect(removed.stdout.split('\n')).toEqual(
      expect.arrayContaining(['workloadgroup.networking.istio.io/web', `serviceentry.networking.istio.io/${host}`]),
    )
    for (const [kind, name] of [
      ['workloadgroups', 'web'],
      ['serviceentries', host],
    ] as const)
      expect(await custom(kind, name), kind).toBeUndefined()
    expect(await get('services', 'web')).toBeUndefined()
    expect(await get('configmaps', 'kubectl-mesh-vm-web')).toBeUndefined()
    expect(await custom('workloadentries', 'db-10-1-0-1')).toBeDefined()
    // VM db uses the same service account.
    expect(await get('serviceaccounts', 'web')).toBeDefined()
    expect(removed.stderr).toContain('serviceaccount/web stays, because it is used by workloadentry')
    expect(
      await ground.clusters[0]!.api.get(
        `/apis/networking.istio.io/v1/namespaces/${ground.namespace}/gateways/istiod-gateway`,
      ),
    ).toBeDefined()
    // An API server caches the review of a token for 10 seconds.
    await expect.poll(() => Promise.all(tokens.map(isAccepted)), {timeout: 30_000}).toEqual([false, true])

    const again = await vm('remove', 'web', '-n', namespace, '--yes')
    expect(again).toMatchObject({code: 0, stdout: '', stderr: expect.stringContaining('nothing to remove')})
  })

  it('renew writes a new token and the current root certificate; it refuses a VM without a registration', async () => {
    expect(await vm('renew', 'web', '-n', namespace, '--output-dir', folder)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('was not registered by kubectl mesh'),
    })
    await register('--token-duration', '2h', '--yes')
    const token = await readFile(join(folder, 'istio-token'), 'utf8')
    ground.reset()
    await secondAfter(token)
    const renewed = await vm('renew', 'web', '-n', namespace, '--output-dir', folder)
    expect(renewed.code, renewed.stderr).toBe(0)
    const fresh = await readFile(join(folder, 'istio-token'), 'utf8')
    expect(fresh).not.toBe(token)
    expect(await isAccepted(fresh)).toBe(true)
    const {exp, iat} = JSON.parse(Buffer.from(fresh.split('.')[1]!, 'base64url').toString())
    expect(exp - iat).toBe(7200)
    // The only writes are the TokenRequest, and the record, which stores when the token expires.
    expect(ground.writes().map(({method, url}) => `${method} ${url.replace(/\?.*/, '')}`)).toEqual([
      `POST /api/v1/namespaces/${namespace}/serviceaccounts/web/token`,
      `PATCH ${recordPath()}`,
    ])
    expect(await recordedExpiry()).toBe(new Date(exp * 1000).toISOString())
  })

  it('the record stores when the token expires: `vm list` shows it, and a later run repairs it', async () => {
    const {api} = ground.clusters[0]!
    await register('--yes')
    const [, payload = ''] = (await readFile(join(folder, 'istio-token'), 'utf8')).split('.')
    const expires = new Date(JSON.parse(Buffer.from(payload, 'base64url').toString()).exp * 1000).toISOString()
    expect(await recordedExpiry()).toBe(expires)
    const listed = await vm('list', '-n', namespace, '-o', 'json')
    expect(JSON.parse(listed.stdout).vms).toMatchObject([{group: 'web', tokenExpires: expires}])
    expect((await vm('list', '-n', namespace, '-o', 'wide')).stdout).toMatch(/ expires in \d+m\S* /)

    // An earlier version, or a run that was killed after it had written the files.
    const record = (await api.get<AnyObject & {data: Record<string, string>}>(recordPath()))!
    const {'token-expires': _, ...data} = record.data
    await api.replace({...record, data}, 'tester')
    const unknown = await vm('list', '-n', namespace, '-o', 'json')
    expect(JSON.parse(unknown.stdout).vms[0]).not.toHaveProperty('tokenExpires')
    expect(await register()).toMatchObject({code: 0})
    expect(await recordedExpiry()).toBe(expires)
  })

  it('renew by a user who may not write the record warns; another failure of this write is exit code 4', async () => {
    await register('--yes')
    const before = await readFile(join(folder, 'istio-token'), 'utf8')
    const {proxy} = ground.clusters[0]!
    const answer = (status: number) => {
      proxy.decide = ({method, url}) => (method === 'PATCH' && url.startsWith(recordPath()) ? {status} : 'pass')
    }
    answer(403)
    await secondAfter(before)
    const denied = await vm('renew', 'web', '-n', namespace, '--output-dir', folder)
    expect(denied.code, denied.stderr).toBe(0)
    expect(denied.stderr).toMatch(/^warning: the token was issued, but ConfigMap \S+ does not store when it expires: /m)
    expect(await readFile(join(folder, 'istio-token'), 'utf8')).not.toBe(before)
    answer(422)
    const failed = await vm('renew', 'web', '-n', namespace, '--output-dir', folder)
    expect(failed).toMatchObject({code: 4, stderr: expect.stringContaining('hint:  run the same command again\n')})
    ground.reset()
    expect(await vm('renew', 'web', '-n', namespace, '--output-dir', folder)).toMatchObject({code: 0, stderr: ''})
  })

  it('renew finds the registration only in the namespace of its control plane', async () => {
    await register('--yes')
    const renewed = await ground.mesh(['vm', 'renew', 'web', '-n', namespace, '--output-dir', folder])
    expect(renewed).toMatchObject({code: 3, stderr: expect.stringContaining('--system-namespace')})
    expect(await vm('renew', 'web', '-n', namespace, '--output-dir', folder)).toMatchObject({code: 0})
    expect(await readFile(join(folder, 'hosts'), 'utf8')).toBe(`127.0.0.1 istiod.${ground.namespace}.svc\n`)
  })

  it.each([
    ['cloud-init', ['user-data']],
    ['script', ['install-web.sh']],
  ])('--format %s writes one file that only its owner can read; renew keeps the format', async (format, files) => {
    expect(await register('--format', format, '--yes')).toMatchObject({code: 0})
    expect(await readdir(folder)).toEqual(files)
    expect((await stat(join(folder, files[0]!))).mode & 0o777).toBe(0o600)
    const before = await readFile(join(folder, files[0]!), 'utf8')
    expect(await vm('renew', 'web', '-n', namespace, '--output-dir', folder)).toMatchObject({code: 0})
    expect(await readdir(folder)).toEqual(files)
    expect(await readFile(join(folder, files[0]!), 'utf8')).not.toBe(before)
  })

  it('the host of a ServiceEntry in another namespace is reported before the registration, and by verify', async () => {
    const {api} = ground.clusters[0]!
    const payments = `payments-${namespace}`
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: payments}})
    await api.apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: 'saas', namespace: payments},
      spec: {
        hosts: [host],
        ports: [{name: 'http', number: 80, protocol: 'HTTP'}],
        resolution: 'STATIC',
        endpoints: [{address: '198.51.100.9'}],
      },
    })
    const finding = `ServiceEntry ${payments}/saas also has host ${host}: clients in namespace ${namespace} use the VM, all others the older entry`
    const flags = ['--port', 'http:8080', '--host', host, '--address', '10.77.0.1']
    ground.reset()
    const shown = await vm('register', 'web', '-n', namespace, '--service-account', 'web', ...flags, '--dry-run=server')
    expect(shown.stderr).toContain(`warning: ${finding}\nhint:  specify another --host\n`)
    expect(ground.writes()).toEqual([])
    const registered = await register(...flags, '--yes')
    expect(registered.code, registered.stderr).toBe(0)
    expect((await vm('verify', 'web', '-n', namespace, '--output-dir', folder)).stdout).toContain(`‼ ${finding}`)
    await api.delete(`/apis/networking.istio.io/v1/namespaces/${payments}/serviceentries/saas`)
  })

  it('does not enable DNS capture in a mesh config that another tool reverts, unless the user insists', async () => {
    const {api} = ground.clusters[0]!
    const labels = {'helm.toolkit.fluxcd.io/name': 'istiod', 'helm.toolkit.fluxcd.io/namespace': 'flux-system'}
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'istio', namespace: ground.namespace, labels},
    }
    await api.apply(configMap, undefined, 'installer')
    ground.reset()
    const refused = await register('--port', 'http:8080', '--host', host, '--yes')
    expect(refused.code, refused.stderr).toBe(3)
    expect(refused.stderr).toContain('configmap/istio in')
    expect(refused.stderr).toMatch(/is managed by Flux HelmRelease istiod, which reverts this change/)
    expect(refused.stderr).toContain('add --overwrite-managed')
    expect(ground.writes()).toEqual([])
    const without = await register('--port', 'http:8080', '--host', host, '--no-capture-dns', '--yes')
    expect(without.code, without.stderr).toBe(0)
  })

  it('verify reports each problem with a hint, and exits with 5', async () => {
    expect(await vm('verify', 'web', '-n', namespace)).toMatchObject({
      code: 5,
      stdout: expect.stringContaining(`✘ no WorkloadGroup ${namespace}/web`),
    })
    await register('--port', 'http:8080', '--host', host, '--address', '10.2.0.1', '--network', 'far', '--yes')
    const {api} = ground.clusters[0]!
    const fine = await vm('verify', 'web', '-n', namespace, '--output-dir', folder, '-o', 'json')
    const findings = () => JSON.parse(fine.stdout).verified[0].findings.map(({check}: {check: string}) => check)
    expect(findings()).toEqual(['gateway-reachable', 'connected', 'network'])
    await api.apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: {name: 'copy', namespace},
      spec: {address: '10.2.0.1', network: 'far'},
    })
    await api.apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: host, namespace},
      spec: {
        hosts: [host],
        ports: [{name: 'other', number: 90, protocol: 'HTTP'}],
        location: 'MESH_INTERNAL',
        resolution: 'STATIC',
        workloadSelector: {labels: {app: 'else'}},
      },
    })
    await rm(folder, {recursive: true})
    const {code, stdout} = await vm('verify', 'web', '-n', namespace, '--output-dir', folder)
    expect(code).toBe(5)
    for (const text of [
      '✘ address 10.2.0.1 is also registered as WorkloadEntry',
      `✘ ServiceEntry ${host} (host ${host}) does not select the VM`,
      `✘ ${host} port other (90) leads to 90`,
      '‼ no bundle in',
      'no gateway with an address leads into',
    ])
      expect(stdout).toContain(text)
    expect(stdout.match(/^ {2}[✘‼]/gm)!.length).toBeLessThanOrEqual(stdout.match(/^ {6}hint: /gm)!.length)
  })

  it('reports features that are disabled in istiod before anything is written', async () => {
    const {api} = ground.clusters[0]!
    const deployment = (await api.get(
      `/apis/apps/v1/namespaces/${ground.namespace}/deployments/istiod`,
    ))! as AnyObject & {
      spec: {template: {spec: {containers: {env: object[]}[]}}}
    }
    deployment.spec.template.spec.containers[0]!.env.push({
      name: 'PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION',
      value: 'false',
    })
    const {apiVersion, kind, spec} = deployment
    await api.apply({
      apiVersion,
      kind,
      metadata: {name: 'istiod', namespace: ground.namespace, labels: deployment.metadata.labels as object},
      spec,
    } as AnyObject)
    const refused = await register('--yes')
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('auto-registration is disabled in istiod'),
    })
    expect(refused.stderr).toContain('set env deployment/istiod PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION=true')
    expect(
      await ground.mesh([
        'vm',
        'register',
        'web',
        '-n',
        namespace,
        '--service-account',
        'web',
        '--system-namespace',
        'nowhere',
      ]),
    ).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no istiod without a revision in namespace nowhere'),
    })
    expect(ground.writes()).toEqual([])
  })

  /** Whether the API server accepts a token with the audience of the CA of istiod. */
  async function isAccepted(token: string): Promise<boolean> {
    const review = await ground.clusters[0]!.api.create({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      metadata: {name: ''},
      spec: {token: token.trim(), audiences: ['istio-ca']},
    })
    return (review.status as {authenticated?: boolean}).authenticated === true
  }
})
