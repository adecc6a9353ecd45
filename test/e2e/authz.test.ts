import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type Lab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'

const labels = {app: 'istio-ingressgateway', istio: 'ingressgateway'}
const upstream = 'outbound|9000||ext-authz.authz.svc.cluster.local'

/** A filter of a listener, as adsq prints it. */
interface Filter {
  name: string
  typedConfig?: Record<string, unknown>
}

const gateway = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'istio-ingressgateway', namespace: 'istio-system'},
    spec: {
      selector: {matchLabels: labels},
      template: {
        metadata: {labels},
        spec: {containers: [{name: 'istio-proxy', image: 'auto', args: ['proxy', 'router']}]},
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {name: 'istio-ingressgateway', namespace: 'istio-system'},
    spec: {selector: labels, ports: [{name: 'http2', port: 80, targetPort: 8080}]},
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'public', namespace: 'istio-system'},
    spec: {
      selector: {istio: 'ingressgateway'},
      servers: [{port: {number: 80, name: 'http', protocol: 'HTTP'}, hosts: ['*']}],
    },
  },
]

const authorizer = [
  {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'authz'}},
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {name: 'ext-authz', namespace: 'authz'},
    spec: {
      selector: {app: 'ext-authz'},
      ports: [
        {name: 'grpc', port: 9000},
        {name: 'http', port: 8000},
      ],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'ext-authz', namespace: 'authz'},
    spec: {
      selector: {matchLabels: {app: 'ext-authz'}},
      template: {
        metadata: {labels: {app: 'ext-authz', 'security.istio.io/tlsMode': 'istio'}},
        spec: {containers: [{name: 'app', image: 'app'}]},
      },
    },
  },
]

describe.skipIf(!inject('lab').clusters)('mesh authz with a real istiod', () => {
  let lab: Lab
  let ip: string

  beforeAll(async () => {
    lab = await startLab({clusters: ['east']})
    await installControlPlane(lab, 'east', {
      meshConfig: {extensionProviders: [{name: 'otel', opentelemetry: {service: 'otel.obs.svc', port: 4317}}]},
    })
    const items = [...authorizer, ...gateway]
    await lab.kubectl('east', ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})
    for (const [namespace, name] of [
      ['istio-system', 'istio-ingressgateway'],
      ['authz', 'ext-authz'],
    ])
      await lab.kubectl('east', ['-n', namespace!, 'rollout', 'status', `deployment/${name}`, '--timeout=60s'])
    ip = await lab.kubectl('east', [
      '-n',
      'istio-system',
      'get',
      'pod',
      '-l',
      'istio=ingressgateway',
      '-o',
      'jsonpath={.items[0].status.podIP}',
    ])
  })

  afterAll(() => lab?.stop())

  /** The HTTP filters of the gateway, and the text of all its listeners. */
  async function gatewayConfig(): Promise<{filters: Filter[]; listeners: string}> {
    const {raw} = await lab.ask('east', {type: 'router', namespace: 'istio-system', ip, labels, raw: true})
    const listeners = JSON.stringify(raw!.listeners)
    const filters = findFilters(raw!.listeners)
    return {filters, listeners}
  }
  const attach = (...args: string[]) =>
    meshOk(lab, [
      'authz',
      'attach',
      'ext',
      '--service',
      'ext-authz.authz.svc:9000',
      '--to',
      'gateway/istio-ingressgateway',
      ...args,
      '--yes',
    ])
  const meshText = () =>
    lab.kubectl('east', ['-n', 'istio-system', 'get', 'configmap', 'istio', '-o', 'jsonpath={.data.mesh}'])

  test('attach adds filters before the router of the gateway and changes nothing else; detach restores it', async () => {
    const before = await gatewayConfig()
    expect(before.filters.map(({name}) => name)).not.toContain('envoy.filters.http.ext_authz')
    const text = await meshText()
    await attach('--timeout', '1500ms', '--path', '/hello*')
    await expect
      .poll(async () => (await gatewayConfig()).filters.map(({name}) => name), {timeout: 60_000})
      .toContain('envoy.filters.http.ext_authz')
    const {filters, listeners} = await gatewayConfig()
    const names = filters.map(({name}) => name)
    expect(names.indexOf('envoy.filters.http.ext_authz')).toBeLessThan(names.indexOf('envoy.filters.http.router'))
    const extAuthz = filters.find(({name}) => name === 'envoy.filters.http.ext_authz')!.typedConfig!
    expect(JSON.stringify(extAuthz)).toContain(JSON.stringify(upstream))
    expect(JSON.stringify(extAuthz)).toMatch(/"timeout":"1\.500?s"/)
    // An absent value is the default of protobuf: closed.
    expect(extAuthz.failureModeAllow ?? false).toBe(false)
    // Only the two filters of the policy were added.
    const added = filters.filter(({name}) => ['envoy.filters.http.ext_authz', 'envoy.filters.http.rbac'].includes(name))
    const without = added.reduce((all, filter) => all.replaceAll(`${JSON.stringify(filter)},`, ''), listeners)
    expect(without).toBe(before.listeners)
    expect(await meshOk(lab, ['authz', 'verify', 'ext'])).toContain('no errors, no warnings')

    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
    await expect.poll(async () => (await gatewayConfig()).listeners, {timeout: 60_000}).toBe(before.listeners)
    expect(await meshText()).toBe(text)
  })

  test('the filter has the settings of --fail open, --type http and --include-body', async () => {
    const {stderr} = await mesh(lab, [
      'authz',
      'attach',
      'ext',
      '--service',
      'ext-authz.authz.svc:8000',
      '--type',
      'http',
      '--to',
      'gateway/public',
      '--header-to-check',
      'x-*',
      '--include-body',
      '1024',
      '--fail',
      'open',
      '--yes',
    ])
    expect(stderr).toContain('this gateway forwards every request when the authorizer does not respond')
    const filter = async () =>
      JSON.stringify((await gatewayConfig()).filters.find(({name}) => name === 'envoy.filters.http.ext_authz') ?? {})
    await expect.poll(filter, {timeout: 60_000}).toMatch(/"failure_?[mM]ode_?[aA]llow":true/)
    const text = await filter()
    expect(text).toContain('outbound|8000||ext-authz.authz.svc.cluster.local')
    expect(text).toContain('1024')
    expect(text).toContain('"prefix":"x-"')
    const verify = await mesh(lab, ['authz', 'verify', 'ext'])
    expect({code: verify.code, stdout: verify.stdout}).toEqual({
      code: 0,
      stdout: expect.stringContaining('every request is allowed when the authorizer does not respond'),
    })
    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
  })

  test('an EnvoyFilter adds the filter right before the router', async () => {
    await attach('--via', 'envoy-filter')
    await expect
      .poll(async () => (await gatewayConfig()).filters.map(({name}) => name), {timeout: 60_000})
      .toContain('envoy.filters.http.ext_authz')
    const names = (await gatewayConfig()).filters.map(({name}) => name)
    expect(names.indexOf('envoy.filters.http.ext_authz')).toBe(names.indexOf('envoy.filters.http.router') - 1)
    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
  })

  test('through the shared mesh config that istiod reads', async () => {
    await lab.kubectl('east', [
      '-n',
      'istio-system',
      'set',
      'env',
      'deployment/istiod',
      'SHARED_MESH_CONFIG=istio-shared',
    ])
    await lab.istiod('east', {env: {SHARED_MESH_CONFIG: 'istio-shared'}})
    const text = await meshText()
    await attach('--via', 'shared-config')
    await expect
      .poll(async () => (await gatewayConfig()).filters.map(({name}) => name), {timeout: 60_000})
      .toContain('envoy.filters.http.ext_authz')
    expect(await meshText()).toBe(text)
    expect(await meshOk(lab, ['authz', 'list'])).toMatch(/^ext .* shared-config +\S+$/m)
    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
    await expect
      .poll(async () => (await gatewayConfig()).filters.map(({name}) => name), {timeout: 60_000})
      .not.toContain('envoy.filters.http.ext_authz')
  })

  test('another revision reads the policy too: it denies all requests without the provider, and calls the authorizer with it', async () => {
    const {xds} = await installControlPlane(lab, 'east', {revision: 'next', index: 2})
    const next = async () => {
      const {raw} = await lab.ask(xds, {
        ...{type: 'router' as const, namespace: 'istio-system', cluster: 'east', ip, labels, raw: true},
        meta: {ISTIO_REVISION: 'next'},
      })
      return JSON.stringify(raw!.listeners)
    }
    expect(await next()).not.toMatch(/ext_authz|deny-due-to-bad-CUSTOM-action/)
    await attach()
    await expect.poll(next, {timeout: 60_000}).toContain('deny-due-to-bad-CUSTOM-action')
    const verify = await mesh(lab, ['authz', 'verify', 'ext', '--revision', 'next'])
    expect(verify).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('has no authorizer ext: its policies deny every request'),
    })
    await meshOk(lab, ['authz', 'attach', 'ext', '--revision', 'next', '--yes'])
    await expect.poll(next, {timeout: 60_000}).toContain('envoy.filters.http.ext_authz')
    expect(await next()).not.toContain('deny-due-to-bad-CUSTOM-action')
    // Without a revision: from both.
    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
    await expect.poll(next, {timeout: 60_000}).not.toMatch(/ext_authz|deny-due-to-bad-CUSTOM-action/)
    expect(await meshText()).not.toContain('- name: ext\n')
  })
})

/** The HTTP filters of the first connection manager in a listener. */
function findFilters(value: unknown): Filter[] {
  if (typeof value !== 'object' || value === null) return []
  const {http_filters: snake, httpFilters: camel} = value as Record<string, Filter[] | undefined>
  const found = snake ?? camel
  if (found) return found
  for (const inner of Object.values(value)) {
    const filters = findFilters(inner)
    if (filters.length > 0) return filters
  }
  return []
}
