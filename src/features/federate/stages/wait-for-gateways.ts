import {TimeoutError, waitFor} from '../../../engine/cluster/wait.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {messageOf, type Problem} from '../../../errors.ts'
import {names} from '../../../istio/names.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {foreignGateways, primaryAmong} from '../../../mesh/primary-remote.ts'
import {type Progress, startProgress} from '../../../terminal/output/progress.ts'
import {formatDuration} from '../../../text/duration.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {clusterOf} from '../plan.ts'
import {type ClusterFailure, type StageContext, waitInEach} from './stage.ts'

/**
 * Waits until the gateways that kubectl-mesh created have an IP address or a host name. Before that, other clusters must
 * not know their endpoints. Only Services of type LoadBalancer get an address.
 */
export async function waitForGateways(
  context: StageContext,
  members: readonly MeshMember[],
): Promise<ClusterFailure[]> {
  const {spec, run} = context
  const waiting = gatewaysToWaitFor(context, members)
  if (waiting.length === 0) return []
  const progress = await startGatewayProgress(context, waiting)
  const failures = await waitInEach(
    waiting,
    async member => {
      const ref = {apiVersion: 'v1', kind: 'Service', namespace: spec.systemNamespace, name: names.gateway}
      try {
        await waitFor(clusterOf(member), ref, isAddressed, {
          timeoutMs: run.write.timeout,
          signal: run.signal,
          onProgress: progress.show,
        })
      } finally {
        progress.remove(member)
      }
    },
    (member, error) => gatewayProblem(context, member, error),
  )
  progress.done()
  return failures
}

function gatewaysToWaitFor({spec, run}: StageContext, members: readonly MeshMember[]): MeshMember[] {
  if (spec.gatewayServiceType !== 'LoadBalancer' || !run.write.wait) return []
  // With --remote-pilot-address, remotes do not use the gateway of a single network.
  if (spec.singleNetwork && spec.remotePilotAddress !== undefined) return []
  // On a single network, only a primary has a gateway, through which its remotes reach istiod.
  const withGateway = spec.singleNetwork ? members.filter(member => member === primaryAmong(members)) : members
  return withGateway.filter(member => foreignGateways(member, members).length === 0)
}

interface GatewayProgress {
  show(reason: string, elapsedMs: number): void
  /** Stops showing a cluster. */
  remove(member: MeshMember): void
  done(): void
}

/** Shows the clusters without an address. If all have one already, nothing is shown. */
async function startGatewayProgress({run}: StageContext, waiting: readonly MeshMember[]): Promise<GatewayProgress> {
  const open = new Set(waiting.map(({cluster}) => cluster))
  const text = () => `waiting for the gateway address of ${[...open].join(', ')}`
  const progress: Progress | undefined = waiting.every(hasAddress)
    ? undefined
    : await startProgress(run.terminal, text())
  return {
    show: (reason, elapsedMs) =>
      progress?.update(`${text()} · ${formatDuration(Math.round(elapsedMs / 1000) * 1000)} · ${reason}`),
    remove: ({cluster}) => {
      open.delete(cluster)
      progress?.update(text())
    },
    done: () => progress?.done(),
  }
}

function gatewayProblem({spec, run}: StageContext, {cluster, context}: MeshMember, error: unknown): Problem {
  if (run.signal.aborted) return {message: `${cluster}: interrupted while waiting for the address of its gateway`}
  const reason = error instanceof TimeoutError ? error.reason : messageOf(error)
  return {
    message: `${cluster}: Service ${spec.systemNamespace}/${names.gateway} has no address after ${formatDuration(run.write.timeout)}: ${reason}`,
    hints: [`kubectl --context ${shellWord(context)} -n ${spec.systemNamespace} describe service ${names.gateway}`],
  }
}

function hasAddress({facts}: MeshMember): boolean {
  const service =
    facts?.networkGateways.find(({metadata}) => metadata.name === names.gateway) ?? facts?.primaryRemote?.gateway
  return service !== undefined && addressesOf(service).length > 0
}

function isAddressed(service: KubernetesObject | undefined): true | string {
  if (!service) return 'the Service does not exist'
  return addressesOf(service).length > 0 || `Service ${service.metadata.name} has no ingress address yet`
}
