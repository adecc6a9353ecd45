import type {ChildProcess} from 'node:child_process'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {
  ambientControlPlane,
  createAmbient,
  gatewaysPath,
  installGatewayApi,
  playAmbientGateways,
} from '../../../support/ground/ambient.ts'
import {type Ground, type GroundOptions, isWrite, openGround} from '../../../support/ground/ground.ts'
import {memberLists} from '../../../support/ground/members.ts'
import {comparable, readAll} from '../../../support/ground/objects.ts'
import type {AnyObject} from '../../../support/servers/api.ts'
import {sharedServers} from '../../../support/servers/shared.ts'

const servers = sharedServers()
const name = 'istio-eastwestgateway-ambient'

/** A ground whose clusters run ambient meshes, with a function that removes what others would see. */
async function openAmbient(
  options: GroundOptions = {},
  ipOf: (cluster: string) => string | undefined = cluster => (cluster === 'east' ? '203.0.113.31' : '203.0.113.32'),
): Promise<{ground: Ground; close: () => Promise<void>}> {
  const ground = await openGround(servers!, {controlPlane: () => ambientControlPlane, ...options})
  const {namespace} = ground
  const stops: (() => void)[] = []
  for (const {api, cluster} of ground.clusters) {
    await installGatewayApi(api)
    await createAmbient(api, namespace, cluster, `${cluster}.${namespace}`)
    stops.push(playAmbientGateways(api, namespace, ipOf(cluster)))
  }
  const close = async () => {
    for (const stop of stops) stop()
    for (const {api} of ground.clusters) await api.delete(`/apis/apps/v1/namespaces/${namespace}/daemonsets/ztunnel`)
    await ground.close()
  }
  return {ground, close}
}

describe.skipIf(!servers)('federate of ambient meshes', () => {
  let ground: Ground
  let close: () => Promise<void>
  let before: unknown[]

  let place: string[]
  const stateOf = () =>
    Promise.all(
      ground.clusters.map(async ({api}) => comparable(await readAll(api, ground.namespace), ground.namespace)),
    )
  const gatewayOf = (cluster: string) =>
    ground.cluster(cluster).api.get<AnyObject & {spec: object}>(`${gatewaysPath(ground.namespace)}/${name}`)
  const sidecarGateway = (cluster: string) =>
    ground.cluster(cluster).api.get(`/apis/apps/v1/namespaces/${ground.namespace}/deployments/istio-eastwestgateway`)

  beforeAll(async () => {
    ;({ground, close} = await openAmbient())
    place = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    before = await stateOf()
  })
  afterAll(() => close?.())

  it('a run that is killed before and after it creates the gateway is continued', async () => {
    const isGateway = (url: string) => url.includes('/gateway.networking.k8s.io/')
    for (const when of ['before', 'after'] as const) {
      let child: ChildProcess | undefined
      let seen = false
      ground.reset()
      for (const {proxy} of ground.clusters)
        proxy.decide = request => {
          if (!isWrite(request)) return 'pass'
          if (seen || (when === 'before' && isGateway(request.url))) {
            child!.kill('SIGKILL')
            return 'hang'
          }
          seen = isGateway(request.url)
          return 'pass'
        }
      const {code} = await ground.federate(['--yes'], {onStart: started => (child = started)})
      expect(code, when).toBe(-1)
    }
    ground.reset()
  })

  it('detects the data plane, creates the gateways, and waits for their addresses before it links the clusters', async () => {
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^east .* 203\.0\.113\.31:15008 .* joined$/m)
    expect(stdout).toMatch(/^west .* 203\.0\.113\.32:15008 .* joined$/m)
    for (const {cluster, api} of ground.clusters) {
      expect(await gatewayOf(cluster)).toMatchObject({
        metadata: {labels: {'topology.istio.io/network': `${cluster}.${ground.namespace}`}},
        spec: {
          gatewayClassName: 'istio-east-west',
          listeners: [
            {
              port: 15008,
              protocol: 'HBONE',
              tls: {mode: 'Terminate', options: {'gateway.istio.io/tls-terminate-mode': 'ISTIO_MUTUAL'}},
            },
          ],
        },
      })
      expect(await sidecarGateway(cluster)).toBeUndefined()
      const {listed, live} = await memberLists(api, ground.namespace, 'kubectl-mesh-ambient')
      expect(listed).toEqual(live)
      expect(listed).toHaveLength(1)
    }
    const second = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(second.code, second.stdout).toBe(0)
  })

  it('status shows the addresses', async () => {
    const {stdout} = await ground.mesh(['federate', 'status', ...place])
    expect(stdout).toMatch(/^east .* 203\.0\.113\.31:15008/m)
    expect(stdout).not.toContain('ambient-')
  })

  it('check finds a gateway that istiods of other clusters ignore, and that it differs from what federate applies', async () => {
    const found = async () => {
      const {stdout, stderr} = await ground.mesh(['check', ...place, '-o', 'json'])
      const {groups} = JSON.parse(stdout || stderr) as {groups: {findings: {cluster?: string; check: string}[]}[]}
      const all = groups.flatMap(({findings}) => findings.map(({cluster, check}) => `${cluster} ${check}`))
      return [...new Set(all)].filter(one => /ambient|drift/.test(one)).sort()
    }
    expect(await found()).toEqual([])
    const {api} = ground.cluster('west')
    const gateway = (await gatewayOf('west'))!
    const spec = {...gateway.spec, gatewayClassName: 'istio-waypoint'}
    await api.apply({...gateway, metadata: {name, namespace: ground.namespace}, spec})
    expect(await found()).toEqual(['west ambient-gateway', 'west drift'])
    const repaired = await ground.federate(['--yes', '--force-conflicts'])
    expect(repaired.code, repaired.stderr).toBe(0)
    expect(await found()).toEqual([])
  })

  it('both adds the gateways for sidecars, and reports what cannot reach what; ambient removes them again', async () => {
    const both = await ground.federate(['--data-plane', 'both', '--yes'])
    expect(both.code, both.stderr).toBe(0)
    expect(both.stdout).toMatch(/^east .* 203\.0\.113\.1,203\.0\.113\.31:15008 .* joined$/m)
    expect(both.stderr).toContain(
      'pods with a sidecar and pods in ambient mode do not reach each other across clusters',
    )
    expect(await sidecarGateway('east')).toBeDefined()
    const kept = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(kept.code, kept.stdout).toBe(0)
    const back = await ground.federate(['--data-plane', 'ambient', '--yes'])
    expect(back.code, back.stderr).toBe(0)
    expect(back.stderr).toContain(
      'the data plane changes from both to ambient: pods with a sidecar can no longer reach',
    )
    expect(await sidecarGateway('east')).toBeUndefined()
    expect(await gatewayOf('east')).toBeDefined()
  })

  it('--data-plane sidecar removes the gateways of ambient mode and their record', async () => {
    const {code, stderr} = await ground.federate(['--data-plane', 'sidecar', '--yes'])
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('for pods in ambient mode beside those with a sidecar: --data-plane both')
    expect(await gatewayOf('east')).toBeUndefined()
    const record = `/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-ambient`
    expect(await ground.cluster('east').api.get(record)).toBeUndefined()
    const again = await ground.federate([
      '--data-plane',
      'ambient',
      '--gateway',
      'east=annotation=lb/scheme=internal',
      '--yes',
    ])
    expect(again.code, again.stderr).toBe(0)
    expect(await gatewayOf('east')).toMatchObject({spec: {infrastructure: {annotations: {'lb/scheme': 'internal'}}}})
  })

  it('remove restores the clusters', async () => {
    const {code, stderr} = await ground.mesh(['federate', 'remove', ...place, '--yes'])
    expect(code, stderr).toBe(0)
    await expect.poll(stateOf, {timeout: 30_000}).toEqual(before)
  })
})

describe.skipIf(!servers)('federate of clusters that are not ready for ambient mode', () => {
  it('names each missing setting with the values in the form of the installer, before any write', async () => {
    const {ground, close} = await openAmbient({
      controlPlane: context =>
        context === 'east'
          ? {version: '1.26.4', helmRelease: 'istiod'}
          : {...ambientControlPlane, env: {PILOT_ENABLE_AMBIENT: 'true'}, meshConfig: {}},
    })
    try {
      const {api} = ground.cluster('west')
      await createAmbient(api, ground.namespace, 'west', 'other')
      const {code, stderr} = await ground.federate(['--data-plane', 'ambient', '--yes'])
      expect(code).toBe(3)
      for (const text of [
        'east: istiod has no PILOT_ENABLE_AMBIENT=true and AMBIENT_ENABLE_MULTI_NETWORK=true: it does not serve pods in ambient mode',
        `--set-json 'pilot.env.PILOT_ENABLE_AMBIENT="true"' --set-json 'pilot.env.AMBIENT_ENABLE_MULTI_NETWORK="true"'`,
        'east: Istio 1.26.4 does not support ambient mode in several networks; expected 1.29 or newer',
        'west: istiod has no AMBIENT_ENABLE_MULTI_NETWORK=true: it sends ztunnel nothing about other networks',
        '--set values.pilot.env.AMBIENT_ENABLE_MULTI_NETWORK=true',
        'west: the mesh config has no serviceScopeConfigs with scope GLOBAL',
        '--set profile=ambient',
        `west: DaemonSet ${ground.namespace}/ztunnel has network other; expected west.${ground.namespace}`,
      ])
        expect(stderr).toContain(text)
      expect(ground.writes()).toEqual([])
    } finally {
      await close()
    }
  })

  it('no cluster gets a credential for one whose gateway has no address in its status', async () => {
    const {ground, close} = await openAmbient({}, cluster => (cluster === 'east' ? '203.0.113.31' : undefined))
    try {
      const {code, stderr} = await ground.federate(['--data-plane', 'ambient', '--timeout', '5s', '--yes'])
      expect(code, stderr).toBe(4)
      expect(stderr).toContain(
        `west: Gateway ${ground.namespace}/${name} has no address, so ztunnels of other clusters cannot reach pods of this cluster: address pending for Service (after 5s)`,
      )
      const secret = `/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-west`
      expect(await ground.cluster('east').api.get(secret)).toBeUndefined()
    } finally {
      await close()
    }
  })
})
