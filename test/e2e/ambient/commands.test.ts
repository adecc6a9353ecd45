import {dump, load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {installControlPlane} from '../../support/lab/control-plane.ts'
import {type Istiod, type Lab, startLab} from '../../support/lab/lab.ts'
import {mesh, meshOk} from '../../support/lab/mesh.ts'

const ambient = {'istio.io/dataplane-mode': 'ambient'}

/** A Service with one pod that ztunnel captures, as far as its labels and the annotation of istio-cni are concerned. */
const workload = (namespace: string, name: string, port: object, labels: object = {}) => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {namespace, name, labels},
    spec: {selector: {app: name}, ports: [port]},
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {namespace, name},
    spec: {
      selector: {matchLabels: {app: name}},
      template: {
        metadata: {labels: {app: name}, annotations: {'ambient.istio.io/redirection': 'enabled'}},
        spec: {containers: [{name: 'app', image: 'app'}]},
      },
    },
  },
]

const objects = [
  ...['shop', 'authz', 'vms'].map(name => ({
    ...{apiVersion: 'v1', kind: 'Namespace'},
    metadata: {name, labels: name === 'shop' ? ambient : {}},
  })),
  ...workload('shop', 'web', {name: 'http', port: 80}),
  ...workload('authz', 'ext', {name: 'grpc', port: 9000}),
]

const waypoint = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: {namespace: 'shop', name: 'wp', labels: {'istio.io/waypoint-for': 'service'}},
  spec: {gatewayClassName: 'istio-waypoint', listeners: [{name: 'mesh', port: 15_008, protocol: 'HBONE'}]},
}

describe.skipIf(!inject('lab').clusters)('other commands in an ambient mesh with a real istiod', () => {
  let lab: Lab
  let istiod: Istiod

  beforeAll(async () => {
    lab = await startLab({clusters: ['east']})
    await lab.installGatewayCrds('east')
    istiod = await installControlPlane(lab, 'east', {network: 'net-east', ambient: true})
    await apply(...objects)
    for (const [namespace, name] of [
      ['shop', 'web'],
      ['authz', 'ext'],
    ])
      await lab.kubectl('east', ['-n', namespace!, 'rollout', 'status', `deployment/${name}`, '--timeout=60s'])
  })

  afterAll(() => lab?.stop())

  const apply = (...items: object[]) =>
    lab.kubectl('east', ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})

  /** The waypoint's listeners, as text. istiod sends them to the pods that it creates for the Gateway. */
  async function waypointListeners(): Promise<string> {
    const labels = {
      'gateway.networking.k8s.io/gateway-name': 'wp',
      'gateway.istio.io/managed': 'istio.io-mesh-controller',
    }
    const {raw} = await lab.ask('east', {type: 'waypoint', namespace: 'shop', labels, raw: true})
    return JSON.stringify(raw!.listeners)
  }

  /** What istiod sends ztunnels about a Service, from its debug page. */
  async function ztunnelService(name: string): Promise<string> {
    const page = await lab.runOk(['curl', '-fsS', `${istiod.http}/debug/ambientz`])
    const {services} = JSON.parse(page) as {services: {name: string}[]}
    return JSON.stringify(services.find(service => service.name === name))
  }

  const attach = (...args: string[]) =>
    mesh(lab, ['authz', 'attach', 'ext', '--service', 'ext.authz.svc:9000', '-n', 'shop', ...args, '--yes'])

  test('authz: refused for pods that only have ztunnel, and for a waypoint with an EnvoyFilter', async () => {
    const refused = await attach('--to', 'workload/web')
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(
      'workload/web: 1 of 1 pod has only ztunnel (ambient mode), which calls no external authorizer',
    )
    expect(refused.stderr).toContain('istioctl waypoint apply -n shop --enroll-namespace')
    await apply(waypoint)
    await lab.kubectl('east', ['label', 'namespace', 'shop', 'istio.io/use-waypoint=wp'])
    expect((await attach('--to', 'workload/web')).stderr).toContain('-n shop --to gateway/wp')
    const filter = await attach('--to', 'gateway/wp', '--via', 'envoy-filter')
    expect(filter.code).toBe(3)
    expect(filter.stderr).toContain('wp is a waypoint; EnvoyFilters for sidecars and gateways do not apply to it')
    expect(await lab.kubectl('east', ['get', 'authorizationpolicies,envoyfilters', '-A', '-o', 'name'])).toBe('')
  })

  test('authz: a policy with targetRefs makes the waypoint call the authorizer, until it is detached', async () => {
    expect(await waypointListeners()).not.toContain('ext_authz')
    const {code, stderr} = await attach('--to', 'gateway/wp')
    expect(code, stderr).toBe(0)
    const policy = await lab.kubectl('east', ['-n', 'shop', 'get', 'authorizationpolicy', 'ext', '-o', 'json'])
    expect(JSON.parse(policy).spec.targetRefs).toEqual([
      {group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'wp'},
    ])
    await expect.poll(waypointListeners, {timeout: 60_000}).toContain('outbound|9000||ext.authz.svc.cluster.local')
    await meshOk(lab, ['authz', 'detach', 'ext', '--yes'])
    await expect.poll(waypointListeners, {timeout: 60_000}).not.toContain('ext_authz')
    // An EnvoyFilter, which is refused, would have no effect.
    await apply({
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: {namespace: 'shop', name: 'lua'},
      spec: {
        workloadSelector: {labels: {'gateway.networking.k8s.io/gateway-name': 'wp'}},
        configPatches: ['GATEWAY', 'SIDECAR_INBOUND', 'ANY'].map(context => ({
          applyTo: 'HTTP_FILTER',
          match: {
            context,
            listener: {filterChain: {filter: {name: 'envoy.filters.network.http_connection_manager'}}},
          },
          patch: {operation: 'INSERT_FIRST', value: {name: `envoy.filters.http.lua-${context}`}},
        })),
      },
    })
    await new Promise(resolve => setTimeout(resolve, 3000))
    const listeners = await waypointListeners()
    expect(listeners).toContain('connect_terminate')
    expect(listeners).not.toContain('lua-')
    await lab.kubectl('east', ['-n', 'shop', 'delete', 'envoyfilter', 'lua'])
    await lab.kubectl('east', ['label', 'namespace', 'shop', 'istio.io/use-waypoint-'])
  })

  test('locality: settings in a DestinationRule are refused; ztunnel reads --prefer-close', async () => {
    const balance = ['locality', 'balance', 'web', '-n', 'shop', '--yes']
    const refused = await mesh(lab, balance)
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(
      'web.shop.svc.cluster.local: ztunnel does not read DestinationRules, so the settings have no effect on requests from pods in ambient mode',
    )
    const before = await ztunnelService('web')
    // What would have been written has no effect.
    await apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: {namespace: 'shop', name: 'web'},
      spec: {
        host: 'web.shop.svc.cluster.local',
        trafficPolicy: {loadBalancer: {localityLbSetting: {enabled: true}}, outlierDetection: {}},
      },
    })
    await new Promise(resolve => setTimeout(resolve, 2000))
    expect(await ztunnelService('web')).toBe(before)
    await lab.kubectl('east', ['-n', 'shop', 'delete', 'destinationrule', 'web'])
    await meshOk(lab, [...balance, '--prefer-close'])
    await expect.poll(() => ztunnelService('web'), {timeout: 60_000}).toContain('"loadBalancing"')
    await meshOk(lab, ['locality', 'unbalance', 'web', '-n', 'shop', '--yes'])
    await expect.poll(() => ztunnelService('web'), {timeout: 60_000}).toBe(before)
  })

  test('vm: a VM is registered, with a warning that ztunnel has no tunnel to it', async () => {
    const address = '198.51.100.7'
    const place = ['-n', 'vms', '--address', address, '--gateway-address', '203.0.113.9', '--port', 'http:80']
    const {code, stderr} = await mesh(lab, [
      ...['vm', 'register', 'old', '--service-account', 'old', ...place],
      ...['--output-dir', `${lab.dir}/bundle`, '--yes'],
    ])
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('ztunnel has no tunnel to a VM, so pods in ambient mode reach old without mTLS')
    const entry = async () => {
      const {workloads} = await lab.askZtunnel('east', 'net-east')
      return Object.values(workloads).find(({addresses}) => addresses.includes(address))
    }
    await expect.poll(entry, {timeout: 60_000}).toMatchObject({namespace: 'vms', protocol: 'NONE'})
    const pod = Object.values((await lab.askZtunnel('east', 'net-east')).workloads)
    expect(pod.find(({namespace}) => namespace === 'shop')).toMatchObject({protocol: 'HBONE'})
  })

  test('tenant: a namespace in ambient mode stays with the istiod that configures ztunnel', async () => {
    const refused = await mesh(lab, ['tenant', 'add', 'a', '--namespaces', 'shop', '--via', 'none', '--yes'])
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(
      'namespace shop is in ambient mode (istio.io/dataplane-mode=ambient), and the istiod in istio-system configures ztunnel: policies of a would not apply to pods there',
    )
    expect(await lab.kubectl('east', ['get', 'namespaces', '-o', 'name'])).not.toContain('namespace/a\n')
    // An istiod that does not watch the namespace does not know its pods.
    const mesh1 = await lab.kubectl('east', [
      ...['-n', 'istio-system', 'get', 'configmap', 'istio', '-o', 'jsonpath={.data.mesh}'],
    ])
    const selectors = {discoverySelectors: [{matchLabels: {'kubernetes.io/metadata.name': 'authz'}}]}
    await writeMesh(dump({...(load(mesh1) as object), ...selectors}))
    const namespaces = async () => {
      const {workloads} = await lab.askZtunnel('east', 'net-east')
      return [...new Set(Object.values(workloads).map(({namespace}) => namespace))].sort()
    }
    await expect.poll(namespaces, {timeout: 60_000}).toEqual(['authz'])
    await writeMesh(mesh1)
    await expect.poll(namespaces, {timeout: 60_000}).toContain('shop')
  })

  const writeMesh = (mesh: string) =>
    lab.kubectl('east', [
      ...['-n', 'istio-system', 'patch', 'configmap', 'istio', '--type=merge'],
      ...['-p', JSON.stringify({data: {mesh}})],
    ])

  test('ingress: a gateway sends requests past the waypoint of a Service, unless the Service has a label', async () => {
    await lab.kubectl('east', ['-n', 'shop', 'label', 'service', 'web', 'istio.io/use-waypoint=wp'])
    const deploy = () => mesh(lab, ['ingress', 'deploy', '-n', 'vms', '--no-wait', '--dry-run=server'])
    const {stderr} = await deploy()
    expect(stderr).toContain(
      'requests from the gateway to shop/web bypass the waypoint, so its policies do not apply to them',
    )
    expect(stderr).toContain(
      'the gateway will reach only pods in its network: istiod does not have AMBIENT_ENABLE_MULTI_NETWORK_INGRESS=true',
    )
    await lab.kubectl('east', ['-n', 'shop', 'label', 'service', 'web', 'istio.io/ingress-use-waypoint=true'])
    expect((await deploy()).stderr).not.toContain('bypass the waypoint')
  })
})
