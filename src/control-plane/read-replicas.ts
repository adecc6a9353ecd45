import type {Cluster} from '../engine/cluster/cluster.ts'
import {UnreachableError} from '../engine/cluster/errors.ts'
import type {PodRef} from '../engine/cluster/pods/pods.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {servesAmbientPods} from '../istio/ambient.ts'
import {tagOf} from '../istio/control-plane.ts'
import {isReady} from './read-debug-pages.ts'

/** A pod of istiod, of any revision. Every istiod of a system namespace reads the remote Secrets there. */
export interface IstiodReplica {
  pod: PodRef
  ready: boolean
  /** As istiod reports it; if it does not respond, the tag of its image. Undefined if neither is known. */
  version: string | undefined
  /** istiod serves workloads in ambient mode (env PILOT_ENABLE_AMBIENT). */
  ambient: boolean
}

/** The port for metrics and the version (istio.io, "Ports used by Istio"). */
const monitoringPort = 15_014

/**
 * Reads the istiod pods of a system namespace, with the version that each of them runs.
 *
 * @throws ApiError, UnreachableError if the pods cannot be listed
 */
export async function readIstiodReplicas(cluster: Cluster, systemNamespace: string): Promise<IstiodReplica[]> {
  const pods = await listIstiods(cluster, systemNamespace)
  return Promise.all(
    pods.map(async pod => {
      const ref = {namespace: systemNamespace, name: pod.metadata.name}
      const {image, env = []} = discoveryContainer(pod)
      const ambient = servesAmbientPods(Object.fromEntries(env.map(({name = '', value}) => [name, value])))
      const reported = await readMonitoring(cluster, ref, '/version')
      return {pod: ref, ready: isReady(pod), version: versionIn(reported) ?? tagOf(image), ambient}
    }),
  )
}

/**
 * Returns the ready istiod pods of a system namespace, of all revisions.
 *
 * @throws ApiError, UnreachableError
 */
export async function readAllReadyIstiods(cluster: Cluster, systemNamespace: string): Promise<PodRef[]> {
  const pods = await listIstiods(cluster, systemNamespace)
  return pods.filter(isReady).map(({metadata: {name}}) => ({namespace: systemNamespace, name}))
}

/**
 * Returns how many updates of remote Secrets an istiod has received; undefined if its metrics cannot be read.
 *
 * Source: `remote_cluster_secret_events_total`, pkg/kube/multicluster/secretcontroller.go, 1.24–1.31.
 */
export async function readSecretUpdates(cluster: Cluster, pod: PodRef): Promise<number | undefined> {
  const text = await readMonitoring(cluster, pod, '/metrics')
  return text === undefined ? undefined : secretUpdatesIn(text)
}

/** Returns the number of updates in a page of metrics. Before the first update, istiod has no such metric. */
export function secretUpdatesIn(metrics: string): number {
  const found = metrics.match(/^remote_cluster_secret_events_total\{[^}]*event="update"[^}]*\} (\S+)$/m)
  return found ? Number(found[1]) : 0
}

/** Pods that have ended do not count. */
async function listIstiods(cluster: Cluster, namespace: string): Promise<KubernetesObject[]> {
  const pods = await cluster.list({apiVersion: 'v1', kind: 'Pod'}, {namespace, labelSelector: 'app=istiod'})
  return pods.filter(({metadata, status}) => {
    const {phase} = (status ?? {}) as {phase?: string}
    return metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed'
  })
}

async function readMonitoring(cluster: Cluster, pod: PodRef, path: string): Promise<string | undefined> {
  try {
    const {status, body} = await cluster.pods.read(pod, monitoringPort, path)
    return status === 200 ? body : undefined
  } catch (error) {
    if (error instanceof UnreachableError) return undefined
    throw error
  }
}

/** A build without a version reports `unknown-unknown-unknown`. */
function versionIn(reported: string | undefined): string | undefined {
  return reported?.trim().match(/^v?\d[\w.+-]*$/)?.[0]
}

interface Container {
  name?: string
  image?: string
  env?: {name?: string; value?: string}[]
}

function discoveryContainer({spec}: KubernetesObject): Container {
  const {containers = []} = (spec ?? {}) as {containers?: Container[]}
  return containers.find(({name}) => name === 'discovery') ?? {}
}
