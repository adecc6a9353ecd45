import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {dump} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('gateways with settings per cluster', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(servers!)
  })
  afterAll(() => ground?.close())

  const read = async (cluster: string, path: string) =>
    (await ground.cluster(cluster).api.get<AnyObject & {spec: object}>(path.replace('NS', ground.namespace)))!
  const serviceOf = (cluster: string) => read(cluster, '/api/v1/namespaces/NS/services/istio-eastwestgateway')
  const deploymentOf = (cluster: string) =>
    read(cluster, '/apis/apps/v1/namespaces/NS/deployments/istio-eastwestgateway')
  const scheme = 'service.beta.kubernetes.io/aws-load-balancer-scheme'

  it('a gateway of type NodePort and an internal load balancer form one mesh', async () => {
    const east = ['type=NodePort', 'external-ip=192.0.2.9', 'node-selector=pool=edge', 'toleration=dedicated=edge']
    const west = [`annotation=${scheme}=internal`, 'source-range=10.0.0.0/8', 'replicas=2', 'request=cpu=200m']
    const flags = [...east.map(text => `east=${text}`), ...west.map(text => `west=${text}`)]
    const args = flags.flatMap(text => ['--gateway', text])
    const {code, stdout, stderr} = await ground.federate([...args, '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east +- +192\.0\.2\.9:\d+ .* joined$/m)
    expect(stdout).toMatch(/^west +- +203\.0\.113\.2 .* joined$/m)
    expect(await serviceOf('east')).toMatchObject({
      metadata: {annotations: {'traffic.istio.io/nodeSelector': '{}'}},
      spec: {type: 'NodePort', externalIPs: ['192.0.2.9']},
    })
    expect(await deploymentOf('east')).toMatchObject({
      spec: {
        template: {
          spec: {
            nodeSelector: {pool: 'edge'},
            tolerations: [{key: 'dedicated', operator: 'Equal', value: 'edge'}],
          },
        },
      },
    })
    expect(await serviceOf('west')).toMatchObject({
      metadata: {annotations: {[scheme]: 'internal'}},
      spec: {type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8']},
    })
    expect(await deploymentOf('west')).toMatchObject({
      spec: {
        replicas: 2,
        template: {spec: {containers: [{resources: {requests: {cpu: '200m', memory: '128Mi'}}}]}},
      },
    })
  })

  it('a run without the flags keeps them, and one with a flag changes only this setting', async () => {
    const kept = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(kept, kept.stderr).toMatchObject({code: 0})
    const changed = await ground.federate(['--gateway', 'west=replicas=3', '--yes'])
    expect(changed).toMatchObject({code: 0})
    expect(await deploymentOf('west')).toMatchObject({spec: {replicas: 3}})
    expect(await serviceOf('west')).toMatchObject({spec: {loadBalancerSourceRanges: ['10.0.0.0/8']}})
    expect(await serviceOf('east')).toMatchObject({spec: {type: 'NodePort'}})
  })

  it('a change that accepts more connections is described', async () => {
    const {stderr} = await ground.federate(['--gateway', 'west=source-range=0.0.0.0/0', '--dry-run=server'])
    expect(stderr).toContain(
      'west: the load balancer of the east-west gateway accepts connections from 0.0.0.0/0; before: 10.0.0.0/8',
    )
  })

  it('a mesh file has them as a map, and what it omits has its default', async () => {
    const file = join(ground.folder, 'mesh.yaml')
    const [contexts, server] = [['east', 'west'], {east: 'https://east.test:6443', west: 'https://west.test:6443'}]
    // From the range that Kubernetes does not allocate from while others are free (ServiceNodePortStaticSubrange).
    const gateway = {east: {type: 'NodePort', externalIPs: ['192.0.2.9']}, west: {nodePorts: {15443: 30_007}}}
    const spec = {contexts, server, gateway, systemNamespace: ground.namespace}
    await writeFile(file, dump({apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'Federation', spec}))
    const {code, stderr} = await ground.mesh(['federate', '-f', file, '--yes'])
    expect(code, stderr).toBe(0)
    expect(await serviceOf('west')).toMatchObject({
      spec: {ports: expect.arrayContaining([expect.objectContaining({port: 15443, nodePort: 30_007})])},
    })
    expect((await serviceOf('west')).spec).not.toHaveProperty('loadBalancerSourceRanges')
    expect((await deploymentOf('east')).spec).not.toHaveProperty('template.spec.nodeSelector')
  })
})

// The objects that istiod creates for a Gateway of class istio-east-west (istio.io, ambient multicluster).
describe.skipIf(!servers)('an ambient east-west gateway with the name of our gateway', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(servers!)
    const name = 'istio-eastwestgateway'
    const [selector, network] = [
      {'gateway.networking.k8s.io/gateway-name': name},
      {'topology.istio.io/network': `east.${ground.namespace}`},
    ]
    const metadata = {name, namespace: ground.namespace, labels: {...selector, ...network}}
    const {api} = ground.cluster('east')
    await api.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'LoadBalancer',
        selector,
        ports: [15021, 15008, 15012].map(port => ({name: `p-${port}`, port})),
      },
    })
    const template = {
      metadata: {labels: metadata.labels},
      spec: {containers: [{name: 'istio-proxy', image: 'proxyv2'}]},
    }
    await api.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {selector: {matchLabels: selector}, template},
    })
  })
  afterAll(() => ground?.close())

  const deployment = (name: string) =>
    ground
      .cluster('east')
      .api.get<AnyObject & {spec: object}>(`/apis/apps/v1/namespaces/${ground.namespace}/deployments/${name}`)

  it('is a problem before any write; with another name, both run side by side', async () => {
    const before = await deployment('istio-eastwestgateway')
    ground.reset()
    const refused = await ground.federate(['--yes'])
    expect(refused).toMatchObject({code: 3})
    expect(refused.stderr).toContain('belongs to Gateway istio-eastwestgateway of the Gateway API')
    expect(refused.stderr).toContain('--gateway east=name=istio-crossnetworkgateway')
    expect(ground.writes()).toEqual([])
    const joined = await ground.federate(['--gateway', 'east=name=istio-crossnetworkgateway', '--yes'])
    expect(joined.code, joined.stderr).toBe(0)
    expect(joined.stdout).toMatch(/^east .* joined$/m)
    expect(await deployment('istio-crossnetworkgateway')).toMatchObject({
      spec: {
        selector: {matchLabels: {app: 'istio-crossnetworkgateway', istio: 'eastwestgateway'}},
        template: {spec: {serviceAccountName: 'istio-crossnetworkgateway-service-account'}},
      },
    })
    expect(await deployment('istio-eastwestgateway')).toEqual(before)
    // The name is a stored setting.
    expect(await ground.federate(['--dry-run=server', '--exit-code'])).toMatchObject({code: 0})
  })
})
