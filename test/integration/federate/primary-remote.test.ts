import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {createServer} from 'node:https'
import {join} from 'node:path'
import {afterEach, describe, expect, inject, it} from 'vitest'
import {type Ground, type GroundOptions, isWrite, openGround} from '../../support/ground/ground.ts'
import {type Interruption, interruptedAt} from '../../support/ground/interrupted.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import {repeat} from '../../support/repeat.ts'
import {run, runOk} from '../../support/run.ts'
import {type AnyObject, type Api, pathOf} from '../../support/servers/api.ts'
import {findKubectl} from '../../support/servers/kubectl.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const tools = inject('renderTools')
const chart = join(tools?.charts ?? '', 'istio-control/istio-discovery')

interface Webhook {
  name: string
  clientConfig: {caBundle?: string; service: {name: string; port: number; path: string}}
}

/** Writes a CA bundle to a webhook configuration when it exists, like istiod of the primary. Returns a function that stops it. */
function playIstiod(api: Api, name: string, caBundle = () => 'LS0tLS1CRUdJTg=='): () => void {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`
  return repeat(async () => {
    const found = await api.get<AnyObject & {webhooks: Webhook[]}>(path)
    if (!found?.webhooks.some(({clientConfig}) => clientConfig.caBundle !== caBundle())) return
    for (const {clientConfig} of found.webhooks) clientConfig.caBundle = caBundle()
    await api.replace(found, 'pilot-discovery')
  })
}

describe.skipIf(!servers || !tools)('primary-remote: west has no control plane and uses the istiod of east', () => {
  let ground: Ground
  let stop = () => {}
  afterEach(async () => {
    stop()
    // Its webhook would reject pods in the shared servers.
    await ground.cluster('west').api.delete(injectorPath())
    await ground.close()
  })

  const injectorName = () => `istio-sidecar-injector-${ground.namespace}`
  const injectorPath = () => `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${injectorName()}`
  const here = (rest: string) => `/api/v1/namespaces/${ground.namespace}/${rest}`
  const env = () => ({PATH: `${tools!.istioctl}:${tools!.helm}:${process.env.PATH}`})
  const mode = ['--mode', 'primary-remote', '--control-plane', 'istioctl']
  const federate = (args: readonly string[], options: Partial<Pick<Interruption, 'onStart'>> = {}) =>
    ground.federate([...mode, ...args], {env: env(), ...options})
  const state = () =>
    Promise.all(
      ground.clusters.map(async ({api}) => comparable(await readAll(api, ground.namespace), ground.namespace)),
    )

  async function open(options: GroundOptions = {}) {
    ground = await openGround(servers!, {
      controlPlane: context => context === 'east' && {servesRemotes: true},
      ...options,
    })
    stop = playIstiod(ground.cluster('west').api, injectorName())
  }

  it('a Service that a namespace administrator labels as a gateway does not become the address of istiod', async () => {
    await open()
    const namespace = `team-${ground.namespace}`
    const admin = await namespaceAdmin(ground.cluster('east'), namespace)
    const labels = {'topology.istio.io/network': `east.${ground.namespace}`}
    const ports = [15443, 15012, 15017].map(port => ({name: `p-${port}`, port}))
    const spec = {ports, selector: {app: 'mine'}, externalIPs: ['192.0.2.66']}
    await admin.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'gw', namespace, labels},
      spec,
    } as AnyObject)
    admin.close()
    const {code, stdout, stderr} = await federate(['--dry-run=server'])
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`east: Service gw in namespace ${namespace} is labelled as a gateway`)
    expect(stdout).not.toContain('192.0.2.66')
    expect(stdout).toMatch(/^\+ *name: istio-eastwestgateway$/m)
  })

  it.each([
    ['istioctl', 'an address', '203.0.113.1', () => []],
    ['istioctl', 'a host name', 'lb.example.com', () => []],
    ['helm', 'an address', '2001:db8::1', () => ['--chart', chart]],
  ])(
    'the objects that %s renders for a primary at %s pass the strict dry run of a real server',
    async (via, _, address, more) => {
      await open()
      const kubectl = await findKubectl()
      const args = ['--control-plane', via, '--remote-pilot-address', address, ...more()]
      const west = ground.cluster('west')
      await west.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: ground.namespace}})
      const result = await ground.federate(
        ['--mode', 'primary-remote', ...args, '--dry-run=client', '--only', 'west'],
        {
          env: env(),
        },
      )
      expect(result.code, result.stderr).toBe(0)
      expect(result.stdout).toContain(address)
      const server = ['--server-side', '--dry-run=server', '--validate=strict', '--force-conflicts']
      const {kubeconfig, context} = west.direct
      const checked = await run(
        [kubectl, '--kubeconfig', kubeconfig, '--context', context, 'apply', ...server, '-f', '-'],
        {input: result.stdout},
      )
      expect(checked).toMatchObject({code: 0, stderr: ''})
      expect(checked.stdout).toMatch(/^mutatingwebhookconfiguration.*serverside-applied/m)
    },
  )

  it('a server dry run names the values that are not known yet, and writes nothing', async () => {
    await open()
    const {code, stdout, stderr} = await federate(['--dry-run=server'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^warning: reader accounts get access to all Secrets of west/)
    expect(stdout).toContain(
      '(new; 192.0.2.1 is a placeholder for the address of the gateway of east, which is known only during apply)',
    )
    expect(stdout).toMatch(/^\+ {4}topology\.istio\.io\/controlPlaneClusters: east$/m)
    expect(ground.writes()).toEqual([])
  })

  it('joins in a safe order, changes nothing in a second run, and leaves no objects behind', async () => {
    await open()
    const before = await state()
    const {code, stdout, stderr} = await federate(['--yes'])
    expect(code, stderr).toBe(0)
    const order = [
      `namespace/${ground.namespace} created (west)`,
      'service/istio-eastwestgateway serverside-applied (west)',
      'secret/istio-remote-secret-west serverside-applied (east)',
      `${injectorName()} serverside-applied (west)`,
      'deployment.apps/istio-eastwestgateway serverside-applied (west)',
    ]
    const at = order.map(line => stdout.indexOf(line))
    expect(at).toEqual([...at].sort((a, b) => a - b))
    expect(at[0]).toBeGreaterThanOrEqual(0)
    expect(stdout).toMatch(/^east +- +own +203\.0\.113\.1 +ok +1 of 1 +joined$/m)
    expect(stdout).toMatch(/^west +- +of east +203\.0\.113\.2 +- +- +joined$/m)
    const west = ground.cluster('west')
    expect(await west.api.get(here('secrets/istio-remote-secret-east'))).toBeUndefined()
    const {webhooks} = (await west.api.get<AnyObject & {webhooks: Webhook[]}>(injectorPath()))!
    const path = `/inject/cluster/west/net/west`
    for (const {clientConfig} of webhooks) expect(clientConfig.service).toMatchObject({name: 'istiod', port: 443, path})
    const slices = await west.api.get<{items: {endpoints: {addresses: string[]}[]}[]}>(
      `/apis/discovery.k8s.io/v1/namespaces/${ground.namespace}/endpointslices`,
    )
    expect(slices!.items.flatMap(({endpoints}) => endpoints)).toEqual([
      expect.objectContaining({addresses: ['203.0.113.1']}),
    ])

    ground.reset()
    const second = await federate(['--yes'])
    expect(second).toMatchObject({code: 0, stderr: expect.not.stringContaining('warning')})
    expect(ground.writes()).toEqual([])
    expect(await federate(['--dry-run=server', '--exit-code'])).toMatchObject({code: 0})

    const remove = ['federate', 'remove', '--system-namespace', ground.namespace, '--yes']
    expect(await ground.mesh([...remove, '--contexts', 'east', '--from', 'west'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('east is the primary of west, which would be left without a control plane'),
    })
    expect(await ground.mesh([...remove, '--contexts', 'east'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('east is the primary of west'),
    })
    expect(ground.writes()).toEqual([])
    expect(await ground.mesh([...remove, '--contexts', 'east,west'])).toMatchObject({code: 0})
    const [east, after] = (await state()) as Record<string, AnyObject>[]
    expect(east).toEqual(before[0])
    // The namespace stays, with the objects that Kubernetes creates in it.
    const left = Object.keys(after!).filter(one => !/ (NAMESPACE)?\/(kube-root-ca.crt|default|NAMESPACE)$/.test(one))
    expect(left).toEqual([])
    const namespace = await west.api.get<AnyObject>(`/api/v1/namespaces/${ground.namespace}`)
    expect(namespace!.metadata).not.toHaveProperty('annotations')
    expect(JSON.stringify(namespace!.metadata.labels)).not.toContain('topology')
  })

  it('a remote cluster that gets a control plane is no longer managed by the former primary', async () => {
    await open()
    expect(await federate(['--yes'])).toMatchObject({code: 0})
    // Without the flag, the mode stays.
    ground.reset()
    const withoutMode = await ground.federate(['--yes'], {env: env()})
    expect(withoutMode.code, withoutMode.stderr).toBe(0)
    expect(ground.writes()).toEqual([])
    const ca = join(ground.folder, 'ca')
    expect(await ground.mesh(['ca', 'init', '--dir', ca])).toMatchObject({code: 0})
    const own = ['--mode', 'multi-primary', '--control-plane', 'istioctl', '--ca-dir', ca, '--wait=false', '--yes']
    const {code, stderr} = await ground.federate(own, {env: env()})
    expect(code, stderr).toBe(0)
    const {api} = ground.cluster('west')
    const {metadata} = (await api.get<AnyObject>(`/api/v1/namespaces/${ground.namespace}`))!
    expect(metadata).not.toHaveProperty('annotations')
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${ground.namespace}/endpointslices/istiod`
    expect(await api.get(slices)).toBeUndefined()
    expect(await api.get(here('secrets/istio-remote-secret-east'))).toBeDefined()
    const exposure = `/apis/networking.istio.io/v1/namespaces/${ground.namespace}/virtualservices/istiod-vs`
    expect(await ground.cluster('east').api.get(exposure)).toBeUndefined()
    expect(await ground.federate([...own, '--dry-run=server', '--exit-code'], {env: env()})).toMatchObject({code: 0})
  })

  it('a remote cluster that was set up manually is adopted, and its objects stay when it leaves', async () => {
    await open()
    const {api, direct} = ground.cluster('west')
    const at = ['--kubeconfig', direct.kubeconfig, '--context', direct.context]
    const annotations = {'topology.istio.io/controlPlaneClusters': 'east'}
    const labels = {'topology.istio.io/network': 'west'}
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: ground.namespace, annotations, labels}})
    const values = [
      'profile=remote',
      `values.global.istioNamespace=${ground.namespace}`,
      'values.global.remotePilotAddress=203.0.113.1',
      'values.istiodRemote.injectionPath=/inject/cluster/west/net/west',
    ].flatMap(value => ['--set', value])
    const manifest = await runOk([join(tools!.istioctl, 'istioctl'), 'manifest', 'generate', ...values])
    const objects = manifest.split(/^---$/m).filter(text => !/^kind: CustomResourceDefinition$/m.test(text))
    const kubectl = await findKubectl()
    await runOk([kubectl, ...at, 'apply', '--server-side', '-f', '-'], {input: objects.join('---\n')})
    const before = await readAll(api, ground.namespace)

    const keep = ['--mode', 'primary-remote', '--yes']
    const {code, stdout, stderr} = await ground.federate(keep)
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^west .* of east .* joined$/m)
    const written = stdout.split('\n').filter(line => line.endsWith('(west)'))
    expect(written.filter(line => /reader|injector|service\/istiod |namespace/.test(line))).toEqual([])
    expect(await ground.federate(['--mode', 'primary-remote', '--dry-run=server', '--exit-code'])).toMatchObject({
      code: 0,
    })

    const remove = ['federate', 'remove', '--system-namespace', ground.namespace, '--yes']
    expect(await ground.mesh([...remove, '--contexts', 'west', '--from', 'east'])).toMatchObject({code: 0})
    const left = await readAll(api, ground.namespace)
    expect(Object.keys(left).sort()).toEqual(Object.keys(before).sort())
    const {metadata} = (await api.get<AnyObject>(`/api/v1/namespaces/${ground.namespace}`))!
    expect(metadata).toMatchObject({annotations, labels})
  })

  it('on a single network only the primary has a gateway, and no cluster has a network', async () => {
    await open({controlPlane: context => context === 'east' && {servesRemotes: true, network: ''}})
    const {code, stdout, stderr} = await federate(['--single-network', '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^west +- +of east +- +- +- +joined$/m)
    expect(await ground.cluster('west').api.get(here('services/istio-eastwestgateway'))).toBeUndefined()
    const {metadata} = (await ground.cluster('east').api.get<AnyObject>(here('services/istio-eastwestgateway')))!
    expect(metadata.labels).not.toHaveProperty('topology.istio.io/network')
    expect(await federate(['--single-network', '--dry-run=server', '--exit-code'])).toMatchObject({code: 0})
  })

  it('a primary with a host name: the API server calls the webhook at that name and port 15017', async () => {
    await open()
    expect(await federate(['--yes'])).toMatchObject({code: 0})
    // The change from an address to a name removes the EndpointSlice of the address.
    const named = ['--remote-pilot-address', 'localhost']
    expect(await federate([...named, '--yes'])).toMatchObject({code: 0})
    const west = ground.cluster('west').api
    const {spec} = (await west.get<AnyObject>(here('services/istiod')))!
    expect(spec).toMatchObject({type: 'ExternalName', externalName: 'localhost'})
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${ground.namespace}/endpointslices`
    expect((await west.get<{items: object[]}>(slices))!.items).toEqual([])
    expect(await federate([...named, '--dry-run=server', '--exit-code'])).toMatchObject({code: 0})

    // Start an istiod at that name.
    const files = ['key.pem', 'cert.pem'].map(name => join(ground.folder, name)) as [string, string]
    const san = `subjectAltName=DNS:istiod.${ground.namespace}.svc`
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-subj', '/CN=istiod', '-addext', san, '-keyout', files[0], '-out', files[1]],
      ],
      {stdio: 'ignore'},
    )
    const asked: string[] = []
    const istiod = createServer({key: readFileSync(files[0]), cert: readFileSync(files[1])}, (request, response) => {
      asked.push(request.url!.replace(/\?.*/, ''))
      response.statusCode = 500
      response.end('this istiod only records requests')
    })
    await new Promise<void>(resolve => istiod.listen(15_017, 'localhost', resolve))
    try {
      stop()
      stop = playIstiod(west, injectorName(), () => readFileSync(files[1]).toString('base64'))
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {name: 'x', namespace: ground.namespace, labels: {'sidecar.istio.io/inject': 'true'}},
        spec: {containers: [{name: 'x', image: 'x'}], serviceAccountName: 'default'},
      }
      const tried = async () => {
        // Rejected, because this istiod only records requests.
        await west.create(pod).catch(() => undefined)
        return asked
      }
      await expect.poll(tried, {timeout: 30_000, interval: 300}).toContain('/inject/cluster/west/net/west')
    } finally {
      istiod.closeAllConnections()
      await new Promise(resolve => istiod.close(resolve))
      await west.delete(pathOf({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'x', namespace: ground.namespace}}))
    }
  })

  it('killed after any write: the next run continues, to the same result', async () => {
    await open()
    expect(await federate(['--yes'])).toMatchObject({code: 0})
    const undisturbed = await state()
    stop()
    await ground.cluster('west').api.delete(injectorPath())
    await ground.close()
    await open()
    for (let kills = 0; ; kills++) {
      expect(kills).toBeLessThan(30)
      const {code, stderr} = await federate(['--yes'], killedAfter(ground, 4))
      ground.reset()
      if (code === 0) break
      expect(code, stderr).toBe(-1)
    }
    expect(await state()).toEqual(undisturbed)
    expect(await federate(['--dry-run=server', '--exit-code'])).toMatchObject({code: 0})
  })

  it('if the primary fails, the remote cluster waits and is not changed; the next run continues', async () => {
    await open()
    ground.cluster('east').proxy.decide = request =>
      isWrite(request) && request.url.includes('/virtualservices/') ? {status: 422} : 'pass'
    const failed = await federate(['--yes'])
    expect(failed).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('west: not completed, because its primary east failed'),
    })
    expect(await ground.cluster('west').api.get(injectorPath())).toBeUndefined()
    ground.reset()
    expect(await federate(['--yes'])).toMatchObject({code: 0})
  })

  it('an object that a remote cluster rejects in the last stage is reported, with the command to resume', async () => {
    await open()
    ground.cluster('west').proxy.decide = ({method, url}) =>
      method === 'PATCH' && url.includes('/mutatingwebhookconfigurations/')
        ? {status: 422, body: {message: 'no'}}
        : 'pass'
    const failed = await federate(['--yes'])
    expect(failed).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/error: west: no\nhint: +to continue: kubectl mesh federate/),
    })
    expect(failed.stdout).toMatch(/^east .* joined\nwest .* failed/m)
    ground.reset()
    expect(await federate(['--yes'])).toMatchObject({code: 0})
  })

  it('a read that a remote cluster rejects in the last stage is reported, too', async () => {
    await open()
    let known = false
    ground.cluster('east').proxy.decide = ({method, url}) => {
      known ||= method === 'PATCH' && url.includes('/istio-remote-secret-west') && !url.includes('dryRun')
      return 'pass'
    }
    ground.cluster('west').proxy.decide = ({method, url}) =>
      known && method === 'GET' && url.includes('/mutatingwebhookconfigurations?')
        ? {status: 422, body: {message: 'no'}}
        : 'pass'
    const failed = await federate(['--yes'])
    expect(failed).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/error: west: no\nhint: +to continue: kubectl mesh/),
    })
    expect(failed.stdout).toMatch(/^east .* joined\nwest .* failed/m)
  })

  it('with --wait=false, the gateway of the remote cluster is created by the next run', async () => {
    await open()
    stop()
    const {code, stdout, stderr} = await federate(['--remote-pilot-address', '203.0.113.1', '--wait=false', '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^west .* waits for east$/m)
    const gateway = `/apis/apps/v1/namespaces/${ground.namespace}/deployments/istio-eastwestgateway`
    expect(await ground.cluster('west').api.get(gateway)).toBeUndefined()
    stop = playIstiod(ground.cluster('west').api, injectorName())
    expect(await federate(['--yes'])).toMatchObject({code: 0, stdout: expect.stringMatching(/^west .* joined$/m)})
    expect(await ground.cluster('west').api.get(gateway)).toBeDefined()
  })

  it('another kind of token: the old token is revoked once the new one is in place', async () => {
    await open()
    expect(await federate(['--yes'])).toMatchObject({code: 0})
    const {code, stdout, stderr} = await federate(['--credential-duration', '1h', '--yes'])
    expect(code, stderr).toBe(0)
    const lines = stdout.split('\n').filter(line => line.includes('secret/'))
    // The record of the rotation is written before each step that a killed run would leave half done.
    expect(lines).toEqual([
      'secret/kubectl-mesh-rotation serverside-applied (east)',
      'secret/istio-remote-bound-token-east serverside-applied (west)',
      'secret/istio-remote-secret-west serverside-applied (east)',
      'secret/kubectl-mesh-rotation serverside-applied (east)',
      'secret/istio-remote-token-east deleted (west)',
      'secret/kubectl-mesh-rotation serverside-applied (east)',
      'secret/kubectl-mesh-rotation serverside-applied (east)',
    ])
  })

  it('the next removal continues after one that failed', async () => {
    await open()
    expect(await federate(['--yes'])).toMatchObject({code: 0})
    const remove = ['federate', 'remove', '--system-namespace', ground.namespace, '--contexts', 'west', '--yes']
    ground.cluster('west').proxy.decide = ({method, url}) =>
      method === 'DELETE' && url.includes('/configmaps/values') ? {status: 422, body: {message: 'no'}} : 'pass'
    const failed = await ground.mesh(remove)
    expect(failed).toMatchObject({code: 4, stderr: expect.stringContaining('warning: west stays registered in east')})
    ground.reset()
    expect(await ground.mesh([...remove, '--from', 'east'])).toMatchObject({code: 0})
    const left = Object.keys(await readAll(ground.cluster('west').api, ground.namespace))
    expect(left.filter(path => /kubectl-mesh|values|istio/.test(path.replace(ground.namespace, '')))).toEqual([])
  })

  it('a primary that is not reachable is not removed without its remote clusters', async () => {
    await open()
    expect(await federate(['--yes'])).toMatchObject({code: 0})
    ground.cluster('east').proxy.decide = () => 'reset'
    const remove = ['federate', 'remove', '--system-namespace', ground.namespace, '--unreachable-ok', '--yes']
    expect(await ground.mesh([...remove, '--contexts', 'east', '--from', 'west'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('east is the primary of west'),
    })
    expect(await ground.mesh([...remove, '--contexts', 'east,west'])).toMatchObject({code: 0})
    expect(await ground.cluster('west').api.get(injectorPath())).toBeUndefined()
  })

  it('Ctrl-C while the webhook of a remote is waited for: exit code 130, and the command that continues', async () => {
    await open()
    stop()
    const {code, stderr} = await federate(['--yes'], interruptedAt('waiting for injection in west'))
    expect(code, stderr).toBe(130)
    expect(stderr).toMatch(/^error: west: interrupted while waiting for east$/m)
    expect(stderr).toMatch(/^hint: {2}to continue: kubectl mesh federate .* --yes$/m)
  })

  it('an istiod that never updates the webhook is reported, with a command to investigate', async () => {
    await open()
    stop()
    const {code, stderr} = await federate(['--yes', '--timeout', '10s'])
    expect(code).toBe(4)
    expect(stderr).toContain(`west: mutatingwebhookconfiguration.admissionregistration.k8s.io/${injectorName()}`)
    expect(stderr).toContain('istiod of east has not set its CA bundle yet')
    expect(stderr).toContain(`hint:  kubectl --context east -n ${ground.namespace} logs -l app=istiod | grep west`)
    expect(
      await ground
        .cluster('west')
        .api.get(`/apis/apps/v1/namespaces/${ground.namespace}/deployments/istio-eastwestgateway`),
    ).toBeUndefined()
  })

  it.each([
    [
      'a remote cluster that is not set up',
      ['--control-plane', 'keep'],
      /no webhook requests injection from istiod of east/,
    ],
    [
      'a primary without an istiod',
      ['--primary', 'west', '--control-plane', 'keep'],
      /west: no istiod of revision default/,
    ],
    ['helm without the CRDs', ['--primary', 'west', '--control-plane', 'helm'], undefined],
  ])('%s is rejected, and nothing is written', async (_, args, message) => {
    await open()
    const result = await federate([...args, ...(args.includes('helm') ? ['--chart', chart] : []), '--yes'])
    expect(result.code).toBe(3)
    if (message) expect(result.stderr).toMatch(message)
    expect(ground.writes()).toEqual([])
  })
})
