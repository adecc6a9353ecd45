import type {Cluster} from '../../../../engine/cluster/cluster.ts'
import {waitFor} from '../../../../engine/cluster/wait.ts'
import {inCluster} from '../../../../engine/kubeconfig/in-cluster.ts'
import type {KubernetesObject} from '../../../../engine/kubernetes/object.ts'
import {withAssignedUsers} from '../../../../engine/kubernetes/pod-security.ts'
import {messageOf, refusedError} from '../../../../errors.ts'
import type {MeshMember} from '../../../../mesh/members.ts'
import {contextFlags} from '../../../../spec/context-ref.ts'
import type {Terminal} from '../../../../terminal/output/terminal.ts'
import {federationTrafficLabel, helloClient, isHelloNamespace} from './objects.ts'
import type {TrafficSide} from './sides.ts'

/** How long to wait for workloads. */
export interface WorkloadWait {
  timeoutMs: number
  signal: AbortSignal
  /** Receives the reason of each wait: `waiting for east …`. */
  onProgress: (text: string) => void
}

/**
 * Creates the workloads of one cluster and waits until both pods are ready.
 *
 * @throws InClusterError if the cluster refuses an object, a pod gets no sidecar, or a pod is not ready in time
 */
export function createWorkloads(side: TrafficSide, namespace: string, wait: WorkloadWait): Promise<void> {
  const {member, cluster, objects, server} = side
  const {timeoutMs, signal, onProgress} = wait
  return inCluster(member.cluster, async () => {
    for (const object of objects) {
      signal.throwIfAborted()
      if (object.kind === 'Pod') await createPod(cluster, member, object, {timeoutMs, signal})
      else await cluster.apply(object)
    }
    for (const name of [server, helloClient])
      await waitFor(cluster, {apiVersion: 'v1', kind: 'Pod', namespace, name}, isReady, {
        timeoutMs,
        signal,
        onProgress: reason => onProgress(`waiting for ${member.cluster} ${namespace}/${name} · ${reason}`),
      })
  })
}

/** Pods are refused until the controller has created the default ServiceAccount of a new namespace. */
async function createPod(
  cluster: Cluster,
  member: MeshMember,
  pod: KubernetesObject,
  wait: {timeoutMs: number; signal: AbortSignal},
): Promise<void> {
  const {namespace = ''} = pod.metadata
  const account = {apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: 'default'}
  await waitFor(cluster, account, object => (object ? true : 'ServiceAccount default does not exist yet'), wait)
  wait.signal.throwIfAborted()
  const live = await cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace})
  const created = await cluster.apply(withAssignedUsers(pod, live))
  const {containers = [], initContainers = []} = created.spec as Record<string, {name: string}[] | undefined>
  if (![...containers, ...initContainers].some(({name}) => name === 'istio-proxy'))
    throw refusedError(
      `${member.cluster}: a pod in namespace ${namespace} got no sidecar, although the namespace is labelled for injection`,
      `kubectl ${contextFlags(member.context)} get mutatingwebhookconfigurations`,
    )
}

interface PodStatus {
  phase?: string
  containerStatuses?: {ready?: boolean; state?: {waiting?: {reason?: string}}}[]
}

function isReady(pod: KubernetesObject | undefined): true | string {
  const {containerStatuses = [], phase = 'Pending'} = (pod?.status ?? {}) as PodStatus
  if (containerStatuses.length > 0 && containerStatuses.every(({ready}) => ready)) return true
  return containerStatuses.find(({state}) => state?.waiting?.reason)?.state?.waiting?.reason ?? phase
}

/**
 * Deletes the temporary namespaces, those of other runs included: with our label and a name that we give. A label alone
 * proves nothing, since whoever may edit a namespace can set it. A failure is reported as a warning, so that it does not
 * replace the result of the run.
 *
 * @param reason for a message about each namespace: `left by an earlier run`
 */
export async function deleteNamespaces(
  sides: readonly TrafficSide[],
  terminal: Terminal,
  reason?: string,
): Promise<void> {
  const kind = {apiVersion: 'v1', kind: 'Namespace'}
  await Promise.all(
    sides.map(async ({cluster, member}) => {
      try {
        const found = await cluster.list(kind, {labelSelector: federationTrafficLabel})
        const temporary = found.filter(
          ({metadata: {name, deletionTimestamp}}) => isHelloNamespace(name) && !deletionTimestamp,
        )
        for (const {metadata} of temporary) {
          if (reason) terminal.message(`${member.cluster}: deleting namespace ${metadata.name}, ${reason}`)
          await cluster.delete({...kind, name: metadata.name}, metadata.uid ? {uid: metadata.uid} : {})
        }
      } catch (error) {
        terminal.message([
          `warning: ${member.cluster}: temporary namespaces may remain: ${messageOf(error)}`,
          `hint:  kubectl ${contextFlags(member.context)} delete namespace -l ${federationTrafficLabel}`,
        ])
      }
    }),
  )
}
