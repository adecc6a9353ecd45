import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {refusedError} from '../../../errors.ts'
import {clientName} from './objects-traffic.ts'
import type {TrafficAnswer} from './report-traffic.ts'

interface PodStatus {
  phase?: string
  podIP?: string
  containerStatuses?: {
    name: string
    ready?: boolean
    state?: {waiting?: {reason?: string; message?: string}; terminated?: {message?: string; exitCode?: number}}
  }[]
}

function statusOf(pod: KubernetesObject | undefined): PodStatus {
  return (pod?.status ?? {}) as PodStatus
}

/** Returns the IP address of a pod. Undefined before it has one. */
export function podIpOf(pod: KubernetesObject | undefined): string | undefined {
  return statusOf(pod).podIP
}

/** Whether all containers of a pod are ready and it has an IP address, or the reason why not. */
export function isRunning(pod: KubernetesObject | undefined): true | string {
  const {containerStatuses = [], podIP} = statusOf(pod)
  const isReady = Boolean(podIP) && containerStatuses.length > 0 && containerStatuses.every(({ready}) => ready)
  return isReady || waitingReason(pod)
}

/** Whether the client in a pod has ended, or the reason why not. Its sidecar may still run. */
export function hasEnded(pod: KubernetesObject | undefined): true | string {
  return clientMessage(pod) !== undefined || waitingReason(pod)
}

/** Returns the termination message of the client in a pod. Undefined before it ends. */
export function clientMessage(pod: KubernetesObject | undefined): string | undefined {
  const terminated = statusOf(pod).containerStatuses?.find(({name}) => name === clientName)?.state?.terminated
  return terminated && (terminated.message ?? '')
}

function waitingReason(pod: KubernetesObject | undefined): string {
  const {containerStatuses = [], phase = 'Pending'} = statusOf(pod)
  const waiting = containerStatuses.find(({state}) => state?.waiting?.reason)
  return waiting?.state?.waiting?.reason ?? phase
}

/**
 * Parses the termination message of a client. If one of several requests to a server returned 200, the result is 200.
 *
 * @param from tenant of the client
 * @param tenants tenants of all servers
 * @throws MeshError (exit 3) if the message lacks the result for a server
 */
export function answersIn(message: string, from: string, tenants: readonly string[]): TrafficAnswer[] {
  const lines = message.split('\n').map(line => line.trim().split(' '))
  return tenants.map(to => {
    const codes = lines.filter(([tenant]) => tenant === to).map(([, code]) => Number(code || Number.NaN))
    if (codes.length === 0 || codes.some(Number.isNaN))
      throw refusedError(
        `the workload of ${from} reported no result for its request to ${to}`,
        'check that the image in --traffic-image contains sh and curl',
      )
    return {from, to, code: codes.includes(200) ? 200 : Math.max(...codes)}
  })
}
