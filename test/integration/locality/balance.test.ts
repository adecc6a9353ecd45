import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, type GroundCluster, openGround} from '../../support/ground/ground.ts'
import {runOk} from '../../support/run.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {findKubectl} from '../../support/servers/kubectl.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('mesh locality balance on a real API server', () => {
  let ground: Ground
  let one: GroundCluster
  let namespace: string
  let regions: [string, string]

  beforeAll(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1)})
    one = ground.clusters[0]!
    namespace = `${ground.namespace}-shop`
    regions = [`sz-${process.pid}`, `bj-${process.pid}`]
    await one.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    for (const [at, region] of regions.entries()) {
      const labels = {'topology.kubernetes.io/region': region, 'topology.kubernetes.io/zone': `${region}-1`}
      await one.api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name: nodeOf(at), labels}})
    }
    for (const name of ['web', 'db', 'api', 'near']) {
      await one.api.apply({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {name, namespace},
        spec: {ports: [{name: 'http', port: 80}], selector: {app: name}},
      })
      await one.api.apply({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {name: `${name}-1`, namespace, labels: {'kubernetes.io/service-name': name}},
        addressType: 'IPv4',
        ports: [{name: 'http', port: 80}],
        endpoints: regions.map((_, at) => ({
          addresses: [`10.9.0.${at + 1}`],
          nodeName: nodeOf(at),
          conditions: {ready: true},
        })),
      } as unknown as AnyObject)
    }
  })
  afterAll(async () => {
    for (const at of [0, 1]) await one?.api.delete(`/api/v1/nodes/${nodeOf(at)}`)
    await ground?.close()
  })
  beforeEach(() => ground.reset())

  const nodeOf = (at: number) => `node-${process.pid}-${at}`
  const balance = (...args: string[]) =>
    ground.mesh(['locality', 'balance', '-n', namespace, '--system-namespace', ground.namespace, ...args])
  const status = (...args: string[]) =>
    ground.mesh(['locality', 'status', '-n', namespace, '--system-namespace', ground.namespace, ...args])
  const rule = (name: string) =>
    one.api.get<AnyObject & {spec: {trafficPolicy: Record<string, Record<string, unknown>>}}>(
      `/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules/${name}`,
    )

  it('creates a rule that fails over, replaces its setting, and changes nothing in a second run', async () => {
    const [sz, bj] = regions
    expect((await balance('web', '--failover', `${sz}=${bj}`, '--yes')).code).toBe(0)
    expect((await rule('web-locality'))!.spec.trafficPolicy).toEqual({
      loadBalancer: {localityLbSetting: {enabled: true, failover: [{from: sz, to: bj}]}},
      outlierDetection: {consecutive5xxErrors: 5, interval: '10s', baseEjectionTime: '30s', maxEjectionPercent: 100},
    })
    const shown = JSON.parse((await status('web', '--from', `${sz}/${sz}-1`, '-o', 'json')).stdout)
    expect(shown.servedFrom).toEqual([
      {
        from: `${sz}/${sz}-1`,
        served: [
          expect.objectContaining({priority: 0, locality: `${sz}/${sz}-1`}),
          expect.objectContaining({priority: 1, locality: `${bj}/${bj}-1`, why: `failover ${sz} → ${bj}`}),
        ],
      },
    ])
    expect((await balance('web', '--distribute', `${sz}=${sz}:60,${bj}:40`, '--yes')).code).toBe(0)
    const setting = (await rule('web-locality'))!.spec.trafficPolicy.loadBalancer
    expect(setting).toEqual({localityLbSetting: {enabled: true, distribute: [{from: sz, to: {[sz]: 60, [bj]: 40}}]}})
    ground.reset()
    const again = await balance('web', '--distribute', `${sz}=${sz}:60,${bj}:40`, '--yes')
    expect({code: again.code, writes: ground.writes()}).toEqual({code: 0, writes: []})
  })

  it('adds its fields to a rule of another owner, and keeps the existing fields', async () => {
    const kubectl = [
      await findKubectl(),
      '--kubeconfig',
      one.direct.kubeconfig,
      '--context',
      one.direct.context,
      '-n',
      namespace,
    ]
    const byHand = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: {name: 'db-tls', namespace},
      spec: {
        host: 'db',
        subsets: [{name: 'v1', labels: {version: 'v1'}}],
        trafficPolicy: {
          tls: {mode: 'ISTIO_MUTUAL'},
          outlierDetection: {consecutive5xxErrors: 1},
          loadBalancer: {simple: 'LEAST_REQUEST'},
        },
      },
    }
    await runOk([...kubectl, 'apply', '-f', '-'], {input: JSON.stringify(byHand)})
    const {code, stdout} = await balance('db', '--failover', regions.join('='), '--yes')
    expect({code, stdout}).toEqual({
      code: 0,
      stdout: expect.stringContaining('destinationrule.networking.istio.io/db-tls'),
    })
    // The rule is not ours, but its settings are stored.
    expect(stdout).toContain('configmap/kubectl-mesh-locality-settings')
    const after = await rule('db-tls')
    expect(after!.spec).toEqual({
      ...byHand.spec,
      trafficPolicy: {
        ...byHand.spec.trafficPolicy,
        loadBalancer: {
          simple: 'LEAST_REQUEST',
          localityLbSetting: {enabled: true, failover: [{from: regions[0], to: regions[1]}]},
        },
      },
    })
    expect(await rule('db-locality')).toBeUndefined()
    ground.reset()
    expect((await balance('db', '--failover', regions.join('='), '--yes')).code).toBe(0)
    expect(ground.writes()).toEqual([])
    // Our own fields can be changed; a setting that conflicts with existing ones is refused.
    await runOk([...kubectl, 'apply', '-f', '-'], {
      input: JSON.stringify({
        ...byHand,
        metadata: {name: 'api', namespace},
        spec: {
          host: 'api',
          trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: '*', to: {'*': 100}}]}}},
        },
      }),
    })
    const refused = await balance('api', '--failover', regions.join('='), '--yes')
    expect({code: refused.code, stderr: refused.stderr}).toEqual({
      code: 3,
      stderr: expect.stringContaining('has distribute, which conflicts with failover'),
    })
    expect(ground.writes()).toEqual([])
  })

  it('keeps the outlier detection that an earlier run has set in a rule of another owner', async () => {
    const theirs = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: {name: 'near-tls', namespace},
      spec: {host: 'near', trafficPolicy: {tls: {mode: 'ISTIO_MUTUAL'}}},
    }
    await one.api.apply(theirs)
    for (const _ of [1, 2]) expect((await balance('near', '--yes')).code).toBe(0)
    expect((await rule('near-tls'))!.spec.trafficPolicy.outlierDetection).toMatchObject({maxEjectionPercent: 100})
    await one.api.delete(`/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules/near-tls`)
  })

  it('prefers the same zone with one field of the Service', async () => {
    expect((await balance('near', '--prefer-close', '--yes')).code).toBe(0)
    const service = await one.api.get<AnyObject & {spec: object}>(`/api/v1/namespaces/${namespace}/services/near`)
    expect(service!.spec).toMatchObject({
      trafficDistribution: 'PreferClose',
      ports: [{port: 80}],
      selector: {app: 'near'},
    })
    expect(service!.metadata.labels).toBeUndefined()
    const {stdout} = await status('near')
    expect(stdout).toContain('(trafficDistribution PreferClose)')
    ground.reset()
    expect((await balance('near', '--prefer-close', '--yes')).code).toBe(0)
    expect(ground.writes()).toEqual([])
  })

  it('turns locality load balancing off and on, and changes nothing else of the mesh config', async () => {
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/istio`
    const mesh = async () => (await one.api.get<AnyObject & {data: {mesh: string}}>(path))!.data.mesh
    const before = await mesh()
    expect((await balance('--mesh-wide', 'off', '--yes')).code).toBe(0)
    expect(await mesh()).toBe(`${before}\nlocalityLbSetting:\n  enabled: false`)
    const reported = await balance('near', '--yes', '--dry-run=server')
    expect(reported.stderr).toContain('localityLbSetting.enabled: false')
    expect((await balance('--mesh-wide', 'on', '--yes')).code).toBe(0)
    expect(await mesh()).toBe(`${before}\nlocalityLbSetting:\n  enabled: true`)
  })

  it.each([
    [['web', '--failover', 'nowhere=elsewhere'], 'no node or endpoint is in region nowhere'],
    [['web', '--distribute', 'nowhere=nowhere:100'], 'no node or endpoint is in nowhere'],
    [['missing'], 'neither a Service nor a host'],
    [['web', '--revision', 'other'], 'no istiod of revision other'],
  ])('%j is an error, and nothing is written', async (args, problem) => {
    const {code, stderr} = await balance(...args, '--yes')
    expect({code, stderr}).toEqual({code: 3, stderr: expect.stringContaining(problem)})
    expect(ground.writes()).toEqual([])
  })

  it('unbalance restores rules and Services object by object, and removes the settings of the hosts', async () => {
    const service = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name, namespace},
      spec: {ports: [{name: 'http', port: 80}], selector: {app: name}},
    })
    const rules = `/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules`
    const foreign = (name: string, spec: object) => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: {name, namespace},
      spec: {host: name, ...spec},
    })
    for (const name of ['u-own', 'u-bare', 'u-policy', 'u-near']) await one.api.apply(service(name))
    await one.api.create(foreign('u-bare', {}))
    await one.api.create(foreign('u-policy', {trafficPolicy: {loadBalancer: {simple: 'RANDOM'}}}))
    const plain = async (path: string) => {
      const object = await one.api.get<AnyObject & {spec: object}>(path)
      const {
        resourceVersion: _,
        managedFields: _fields,
        generation: _generation,
        ...metadata
      } = (object?.metadata ?? {}) as unknown as Record<string, unknown>
      return object && {metadata, spec: object.spec}
    }
    const paths = [
      ...['u-own-locality', 'u-bare', 'u-policy'].map(name => `${rules}/${name}`),
      `/api/v1/namespaces/${namespace}/services/u-near`,
    ]
    const read = () => Promise.all(paths.map(plain))
    const before = await read()
    for (const host of ['u-own', 'u-bare', 'u-policy'])
      expect((await balance(host, '--failover', regions.join('='), '--yes')).code).toBe(0)
    expect((await balance('u-near', '--prefer-close', '--yes')).code).toBe(0)
    expect(await read()).not.toEqual(before)
    const unbalance = (...args: string[]) =>
      ground.mesh(['locality', 'unbalance', '-n', namespace, '--system-namespace', ground.namespace, ...args])
    const shown = await unbalance('u-own', 'u-bare', 'u-policy', 'u-near', '--dry-run=server')
    expect({code: shown.code, stderr: shown.stderr}).toEqual({code: 0, stderr: ''})
    expect((await unbalance('u-own', 'u-bare', 'u-policy', 'u-near', '--yes')).code).toBe(0)
    expect(await read()).toEqual(before)
    const settings = async () =>
      (
        await one.api.get<AnyObject & {data: object}>(
          `/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-locality-settings`,
        )
      )?.data
    expect(Object.keys((await settings()) ?? {}).filter(key => key.startsWith('u-'))).toEqual([])
    ground.reset()
    const again = await unbalance('u-own', '--yes')
    expect({code: again.code, writes: ground.writes()}).toEqual({code: 0, writes: []})
    expect(again.stderr).toContain('nothing to remove')
    // The former setting of the mesh config stays until `--mesh-wide undo`; then nothing is left.
    expect((await balance('--mesh-wide', 'undo', '--yes')).code).toBe(0)
    expect((await unbalance('--all', '--yes')).code).toBe(0)
    expect(await settings()).toBeUndefined()
    expect(await rule('web-locality')).toBeUndefined()
  })

  it('warns about localities that get no requests', async () => {
    const {code, stderr} = await balance('web', '--distribute', `${regions[0]}=${regions[1]}:100`, '--dry-run=server')
    expect({code, stderr}).toEqual({
      code: 0,
      stderr: expect.stringContaining(`never use the endpoints in ${regions[0]}`),
    })
  })
})
