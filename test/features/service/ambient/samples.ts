import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {Membership} from '../../../../src/engine/plan/membership.ts'
import {stubApplySet} from '../../../../src/features/service/ambient/objects.ts'
import type {SharingRequest} from '../../../../src/features/service/ambient/plan.ts'
import type {SharingCluster} from '../../../../src/features/service/ambient/read.ts'
import type {ServiceScope} from '../../../../src/istio/ambient.ts'
import {base} from '../../../mesh/services/samples.ts'

type Meta = Partial<KubernetesObject['metadata']>

/** What Istio's profile `ambient` sets. */
export const globalScope: ServiceScope = {
  scope: 'GLOBAL',
  servicesSelector: {matchExpressions: [{key: 'istio.io/global', operator: 'In', values: ['true']}]},
}

export const ports = [{name: 'http', port: 80, protocol: 'TCP', targetPort: 8080, nodePort: 31080}]

/** The Service `demo/hello`. */
export const hello = (metadata: Meta = {}, spec: object = {selector: {app: 'hello'}, ports}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'hello', namespace: 'demo', uid: 'u1', ...metadata},
  spec,
})

export const sharedMeta = (record: object, label = 'true'): Meta => ({
  labels: {'istio.io/global': label},
  annotations: {'kubectl-mesh.io/shared': JSON.stringify(record)},
})

/** A cluster with namespace `demo`. */
export function sharing(name: string, services: readonly KubernetesObject[], more: Partial<SharingCluster> = {}) {
  const stubs: readonly KubernetesObject[] = more.stubs?.objects ?? []
  const plane = base(name).controlPlane!
  return {
    ...base(name),
    controlPlane: {...plane, ambient: {multiNetwork: true, sharesServices: true, scopes: [globalScope]}},
    isAmbient: true,
    services: new Map(services.map(one => [`${one.metadata.namespace}/${one.metadata.name}`, one])),
    namespaces: new Map([['demo', namespace('demo')]]),
    waypoints: new Set<string>(),
    ...more,
    stubs: membership(stubs),
  } satisfies SharingCluster
}

export const namespace = (name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {name, labels},
})

/** The membership of these stubs. */
export const membership = (objects: readonly KubernetesObject[]): Membership => ({
  parent: undefined,
  set: stubApplySet({systemNamespace: 'istio-system'}),
  replaced: [],
  objects,
  unrecorded: [],
  namespaces: new Map(),
  owns: object => objects.some(one => one.metadata.uid === object.metadata.uid),
  adopts: () => false,
})

/** The request that exports all Services of the exporting clusters. */
export const request = (
  exporting: readonly SharingCluster[],
  importing: readonly SharingCluster[],
  more: Partial<SharingRequest> = {},
): SharingRequest => ({
  exporting,
  importing,
  selected: ({services}) => services,
  isWithdrawn: () => false,
  byLabel: () => undefined,
  manager: 'kubectl-mesh',
  ...more,
})
