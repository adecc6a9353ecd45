import type {Cluster} from '../engine/cluster/cluster.ts'
import type {KubernetesObject, ObjectRef} from '../engine/kubernetes/object.ts'
import {type ControlPlane, readControlPlane} from '../istio/control-plane.ts'
import {istiodEnv} from '../istio/istiod.ts'
import {revisioned, tenantRecord} from '../istio/names.ts'

/** Identifies a control plane in a cluster. */
export interface ControlPlaneRef {
  systemNamespace: string
  /** Undefined for the control plane without a revision. */
  revision: string | undefined
}

/** A control plane and its mesh config, for commands that depend on the mesh config or change it. */
export interface ControlPlaneFacts {
  /** Undefined if the system namespace has no istiod of the revision. */
  controlPlane: ControlPlane | undefined
  /** Revisions of all control planes in the system namespace. */
  revisions: string[]
  /** ConfigMap `istio[-revision]`, or undefined if it does not exist. */
  meshMap: KubernetesObject | undefined
  /** Text of its key `mesh`. */
  meshText: string
  /** ConfigMap that istiod's env SHARED_MESH_CONFIG names; undefined if the variable is not set. */
  shared: {name: string; text: string | undefined} | undefined
  /** Environment variables of istiod. */
  env: Record<string, string | undefined>
  /** `mesh tenant add` recorded it: it shares the cluster with control planes that must not read its resources. */
  isTenant: boolean
}

/** Returns a reference to the ConfigMap that contains the mesh config. */
export function meshMapRef(where: ControlPlaneRef): ObjectRef {
  const name = revisioned('istio', where.revision)
  return {apiVersion: 'v1', kind: 'ConfigMap', namespace: where.systemNamespace, name}
}

/**
 * Reads the control plane of a revision and its mesh config.
 *
 * @throws `UnreachableError` or `ApiError`
 */
export async function readControlPlaneFacts(cluster: Cluster, where: ControlPlaneRef): Promise<ControlPlaneFacts> {
  const namespace = where.systemNamespace
  const configMap = (name: string) => cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name})
  const [deployments, meshMap, injector, tenant] = await Promise.all([
    cluster.list({apiVersion: 'apps/v1', kind: 'Deployment'}, {namespace, labelSelector: 'app=istiod'}),
    cluster.get(meshMapRef(where)),
    configMap(revisioned('istio-sidecar-injector', where.revision)),
    configMap(tenantRecord),
  ])
  const deployment = deployments.find(candidate => revisionOf(candidate) === (where.revision ?? 'default'))
  const env = deployment ? istiodEnv(deployment) : {}
  const sharedName = env.SHARED_MESH_CONFIG
  const sharedMap = sharedName ? await configMap(sharedName) : undefined
  return {
    controlPlane: deployment && readControlPlane(deployment, meshMap, injector),
    revisions: deployments.map(revisionOf),
    meshMap,
    meshText: meshTextOf(meshMap) ?? '',
    shared: sharedName ? {name: sharedName, text: meshTextOf(sharedMap)} : undefined,
    env,
    isTenant: isTenantOf(tenant, where.revision, deployments),
  }
}

/**
 * Returns whether a control plane is a tenant: it has the record of `mesh tenant add`, and no other istiod runs in its system
 * namespace, to which workloads may move.
 *
 * @param record ConfigMap `tenantRecord` of the system namespace
 * @param istiods Deployments of the istiods in the system namespace
 */
export function isTenantOf(
  record: KubernetesObject | undefined,
  revision: string | undefined,
  istiods: readonly unknown[],
): boolean {
  const recorded = (record?.data as {revision?: string} | undefined)?.revision
  return recorded !== undefined && recorded === revision && istiods.length <= 1
}

function revisionOf(deployment: KubernetesObject): string {
  return deployment.metadata.labels?.['istio.io/rev'] ?? 'default'
}

function meshTextOf(map: KubernetesObject | undefined): string | undefined {
  return (map?.data as Record<string, string> | undefined)?.mesh
}
