import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {ecKey, makeCertificate} from '../pki/support.ts'
import {labCache} from '../support/binaries.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'
import {startRequests} from '../support/lab/requests.ts'
import {deploySample} from '../support/lab/sample.ts'

const labels = {app: 'istio-ingressgateway', istio: 'ingressgateway'}
const rbac = 'rbac.authorization.k8s.io'
const gateway = [
  {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'ingress'}},
  // istiod sends certificates only to gateways whose account may read Secrets.
  {
    apiVersion: `${rbac}/v1`,
    kind: 'Role',
    metadata: {name: 'sds', namespace: 'ingress'},
    rules: [{apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list']}],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: {name: 'sds', namespace: 'ingress'},
    roleRef: {apiGroup: rbac, kind: 'Role', name: 'sds'},
    subjects: [{kind: 'ServiceAccount', name: 'default', namespace: 'ingress'}],
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'istio-ingressgateway', namespace: 'ingress'},
    spec: {
      selector: {matchLabels: labels},
      // After a change, the old pod stays until the test has sent the requests to the new one.
      minReadySeconds: 3600,
      progressDeadlineSeconds: 7200,
      template: {
        metadata: {
          labels: {...labels, 'sidecar.istio.io/inject': 'true'},
          annotations: {'inject.istio.io/templates': 'gateway'},
        },
        spec: {
          containers: [{name: 'istio-proxy', image: 'auto', ports: [{containerPort: 8080}, {containerPort: 8443}]}],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {name: 'istio-ingressgateway', namespace: 'ingress'},
    spec: {
      selector: labels,
      ports: [
        {name: 'http2', port: 80, targetPort: 8080},
        {name: 'https', port: 443, targetPort: 8443},
      ],
    },
  },
]

describe.skipIf(!inject('lab').dataplane)('mesh authz with real traffic through a gateway', () => {
  let lab: DataPlaneLab
  let client: string
  let authorizer: string
  let address: string
  let url: string

  beforeAll(async () => {
    lab = await startLab({clusters: ['east'], dataplane: true})
    await installControlPlane(lab, 'east')
    const samples = join(labCache().share, 'istio/samples')
    await lab.kubectl('east', ['apply', '-f', '-'], {
      input: JSON.stringify({apiVersion: 'v1', kind: 'List', items: gateway}),
    })
    await deploySample(lab, 'east', 'v1')
    await lab.kubectl('east', ['apply', '-n', 'sample', '-f', join(samples, 'helloworld/helloworld-gateway.yaml')])
    await lab.kubectl('east', ['create', 'namespace', 'authz'])
    await lab.kubectl('east', ['apply', '-n', 'authz', '-f', join(samples, 'extauthz/ext-authz.yaml')])
    await lab.kubectl('east', ['create', 'deployment', 'client', '--image=curl'])
    await lab.pod('east', 'ingress', 'istio=ingressgateway')
    await lab.pod('east', 'sample', 'app=helloworld')
    authorizer = await lab.pod('east', 'authz', 'app=ext-authz', [
      join(labCache().bin, 'extauthz'),
      '-http',
      '8000',
      '-grpc',
      '9000',
    ])
    client = await lab.pod('east', 'default', 'app=client')
    address = await addressOf('istio=ingressgateway')
    url = `http://${address}:8080/hello`
  })

  /** The address of the gateway pod with these labels. */
  const addressOf = (selector: string) =>
    lab.kubectl('east', ['-n', 'ingress', 'get', 'pod', '-l', selector, '-o', 'jsonpath={.items[0].status.podIP}'])

  afterAll(() => lab?.stop())

  /** The HTTP status that a client outside of the mesh gets from the gateway. */
  async function status(...headers: string[]): Promise<string> {
    const flags = headers.flatMap(header => ['-H', header])
    const {stdout} = await lab.exec(client, [
      'curl',
      '-s',
      '-m',
      '5',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      url,
      ...flags,
    ])
    return stdout
  }
  const becomes = (code: string, ...headers: string[]) =>
    expect.poll(() => status(...headers), {timeout: 60_000}).toBe(code)

  test('before: every request is allowed', () => becomes('200'))

  test.each([
    ['grpc', '9000', []],
    ['http', '8000', ['--header-to-check', 'x-ext-authz']],
  ])('over %s the authorizer decides; after detach it is not called', async (type, port, flags) => {
    const service = ['--service', `ext-authz.authz.svc:${port}`, '--type', type, ...flags]
    const {code, stderr} = await mesh(lab, [
      'authz',
      'attach',
      'ext',
      ...service,
      '-n',
      'ingress',
      '--to',
      'gateway/istio-ingressgateway',
      '--path',
      '/hello*',
      '--yes',
    ])
    expect({code, stderr}).toEqual({
      code: 0,
      stderr: expect.stringContaining('have no sidecar: requests to them are plain text'),
    })
    await becomes('403')
    await becomes('200', 'x-ext-authz: allow')
    await becomes('403', 'x-ext-authz: deny')
    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
    await becomes('200')
  })

  test('the authorizer decides with an EnvoyFilter too', async () => {
    await meshOk(lab, [
      'authz',
      'attach',
      'ext',
      '--service',
      'ext-authz.authz.svc:9000',
      '-n',
      'ingress',
      '--to',
      'gateway/istio-ingressgateway',
      '--via',
      'envoy-filter',
      '--yes',
    ])
    await becomes('403')
    await becomes('200', 'x-ext-authz: allow')
    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
    await becomes('200')
  })

  test('authz and ingress tls: the gateway moves to another revision and back, no request fails and none passes unauthorized', async () => {
    const [host, key] = ['shop.example.com', ecKey()]
    const certificate = makeCertificate({
      key,
      subject: '/CN=shop',
      extensions: [`subjectAltName=DNS:${host}`],
      days: 90,
    })
    const [cert, keyFile] = [join(lab.dir, 'cert.pem'), join(lab.dir, 'key.pem')]
    await writeFile(cert, certificate)
    await writeFile(keyFile, key, {mode: 0o600})
    await meshOk(lab, [
      'ingress',
      'tls',
      host,
      '-n',
      'ingress',
      '--cert',
      cert,
      '--key',
      keyFile,
      '--redirect',
      '--yes',
    ])
    const route = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: {name: 'shop', namespace: 'sample'},
      spec: {
        hosts: [host],
        gateways: ['ingress/shop-example-com'],
        http: [{route: [{destination: {host: 'helloworld.sample.svc.cluster.local', port: {number: 5000}}}]}],
      },
    }
    await lab.kubectl('east', ['apply', '-f', '-'], {input: JSON.stringify(route)})
    const attach = ['authz', 'attach', 'ext', '--service', 'ext-authz.authz.svc:9000', '-n', 'ingress']
    await meshOk(lab, [...attach, '--to', 'gateway/istio-ingressgateway', '--yes'])
    await becomes('403')
    await becomes('200', 'x-ext-authz: allow')

    await installControlPlane(lab, 'east', {revision: 'next'})
    expect((await mesh(lab, ['authz', 'verify', 'ext'])).stdout).toContain('revision next has no authorizer ext')
    await meshOk(lab, ['authz', 'attach', 'ext', '--revision', 'next', '--yes'])
    expect(await meshOk(lab, ['authz', 'verify', 'ext', '--revision', 'next'])).not.toContain('has no authorizer')

    const https = `--cacert ${cert} --resolve ${host}:8443:$ADDRESS https://${host}:8443/hello`
    const serves = async (where: string) => {
      const probe = `curl -s -o /dev/null -w '%{http_code}' -H 'x-ext-authz: allow' ${https.replaceAll('$ADDRESS', where)}`
      await expect.poll(async () => (await lab.exec(client, ['sh', '-c', probe])).stdout, {timeout: 60_000}).toBe('200')
    }
    await serves(address)
    const plain = `curl -s -o /dev/null -w '%{http_code}' -H 'x-ext-authz: allow' -H 'Host: ${host}' http://${address}:8080/hello`
    expect((await lab.exec(client, ['sh', '-c', plain])).stdout).toBe('301')
    const allowed = await startRequests(lab, client, 'allowed', address, `-H 'x-ext-authz: allow' ${https}`)
    const unauthorized = await startRequests(lab, client, 'unauthorized', address, 'http://$ADDRESS:8080/hello')
    const more = () => Promise.all([allowed.more(), unauthorized.more()])
    await more()
    await lab.kubectl('east', [
      ...['-n', 'ingress', 'patch', 'deployment', 'istio-ingressgateway', '--type=merge', '-p'],
      JSON.stringify({spec: {template: {metadata: {labels: {'istio.io/rev': 'next'}}}}}),
    ])
    await lab.pod('east', 'ingress', 'istio=ingressgateway,istio.io/rev=next')
    const moved = await addressOf('istio.io/rev=next')
    // The lab switches clients at once. A load balancer's probe would wait for the port, too.
    await serves(moved)
    for (const requests of [allowed, unauthorized]) await requests.sendTo(moved)
    await more()
    // Both revisions serve the host and call the authorizer.
    expect(await meshOk(lab, ['ingress', 'tls', '--list'])).toContain(host)
    for (const flags of [[], ['--revision', 'next']])
      expect(await meshOk(lab, ['authz', 'verify', 'ext', ...flags])).not.toContain('✘')
    for (const requests of [allowed, unauthorized]) await requests.sendTo(address)
    await more()
    expect([await allowed.stop(), await unauthorized.stop()]).toEqual([
      {200: expect.any(Number)},
      {403: expect.any(Number)},
    ])
    await lab.kubectl('east', ['-n', 'ingress', 'rollout', 'undo', 'deployment/istio-ingressgateway'])
    const ready = JSON.stringify({spec: {minReadySeconds: 0}})
    await lab.kubectl('east', ['-n', 'ingress', 'patch', 'deployment', 'istio-ingressgateway', '-p', ready])
    await expect.poll(() => addressOf('istio.io/rev=next').catch(() => ''), {timeout: 60_000}).toBe('')
    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
    await becomes('200')
  })

  test('requests are denied or allowed according to --fail when the authorizer is down', async () => {
    const attach = [
      'authz',
      'attach',
      'ext',
      '--service',
      'ext-authz.authz.svc:9000',
      '-n',
      'ingress',
      '--to',
      'gateway/istio-ingressgateway',
      '--timeout',
      '1s',
      '--yes',
    ]
    await meshOk(lab, attach)
    await becomes('200', 'x-ext-authz: allow')
    const {stdout} = await lab.run(['ip', 'netns', 'pids', authorizer])
    await lab.run(['kill', '-9', ...stdout.trim().split(/\s+/)])
    await becomes('403', 'x-ext-authz: allow')
    await meshOk(lab, [...attach, '--fail', 'open'])
    await becomes('200', 'x-ext-authz: deny')
  })
})
