import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {labCache} from '../support/binaries.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'
import {deploySample} from '../support/lab/sample.ts'

const labels = {app: 'istio-ingressgateway', istio: 'ingressgateway'}
const gateway = [
  {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'ingress'}},
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'istio-ingressgateway', namespace: 'ingress'},
    spec: {
      selector: {matchLabels: labels},
      template: {
        metadata: {
          labels: {...labels, 'sidecar.istio.io/inject': 'true'},
          annotations: {'inject.istio.io/templates': 'gateway'},
        },
        spec: {containers: [{name: 'istio-proxy', image: 'auto', ports: [{containerPort: 8080}]}]},
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {name: 'istio-ingressgateway', namespace: 'ingress'},
    spec: {selector: labels, ports: [{name: 'http2', port: 80, targetPort: 8080}]},
  },
]

describe.skipIf(!inject('lab').dataplane)('mesh authz with real traffic through a gateway', () => {
  let lab: DataPlaneLab
  let client: string
  let authorizer: string
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
    const ip = await lab.kubectl('east', [
      '-n',
      'ingress',
      'get',
      'pod',
      '-l',
      'istio=ingressgateway',
      '-o',
      'jsonpath={.items[0].status.podIP}',
    ])
    url = `http://${ip}:8080/hello`
  })

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
