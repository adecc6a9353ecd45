import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {makeRootPair, rootCert} from '../../support/ground/certificates.ts'
import {type Ground, isWrite, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

interface Report {
  clusters: {cluster: string; read: boolean}[]
  expiries: {cluster: string; kind: string; name: string; daysLeft: number}[]
  forecast: {now: object | null; at: object | null}
  groups: {group: string; findings: {check: string; cluster?: string; level: string; message: string}[]}[]
}

describe.skipIf(!servers)('mesh check on real API servers', () => {
  let ground: Ground
  // The shared servers have control planes of other tests, which `mesh check` would check too.
  let own: RunningServers
  beforeAll(async () => {
    own = await startServers(['east', 'west'])
    ground = await openGround(own, {controlPlane: () => ({version: '1.31.1'})})
    for (const {api} of ground.clusters)
      for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'])
        await api.apply(webhookOf(kind, ground.namespace, await rootCert()))
    expect((await ground.federate(['--yes', '--credential-duration', '24h'])).code).toBe(0)
  })
  afterAll(async () => {
    await ground?.close()
    await own?.stop()
  })

  const check = (...args: string[]) => {
    const contexts = ground.clusters.map(({context}) => context).join(',')
    return ground.mesh(['check', '--contexts', contexts, '--system-namespace', ground.namespace, ...args])
  }
  const reported = async (...args: string[]) => {
    const {code, stdout, stderr} = await check('-o', 'json', ...args)
    expect(stdout, stderr).toMatch(/^\{/)
    const report = JSON.parse(stdout) as Report
    return {code, report, found: report.groups.flatMap(({findings}) => findings)}
  }
  const idsOf = (found: {check: string}[]) => [...new Set(found.map(one => one.check))]

  it('lists tokens and roots by the days that are left, finds no drift, and writes nothing', async () => {
    ground.reset()
    const {code, report, found} = await reported('--within', '1h')
    expect(code, JSON.stringify(found, null, 2)).toBe(0)
    expect(report.expiries.map(({kind}) => kind)).toEqual(['credential', 'credential', 'root CA', 'root CA'])
    expect(report.expiries.map(({daysLeft}) => daysLeft)).toEqual(
      report.expiries.map(one => one.daysLeft).sort((a, b) => a - b),
    )
    expect(idsOf(found)).not.toContain('drift')
    expect(idsOf(found)).not.toContain('not-checked')
    expect(ground.clusters.flatMap(({proxy}) => proxy.requests).filter(isWrite).length).toBeGreaterThan(0)
    expect(ground.writes()).toEqual([])
  })

  it('forecasts what the mesh needs from the number of its pods, also at another size', async () => {
    const [east, west] = ground.clusters as [Ground['clusters'][0], Ground['clusters'][0]]
    const counted = async (api: typeof east.api) => (await api.get<{items: unknown[]}>('/api/v1/pods'))!.items.length
    for (const name of ['one', 'two', 'three'])
      await east.api.create({
        ...{apiVersion: 'v1', kind: 'Pod', metadata: {name: `forecast-${name}`, namespace: ground.namespace}},
        spec: {containers: [{name: 'app', image: 'registry.test/app:1'}]},
      })
    const [pods, others] = [await counted(east.api), await counted(west.api)]
    expect(pods).toBeGreaterThanOrEqual(3)
    const size = ['--at', 'clusters=100,endpoints=40000']
    const {report} = await reported(...size)
    expect(report.forecast).toMatchObject({
      now: {clusters: 2, endpoints: pods + others, largest: pods, secrets: 4, certificateRequests: pods},
      at: {clusters: 100, endpoints: 40_000, largest: 400, secrets: 19_800, memoryMiB: {withoutProxies: 610}},
    })
    const flags = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const wide = await ground.mesh(['federate', 'status', ...flags, '-o', 'wide'])
    expect(wide.stdout).toMatch(new RegExp(`^FORECAST .*\\ntoday +2 +${pods + others} +4 +9 `, 'm'))
    expect((await ground.mesh(['federate', 'status', ...flags])).stdout).not.toContain('FORECAST')

    east.proxy.decide = ({url}) => (url === '/api/v1/pods?limit=1' ? {status: 403} : 'pass')
    const denied = await check(...size)
    const unsized = await check('--at', 'clusters=100')
    ground.reset()
    expect(denied.stdout).toMatch(/^pods could not be counted in east; there is no forecast for today \(requires /m)
    expect(denied.stdout).toMatch(/^--at +100 +40000 /m)
    expect(unsized.stdout).toMatch(
      /^pods could not be counted in east; .* for today, or for --at without endpoints=N /m,
    )
  })

  it('a token that expires soon is a warning; --severity decides about the exit code', async () => {
    expect((await reported()).code).toBe(0)
    const {code, found} = await reported('--severity', 'warning')
    expect(code).toBe(5)
    expect(found.filter(one => one.check === 'expiry-credential')).toHaveLength(2)
  })

  it('drift: a removed object and a changed one are named', async () => {
    const [{api, cluster}] = ground.clusters as [Ground['clusters'][0]]
    const base = `/apis/networking.istio.io/v1/namespaces/${ground.namespace}/gateways/cross-network-gateway`
    await api.delete(base)
    const {found} = await reported()
    expect(found.filter(one => one.check === 'drift')).toMatchObject([
      {
        cluster,
        level: 'warning',
        message: expect.stringContaining('cross-network-gateway in namespace'),
        hints: [
          `kubectl mesh federate --contexts east,west --system-namespace ${ground.namespace} --dry-run=server shows the difference`,
        ],
      },
    ])
    expect((await ground.federate(['--yes'])).code).toBe(0)
    expect(idsOf((await reported()).found)).not.toContain('drift')
  })

  it('a webhook of Istio without its Service is an error in every format', async () => {
    const [{api, cluster}] = ground.clusters as [Ground['clusters'][0]]
    const name = `gone-${ground.namespace}`
    await api.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: {name, labels: {'istio.io/rev': 'gone'}},
      webhooks: [
        {
          name: 'gone.istio.io',
          clientConfig: {service: {namespace: ground.namespace, name: 'istiod-gone'}},
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          failurePolicy: 'Ignore',
        },
      ],
    })
    try {
      const {code, found} = await reported()
      expect(code).toBe(5)
      expect(found.filter(one => one.check === 'webhook-service')).toMatchObject([{cluster, level: 'error'}])
      const table = await check()
      expect(table.stdout).toMatch(
        new RegExp(`^✘ ${cluster} .*istiod-gone, which does not exist {2}\\[webhook-service\\]$`, 'm'),
      )
      expect((await check('-o', 'junit')).stdout).toMatch(/<failure type="webhook-service"/)
      expect((await check('-o', 'prometheus')).stdout).toContain(
        `kubectl_mesh_check_findings{check="webhook-service",cluster="${cluster}",severity="error"} 1`,
      )
    } finally {
      await api.delete(`/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${name}`)
    }
  })

  it('a token of a VM that expires soon is a warning, unless its machines are connected', async () => {
    const [{api, cluster}] = ground.clusters as [Ground['clusters'][0]]
    const place = ['-n', ground.namespace, '--system-namespace', ground.namespace]
    const register = ['vm', 'register', 'web', ...place, '--service-account', 'web', '--output-dir']
    const folder = join(ground.folder, 'web')
    const registered = await ground.mesh([...register, folder, '--gateway-address', '127.0.0.1', '--yes'])
    expect(registered.code, registered.stderr).toBe(0)
    const own = async () => {
      const {report, found} = await reported()
      expect(idsOf(found)).not.toContain('not-checked')
      const expiries = report.expiries.filter(({kind}) => kind === 'VM token')
      return {expiries, found: found.filter(one => one.check === 'expiry-vm')}
    }
    expect(await own()).toMatchObject({
      expiries: [{cluster, kind: 'VM token', name: `${ground.namespace}/web`, daysLeft: 0}],
      found: [
        {
          ...{level: 'warning', cluster},
          message: expect.stringMatching(/^VM token \S+ expires in .*; no machine has registered itself$/),
          hints: [
            `kubectl mesh vm renew --context ${cluster} web -n ${ground.namespace} --system-namespace ${ground.namespace}`,
          ],
        },
      ],
    })
    const metrics = await check('-o', 'prometheus', '--at', 'clusters=100')
    expect(metrics.stdout).toMatch(
      new RegExp(
        `^kubectl_mesh_check_expiry_seconds\\{cluster="${cluster}",kind="VM token",name="\\S+/web"\\} \\d+$`,
        'm',
      ),
    )
    expect(metrics.stdout).toMatch(/^kubectl_mesh_check_forecast_clusters\{size="at"\} 100$/m)
    expect((await check('-o', 'junit')).stdout).toMatch(/warning: .*VM token .* expires in /)
    expect((await check()).stdout).toMatch(/^0 +\S+ +VM token +\S+\/web$/m)

    const annotations = {'istio.io/autoRegistrationGroup': 'web', 'istio.io/connectedAt': new Date().toISOString()}
    await api.create({
      ...{apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry'},
      metadata: {name: 'web-10.0.0.9', namespace: ground.namespace, annotations},
      spec: {address: '10.0.0.9'},
    })
    expect(await own()).toEqual({expiries: [], found: []})
  })

  it('a certificate of an ingress gateway that expires soon is a warning, with the command that replaces it', async () => {
    const [{api, cluster}] = ground.clusters as [Ground['clusters'][0]]
    const {namespace} = ground
    const {key, cert} = await makeRootPair('shop.example.com')
    const data = {'tls.crt': base64(cert), 'tls.key': base64(key)}
    const secret = {apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: {name: 'shop', namespace}}
    await api.create({...secret, data})
    const server = {port: {number: 443, name: 'https', protocol: 'HTTPS'}, hosts: ['shop.example.com']}
    await api.create({
      ...{apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: {name: 'shop', namespace}},
      spec: {
        selector: {istio: 'eastwestgateway'},
        servers: [{...server, tls: {mode: 'SIMPLE', credentialName: 'shop'}}],
      },
    })
    const own = async (...args: string[]) => {
      const {report, found} = await reported(...args)
      const expiries = report.expiries.filter(({kind}) => kind === 'ingress certificate')
      return {expiries, found: found.filter(one => one.check === 'expiry-ingress')}
    }
    const expiries = [{cluster, name: expect.stringContaining('shop'), daysLeft: 9}]
    const hints = [expect.stringMatching(/^kubectl mesh ingress tls /)]
    expect(await own()).toMatchObject({expiries, found: [{level: 'warning', cluster, hints}]})
    expect(await own('--within', '24h')).toMatchObject({expiries, found: []})
  })

  it('a cluster that does not answer is an error, and the others are still checked', async () => {
    const [, lost] = ground.clusters as [Ground['clusters'][0], Ground['clusters'][0]]
    lost.proxy.decide = () => 'reset'
    const {code, report, found} = await reported()
    ground.reset()
    expect(code).toBe(5)
    expect(report.clusters.find(one => one.cluster === lost.cluster)).toMatchObject({read: false})
    expect(idsOf(found)).toEqual(expect.arrayContaining(['reachable', 'lost-cluster', 'expiry-credential']))
  })
})

/** A webhook configuration of revision `default`, with the CA bundle that istiod sets. */
function webhookOf(kind: string, namespace: string, root: string): AnyObject {
  const caBundle = Buffer.from(root).toString('base64')
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: {name: 'istio-own', labels: {'istio.io/rev': 'default'}},
    webhooks: [
      {
        name: 'own.istio.io',
        clientConfig: {service: {namespace, name: 'istiod'}, caBundle},
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        failurePolicy: 'Ignore',
      },
    ],
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
