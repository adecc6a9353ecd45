import {type ControlPlaneFacts, type ControlPlaneRef, readControlPlaneFacts} from '../../control-plane/read.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {idLabel} from '../../engine/kubernetes/applyset-parent.ts'
import {parseMembers} from '../../engine/kubernetes/member-record.ts'
import {type KubernetesObject, refKey, refOf} from '../../engine/kubernetes/object.ts'
import {type MeshConfig, meshConfigOf} from '../../istio/mesh-config.ts'
import {customPolicies, type ExtAuthz, readExtAuthz} from './istio.ts'
import {authzApplySet} from './spec.ts'

/** An authorizer with the mesh config that contains it. */
export type FoundProvider = ExtAuthz & {from: 'mesh-config' | 'shared-config'}

/** What was read from a cluster about authorizers. Lists hold the objects of all namespaces, unchanged. */
export interface AuthzFacts {
  cluster: Cluster
  controlPlane: ControlPlaneFacts
  mesh: MeshConfig
  /** The authorizers of the mesh config, and those of the shared mesh config with other names. */
  providers: FoundProvider[]
  /** Names of all providers of both mesh configs, of any type. */
  providerNames: string[]
  /** AuthorizationPolicies that use an external authorizer. */
  policies: KubernetesObject[]
  /** All AuthorizationPolicies. */
  allPolicies: KubernetesObject[]
  /** EnvoyFilters. */
  filters: KubernetesObject[]
  services: KubernetesObject[]
  serviceEntries: KubernetesObject[]
  slices: KubernetesObject[]
  pods: KubernetesObject[]
  namespaces: KubernetesObject[]
  /** Deployments, DaemonSets and StatefulSets. */
  workloads: KubernetesObject[]
  /** Istio Gateways. */
  gateways: KubernetesObject[]
  /** Gateways of the Gateway API. */
  apiGateways: KubernetesObject[]
}

/**
 * Reads everything that external authorizers depend on, with one LIST per kind.
 *
 * @throws UnreachableError, ApiError
 */
export async function readAuthzFacts(cluster: Cluster, where: ControlPlaneRef): Promise<AuthzFacts> {
  const [controlPlane, objects] = await Promise.all([readControlPlaneFacts(cluster, where), readObjects(cluster)])
  const mesh = meshConfigOf(controlPlane.meshText)
  const shared = meshConfigOf(controlPlane.shared?.text ?? '')
  return {cluster, controlPlane, mesh, ...providersOf(mesh, shared), ...objects}
}

async function readObjects(cluster: Cluster) {
  const list = (apiVersion: string, kind: string) => cluster.list({apiVersion, kind})
  const networking = 'networking.istio.io/v1'
  const [allPolicies, filters, services, serviceEntries, slices, pods, namespaces, workloads, gateways, apiGateways] =
    await Promise.all([
      list('security.istio.io/v1', 'AuthorizationPolicy'),
      list('networking.istio.io/v1alpha3', 'EnvoyFilter'),
      list('v1', 'Service'),
      list(networking, 'ServiceEntry'),
      list('discovery.k8s.io/v1', 'EndpointSlice'),
      list('v1', 'Pod'),
      list('v1', 'Namespace'),
      Promise.all(['Deployment', 'DaemonSet', 'StatefulSet'].map(kind => list('apps/v1', kind))),
      list(networking, 'Gateway'),
      list('gateway.networking.k8s.io/v1', 'Gateway'),
    ])
  return {
    policies: customPolicies(allPolicies),
    allPolicies,
    filters,
    services,
    serviceEntries,
    slices,
    pods,
    namespaces,
    workloads: workloads.flat(),
    gateways,
    apiGateways,
  }
}

/** Of two providers with the same name, istiod uses the one of the main mesh config (pkg/config/mesh, Istio 1.31). */
function providersOf(main: MeshConfig, shared: MeshConfig): Pick<AuthzFacts, 'providers' | 'providerNames'> {
  const ofMain = readExtAuthz(main.extensionProviders)
  const ofShared = readExtAuthz(shared.extensionProviders).filter(({name}) => !ofMain.some(one => one.name === name))
  const all = [...(main.extensionProviders ?? []), ...(shared.extensionProviders ?? [])]
  return {
    providers: [
      ...ofMain.map(one => ({...one, from: 'mesh-config' as const})),
      ...ofShared.map(one => ({...one, from: 'shared-config' as const})),
    ],
    providerNames: all.flatMap(provider => {
      const name = (provider as {name?: unknown} | null)?.name
      return typeof name === 'string' ? [name] : []
    }),
  }
}

/** Whether the record of an authorizer lists an object with its UID. */
export type IsRecorded = (authorizer: string, object: KubernetesObject) => boolean

/**
 * Reads the records of all authorizers of a control plane, with one LIST.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid list
 */
export async function readRecorded(cluster: Cluster, where: ControlPlaneRef): Promise<IsRecorded> {
  const maps = await cluster.list(
    {apiVersion: 'v1', kind: 'ConfigMap'},
    {namespace: where.systemNamespace, labelSelector: idLabel},
  )
  const lists = new Map(maps.map(parent => [parent.metadata.name, parent]))
  return (name, object) => {
    const {uid} = parseMembers(lists.get(authzApplySet({...where, name}).name))?.get(refKey(refOf(object))) ?? {}
    return uid !== undefined && uid === object.metadata.uid
  }
}
