import {mkdirSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, describe, expect, inject, it} from 'vitest'
import {gatewaysPath, installGatewayApi, playAmbientGateways} from '../../../support/ground/ambient.ts'
import {type EmptyClusters, openEmptyClusters} from '../../../support/ground/empty-clusters.ts'
import type {Ground} from '../../../support/ground/ground.ts'
import type {AnyObject} from '../../../support/servers/api.ts'
import {sharedServers} from '../../../support/servers/shared.ts'

const tools = inject('renderTools')

interface Workload extends AnyObject {
  spec: {template: {spec: {containers: {env: {name: string; value?: string}[]}[]}}}
}

describe.skipIf(!sharedServers() || !tools)(
  'federate --control-plane --data-plane ambient on two empty clusters',
  () => {
    let clusters: EmptyClusters
    let ground: Ground
    let ca: string
    let stops: (() => void)[] = []
    afterEach(async () => {
      for (const stop of stops) stop()
      stops = []
      await clusters?.close()
    })

    async function open(): Promise<void> {
      clusters = await openEmptyClusters()
      ground = clusters.ground
      ca = join(ground.folder, 'ca')
      expect(await ground.mesh(['ca', 'init', '--dir', ca])).toMatchObject({code: 0})
    }

    async function prepare(): Promise<void> {
      for (const [at, {api}] of ground.clusters.entries()) {
        await installGatewayApi(api)
        stops.push(playAmbientGateways(api, ground.namespace, `203.0.113.${31 + at}`))
      }
    }

    const env = () => ({PATH: `${tools!.istioctl}:${tools!.helm}:${process.env.PATH}`, HOME: ground.folder})
    const federate = (...args: string[]) =>
      ground.federate(['--data-plane', 'ambient', '--ca-dir', ca, '--yes', ...args], {env: env()})

    async function variables(cluster: string, workload: string): Promise<Record<string, string | undefined>> {
      const path = `/apis/apps/v1/namespaces/${ground.namespace}/${workload}`
      const found = await ground.cluster(cluster).api.get<Workload>(path)
      const all = found!.spec.template.spec.containers.flatMap(({env = []}) => env)
      return Object.fromEntries(all.map(({name, value}) => [name, value]))
    }

    async function expectAmbientMesh(): Promise<void> {
      for (const {api, cluster} of ground.clusters) {
        expect(await variables(cluster, 'deployments/istiod')).toMatchObject({
          ...{CLUSTER_ID: cluster, PILOT_ENABLE_AMBIENT: 'true', AMBIENT_ENABLE_MULTI_NETWORK: 'true'},
        })
        expect(await variables(cluster, 'daemonsets/ztunnel')).toMatchObject({
          ...{NETWORK: cluster, ISTIO_META_CLUSTER_ID: cluster, XDS_ADDRESS: `istiod.${ground.namespace}.svc:15012`},
        })
        const cni = await api.get<{data: object}>(`/api/v1/namespaces/${ground.namespace}/configmaps/istio-cni-config`)
        expect(cni!.data).toMatchObject({AMBIENT_ENABLED: 'true'})
        const config = await api.get<{data: {mesh: string}}>(`/api/v1/namespaces/${ground.namespace}/configmaps/istio`)
        expect(config!.data.mesh).toMatch(/serviceScopeConfigs:[\s\S]*scope: GLOBAL/)
        const gateway = `${gatewaysPath(ground.namespace)}/istio-eastwestgateway-ambient`
        expect(await api.get(gateway)).toMatchObject({metadata: {labels: {'topology.istio.io/network': cluster}}})
      }
    }

    it('istioctl: without the Gateway API nothing is written; with it, one command creates the mesh', async () => {
      await open()
      const refused = await federate('--control-plane', 'istioctl')
      expect(refused.code).toBe(3)
      expect(refused.stderr).toContain('the CustomResourceDefinitions of the Gateway API are missing')
      expect(refused.stderr).not.toContain('GatewayClass')
      expect(ground.writes()).toEqual([])
      await prepare()
      const {code, stdout, stderr} = await federate('--control-plane', 'istioctl')
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^east .* 203\.0\.113\.31:15008 .* joined$/m)
      await expectAmbientMesh()
      ground.reset()
      const second = await federate('--control-plane', 'istioctl')
      expect(second.code, second.stderr).toBe(0)
      expect(ground.writes()).toEqual([])
    })

    it('helm: the charts of istio-cni and ztunnel next to the istiod chart', async () => {
      await open()
      await prepare()
      const charts = join(ground.folder, 'charts')
      mkdirSync(charts)
      for (const [name, path] of [
        ['istiod', 'istio-control/istio-discovery'],
        ['base', 'base'],
        ['cni', 'istio-cni'],
        ['ztunnel', 'ztunnel'],
      ])
        symlinkSync(join(tools!.charts, path!), join(charts, name!))
      const args = ['--control-plane', 'helm', '--chart', join(charts, 'istiod')]
      const {code, stderr} = await federate(...args)
      expect(code, stderr).toBe(0)
      await expectAmbientMesh()
      ground.reset()
      const second = await federate(...args)
      expect(second.code, second.stderr).toBe(0)
      expect(ground.writes()).toEqual([])
    })
  },
)
