import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {vi} from 'vitest'
import {labCache} from '../binaries.ts'
import type {FakeControlPlaneOptions} from '../fake/control-plane.ts'
import {repeat} from '../repeat.ts'
import type {AnyObject, Api} from '../servers/api.ts'

/** A fake control plane as Istio's profile `ambient` and the switch for several networks configure it. */
export const ambientControlPlane: Partial<FakeControlPlaneOptions> = {
  version: '1.31.1',
  env: {PILOT_ENABLE_AMBIENT: 'true', AMBIENT_ENABLE_MULTI_NETWORK: 'true'},
  meshConfig: {
    serviceScopeConfigs: [
      {
        servicesSelector: {matchExpressions: [{key: 'istio.io/global', operator: 'In', values: ['true']}]},
        scope: 'GLOBAL',
      },
    ],
  },
}

const nameLabel = 'gateway.networking.k8s.io/gateway-name'

/** Path of the gateways of a namespace. */
export const gatewaysPath = (namespace: string) => `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways`

/** Installs the definitions of the Gateway API (standard channel), and waits until they are served. */
export async function installGatewayApi(api: Api): Promise<void> {
  const text = await readFile(join(labCache().share, 'gateway-crds.yaml'), 'utf8')
  const all = (loadAll(text) as (AnyObject | null)[]).filter(one => one !== null)
  for (const object of all) await api.apply(object)
  // A new definition is not served at once: first 404, then 429.
  for (const path of [gatewaysPath('default'), '/apis/gateway.networking.k8s.io/v1/gatewayclasses'])
    await vi.waitUntil(async () => (await api.get(path).catch(() => undefined)) !== undefined, {timeout: 60_000})
}

/** Creates what an istiod with ambient mode in several networks creates in a cluster, and the DaemonSet of ztunnel. */
export async function createAmbient(api: Api, namespace: string, cluster: string, network: string): Promise<void> {
  await api.apply({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: {name: 'istio-east-west'},
    spec: {controllerName: 'istio.io/eastwest-controller'},
  })
  const env = [
    {name: 'NETWORK', value: network},
    {name: 'ISTIO_META_CLUSTER_ID', value: cluster},
  ]
  await api.apply({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {name: 'ztunnel', namespace},
    spec: {
      selector: {matchLabels: {app: 'ztunnel'}},
      template: {
        metadata: {labels: {app: 'ztunnel'}},
        spec: {containers: [{name: 'istio-proxy', image: 'ztunnel', env}]},
      },
    },
  })
}

/**
 * Accepts the gateways of class `istio-east-west` in a namespace, like istiod, and creates and removes their Services and pods.
 * Without an address of the load balancer, the status has a ClusterIP.
 *
 * @param ip their address; undefined for a load balancer without one
 * @returns a function that stops it
 */
export function playAmbientGateways(api: Api, namespace: string, ip: string | undefined): () => void {
  type Gateway = AnyObject & {spec: {gatewayClassName: string}; status?: object}
  return repeat(async () => {
    const list = await api.get<{items?: Gateway[]}>(gatewaysPath(namespace))
    const all = list?.items ?? []
    await removeOthers(
      api,
      namespace,
      all.map(({metadata}) => metadata.name),
    )
    for (const {metadata, spec, status} of all) {
      if (spec.gatewayClassName !== 'istio-east-west' || JSON.stringify(status ?? {}).includes('"addresses"')) continue
      await createPods(api, metadata as unknown as Metadata, ip)
      const condition = (type: string, holds: boolean) => ({
        type,
        status: holds ? 'True' : 'False',
        reason: holds ? type : 'AddressNotAssigned',
        message: holds ? 'ok' : 'address pending for Service',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })
      await api.apply(
        {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'Gateway',
          metadata: {name: metadata.name, namespace},
          status: {
            addresses: [{type: 'IPAddress', value: ip ?? '10.96.9.9'}],
            conditions: [condition('Accepted', true), condition('Programmed', ip !== undefined)],
          },
        },
        'status',
      )
    }
  })
}

interface Metadata {
  name: string
  namespace: string
  labels: Record<string, string>
}

async function createPods(api: Api, {name, namespace, labels: own}: Metadata, ip: string | undefined): Promise<void> {
  const [selector, network] = [{[nameLabel]: name}, 'topology.istio.io/network']
  const labels = {...selector, [network]: own[network]!}
  const ports = [15021, 15008].map(port => ({name: `port-${port}`, port}))
  const service = {apiVersion: 'v1', kind: 'Service'}
  await api.apply({...service, metadata: {name, namespace, labels}, spec: {type: 'LoadBalancer', selector, ports}})
  const ingress = ip === undefined ? [] : [{ip, ipMode: 'VIP'}]
  await api.apply({...service, metadata: {name, namespace}, status: {loadBalancer: {ingress}}}, 'status')
  const containers = [{name: 'istio-proxy', image: 'auto'}]
  const template = {metadata: {labels}, spec: {containers}}
  const metadata = {name, namespace, labels}
  const kind = {apiVersion: 'apps/v1', kind: 'Deployment'}
  await api.apply({...kind, metadata, spec: {selector: {matchLabels: selector}, template}})
  const counts = {replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1}
  await api.apply({...kind, metadata: {name, namespace}, status: {observedGeneration: 1, ...counts}}, 'status')
}

async function removeOthers(api: Api, namespace: string, names: readonly string[]): Promise<void> {
  for (const path of [
    `/api/v1/namespaces/${namespace}/services`,
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
  ]) {
    const list = await api.get<{items?: AnyObject[]}>(`${path}?labelSelector=${encodeURIComponent(nameLabel)}`)
    for (const {metadata} of list?.items ?? [])
      if (!names.includes(metadata.name)) await api.delete(`${path}/${metadata.name}`)
  }
}
