import type {Cluster} from '../engine/cluster/cluster.ts'
import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {type ControlPlane, readControlPlane} from '../istio/control-plane.ts'
import {revisioned} from '../istio/names.ts'
import type {LabelSelector} from '../istio/selectors.ts'
import {loadYaml} from '../text/yaml.ts'

/** Which control plane. */
export interface ControlPlaneRef {
  systemNamespace: string
  revision: string | undefined
}

/** A control plane with its mesh config, as far as commands that change the mesh config have to know it. */
export interface ControlPlaneFacts {
  plane: ControlPlane | undefined
  /** Revisions of all control planes of the namespace. */
  revisions: string[]
  /** ConfigMap `istio[-revision]`; undefined when it is not there. */
  meshMap: KubernetesObject | undefined
  /** Its key `mesh`, as text. */
  meshText: string
  /** ConfigMap of the env SHARED_MESH_CONFIG; undefined without that env. */
  shared: {name: string; text: string | undefined} | undefined
  /** Environment of istiod. */
  env: Record<string, string | undefined>
}

/** Name of the ConfigMap with the mesh config. */
export function meshMapRef(where: ControlPlaneRef): ObjectRef {
  const name = revisioned('istio', where.revision)
  return {apiVersion: 'v1', kind: 'ConfigMap', namespace: where.systemNamespace, name}
}

/** Reads the control plane of a revision. Throws `UnreachableError` or `ApiError`. */
export async function readControlPlaneFacts(cluster: Cluster, where: ControlPlaneRef): Promise<ControlPlaneFacts> {
  const namespace = where.systemNamespace
  const configMap = (name: string) => cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name})
  const [deployments, meshMap, injector] = await Promise.all([
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {namespace, labelSelector: 'app=istiod'}),
    configMap(revisioned('istio', where.revision)),
    configMap(revisioned('istio-sidecar-injector', where.revision)),
  ])
  const revisionOf = (deployment: KubernetesObject) => deployment.metadata.labels?.['istio.io/rev'] ?? 'default'
  const deployment = deployments.find(one => revisionOf(one) === (where.revision ?? 'default'))
  const env = deployment ? envOf(deployment) : {}
  const sharedName = env.SHARED_MESH_CONFIG
  const sharedMap = sharedName ? await configMap(sharedName) : undefined
  return {
    plane: deployment && readControlPlane(deployment, meshMap, injector),
    revisions: deployments.map(revisionOf),
    meshMap,
    meshText: textOf(meshMap) ?? '',
    shared: sharedName ? {name: sharedName, text: textOf(sharedMap)} : undefined,
    env,
  }
}

function textOf(map: KubernetesObject | undefined): string | undefined {
  return (map?.data as Record<string, string> | undefined)?.mesh
}

function envOf(deployment: KubernetesObject): Record<string, string | undefined> {
  const spec = deployment.spec as
    | {template?: {spec?: {containers?: {name: string; env?: {name: string; value?: string}[]}[]}}}
    | undefined
  const container = spec?.template?.spec?.containers?.find(({name}) => name === 'discovery')
  return Object.fromEntries((container?.env ?? []).map(({name, value}) => [name, value]))
}

/** What is read from a mesh config here; all else is nobody's business. */
export interface MeshConfig {
  rootNamespace?: string
  localityLbSetting?: Record<string, unknown>
  extensionProviders?: unknown[]
  discoverySelectors?: LabelSelector[]
}

/** The mesh config; empty for one that can't be read, which a check of its own tells. */
export function meshConfigOf(text: string): MeshConfig {
  try {
    const value = loadYaml(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as MeshConfig) : {}
  } catch {
    return {}
  }
}
