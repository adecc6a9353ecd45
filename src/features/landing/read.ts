import type {Cluster} from '../../engine/cluster/cluster.ts'
import {ApiError} from '../../engine/cluster/errors.ts'
import {multiClusterLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {readControlPlanes, readFederationRecord} from '../../mesh/read.ts'
import {clusterInRecord, readRemoteRecord} from '../../mesh/record.ts'
import {parseImports} from '../../mesh/services/parse-import.ts'
import {readImports} from '../../mesh/services/read-imports.ts'
import {nameOfCluster} from '../../run/where.ts'

/** What runs in a cluster, as far as the landing screen shows it. */
export interface ClusterState {
  /** Of the namespace kube-system. */
  uid: string
  /** Versions of the control planes, without duplicates. */
  versions: string[]
  /** Name of the cluster whose control plane serves this one; undefined if it has its own, or none. */
  primary: string | undefined
  meshId: string | undefined
  /** Names of the clusters in its mesh, itself included. Undefined if the user may not read them; empty without a mesh. */
  members: string[] | undefined
}

const defaultSystemNamespace = 'istio-system'

/**
 * Reads what runs in a cluster.
 *
 * @throws ApiError, UnreachableError
 */
export async function readClusterState(cluster: Cluster): Promise<ClusterState> {
  const [kubeSystem, controlPlanes] = await Promise.all([
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: 'kube-system'}),
    readControlPlanes(cluster),
  ])
  // Tenants have other system namespaces.
  const main = controlPlanes.find(({namespace}) => namespace === defaultSystemNamespace) ?? controlPlanes[0]
  const found = await readMesh(cluster, main)
  const versions = controlPlanes.map(({version}) => version ?? 'unknown version')
  return {
    ...{uid: kubeSystem?.metadata.uid ?? '', versions: [...new Set(versions)]},
    ...{primary: found?.primary, meshId: main?.meshId, members: found?.members},
  }
}

/** Undefined if the user may not read the Secrets or the record. */
async function readMesh(
  cluster: Cluster,
  main: ControlPlane | undefined,
): Promise<(Pick<ClusterState, 'primary'> & {members: string[]}) | undefined> {
  const systemNamespace = main?.namespace ?? defaultSystemNamespace
  try {
    const [secrets, record, imports] = await Promise.all([
      cluster.list(
        {apiVersion: 'v1', kind: 'Secret'},
        {namespace: systemNamespace, labelSelector: `${multiClusterLabel}=true`},
      ),
      readFederationRecord(cluster, {systemNamespace}),
      readImports(cluster, {systemNamespace}),
    ])
    const own = clusterInRecord(record) ?? nameOfCluster(main, cluster.context)
    const primary = readRemoteRecord(record)?.primary
    return {primary, members: membersOf(own, {secrets, imports, primary})}
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined
    throw error
  }
}

interface Links {
  /** Remote Secrets: each key is the name of a cluster. */
  secrets: readonly KubernetesObject[]
  /** ServiceEntries of services that other clusters export (gateways mode). */
  imports: readonly KubernetesObject[]
  primary: string | undefined
}

/** A cluster without a link to another one is in no mesh. */
function membersOf(own: string, {secrets, imports, primary}: Links): string[] {
  const linked = [
    ...secrets.flatMap(({data}) => Object.keys((data ?? {}) as object)),
    ...parseImports(imports).imports.flatMap(({imported}) => Object.keys(imported.exporters)),
    ...(primary === undefined ? [] : [primary]),
  ]
  return linked.length === 0 ? [] : [...new Set([own, ...linked])].sort()
}
