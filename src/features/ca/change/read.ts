import type {X509Certificate} from 'node:crypto'
import {readAllReadyIstiods} from '../../../control-plane/read-replicas.ts'
import {readServedCertificate} from '../../../control-plane/read-served-certificate.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {ControlPlane} from '../../../istio/control-plane.ts'
import {names} from '../../../istio/names.ts'
import {readCaSecret} from '../../../mesh/ca/objects.ts'
import {readControlPlanes} from '../../../mesh/read.ts'
import type {CaData} from '../../../pki/check-cacerts.ts'
import {connect, type Run} from '../../../run/run.ts'
import {nameOfCluster} from '../../../run/where.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import type {CaScope} from './spec.ts'

/** A ready istiod pod, and the certificate that it serves, or why that cannot be read. */
export interface Signer {
  pod: string
  served: X509Certificate | string
}

/** A cluster whose CA is replaced. */
export interface CaMember {
  /** Name of the cluster in the mesh. */
  name: string
  context: string
  cluster: Cluster
  systemNamespace: string
  controlPlane: ControlPlane | undefined
  secret: KubernetesObject | undefined
  /** Secret `cacerts`, decoded. */
  data: CaData | undefined
  signers: readonly Signer[]
}

/**
 * Reads the CA of a cluster, and which CA its istiods use.
 *
 * @throws MeshError (exit 2) for an unknown context, (exit 3) if the cluster cannot be read
 */
export async function readCaMember(scope: CaScope, context: string, run: Run): Promise<CaMember> {
  const {systemNamespace, revision, clusterName} = scope
  const cluster = await connect(run.access, context)
  return inCluster(clusterNameFrom(context), async () => {
    const [secret, controlPlanes, signers] = await Promise.all([
      cluster.get({apiVersion: 'v1', kind: 'Secret', namespace: systemNamespace, name: names.caSecret}),
      readControlPlanes(cluster, systemNamespace),
      readSigners(cluster, systemNamespace),
    ])
    const controlPlane = controlPlanes.find(one => one.revision === (revision ?? 'default'))
    const name = clusterName[context] ?? nameOfCluster(controlPlane, context)
    const data = secret && readCaSecret(secret)
    return {name, context, cluster, systemNamespace, controlPlane, secret, data, signers}
  })
}

/**
 * Reads which certificate every ready istiod of a system namespace serves. The istiods of all revisions read the same `cacerts`.
 *
 * @throws ApiError, UnreachableError if the pods cannot be listed
 */
export async function readSigners(cluster: Cluster, systemNamespace: string): Promise<Signer[]> {
  const pods = await readAllReadyIstiods(cluster, systemNamespace)
  return Promise.all(pods.map(async pod => ({pod: pod.name, served: await readServedCertificate(cluster, pod)})))
}
