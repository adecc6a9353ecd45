import {TimeoutError, waitFor} from '../../../engine/cluster/wait.ts'
import {type KubernetesObject, type ObjectRef, refKey} from '../../../engine/kubernetes/object.ts'
import {type Wave, waves} from '../../../engine/kubernetes/waves.ts'
import {podCountsOf, workloadState} from '../../../engine/kubernetes/workload-state.ts'
import {messageOf} from '../../../errors.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import {gatewayNameOf, gatewayTypeOf} from '../../../mesh/gateways/spec.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {foreignGateways, primaryAmong} from '../../../mesh/primary-remote.ts'
import {waitText} from '../../../run/wait-with-progress.ts'
import {type Progress, startProgress} from '../../../terminal/output/progress.ts'
import {formatDuration} from '../../../text/duration.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {servesSidecars} from '../ambient/spec.ts'
import {clusterOf} from '../plan.ts'
import type {Federation} from '../spec.ts'
import {type ClusterFailure, interruptedWait, type StageContext, type StageProblem, waitInEach} from './stage.ts'

/** One object of a gateway that is waited for. */
interface GatewayWait {
  member: MeshMember
  ref: ObjectRef
  /** What is missing, for messages: `has no address`. */
  lacks: string
  ready(object: KubernetesObject | undefined): true | string
  /** It was ready before the first write. */
  wasReady: boolean
  /** After the timeout, the object is sufficient. What it lacks is reported with the result. */
  isSufficient?(): boolean
}

/**
 * Waits until the gateways that kubectl-mesh created have an IP address or a host name, and pods. Before that, other clusters
 * must not know their endpoints. Only Services of type LoadBalancer get an address.
 */
export function waitForGateways(context: StageContext, members: readonly MeshMember[]): Promise<ClusterFailure[]> {
  return waitForAll(context, [...addressWaits(context, members), ...podWaits(context, members, waves.gateways)])
}

/** Waits until the gateways of remotes have pods, which start only after the primary's istiod injects them. */
export function waitForRemoteGateways(
  context: StageContext,
  members: readonly MeshMember[],
): Promise<ClusterFailure[]> {
  return waitForAll(context, podWaits(context, members, waves.remoteGateways))
}

async function waitForAll(context: StageContext, all: readonly GatewayWait[]): Promise<ClusterFailure[]> {
  const waits = all.filter(wait => !wait.wasReady || isChanged(wait, context))
  if (!context.run.write.wait || waits.length === 0) return []
  const progress = await startGatewayProgress(context, waits)
  const failures = await Promise.all(
    waits.map(wait =>
      waitInEach(
        [wait.member],
        () => waitForOne(context, wait, progress),
        (_, error) => gatewayProblem(context, wait, error),
      ),
    ),
  )
  progress.done()
  return failures.flat()
}

/** Whether the run changes an object: what was ready before may then not be ready any more. */
function isChanged({member, ref}: GatewayWait, {initial}: StageContext): boolean {
  const steps = initial.filter(({cluster}) => cluster === member.cluster).flatMap(plan => plan.steps)
  return steps.some(step => refKey(step.ref) === refKey(ref) && step.verdict !== 'unchanged')
}

async function waitForOne({run}: StageContext, wait: GatewayWait, progress: GatewayProgress): Promise<void> {
  try {
    await waitFor(clusterOf(wait.member), wait.ref, wait.ready, {
      timeoutMs: run.write.timeout,
      signal: run.signal,
      onProgress: progress.show,
    })
  } catch (error) {
    if (!(error instanceof TimeoutError && wait.isSufficient?.())) throw error
  } finally {
    progress.remove(wait)
  }
}

function addressWaits({spec}: StageContext, members: readonly MeshMember[]): GatewayWait[] {
  if (!servesSidecars(spec)) return []
  // With --remote-pilot-address, remotes do not use the gateway of a single network.
  if (spec.singleNetwork && spec.remotePilotAddress !== undefined) return []
  // On a single network, only a primary has a gateway, through which its remotes reach istiod.
  const withGateway = spec.singleNetwork ? members.filter(member => member === primaryAmong(members)) : members
  return withGateway
    .filter(member => gatewayTypeOf(spec, member.context) === 'LoadBalancer')
    .filter(member => foreignGateways(member, members).length === 0)
    .map(member => ({
      member,
      ref: {
        apiVersion: 'v1',
        kind: 'Service',
        namespace: spec.systemNamespace,
        name: gatewayNameOf(spec, member.context),
      },
      lacks: 'has no address',
      ready: isAddressed,
      wasReady: isAddressed(gatewayServiceOf(member, spec)) === true,
    }))
}

/** The gateways whose Deployments are applied in a wave. If some pods are available when the time is up, the run continues. */
function podWaits({spec, initial}: StageContext, members: readonly MeshMember[], wave: Wave): GatewayWait[] {
  const isApplied = ({cluster, context}: MeshMember) =>
    initial.some(
      plan =>
        plan.cluster === cluster &&
        plan.steps.some(
          ({change, ref}) =>
            change.action === 'apply' &&
            change.wave === wave &&
            ref.kind === 'Deployment' &&
            ref.name === gatewayNameOf(spec, context),
        ),
    )
  return members.filter(isApplied).map(member => {
    let available = 0
    return {
      member,
      ref: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: spec.systemNamespace,
        name: gatewayNameOf(spec, member.context),
      },
      lacks: 'is not ready',
      ready: deployment => {
        available = deployment ? podCountsOf(deployment).available : 0
        return workloadState(deployment)
      },
      wasReady: workloadState(gatewayDeploymentOf(member, spec)) === true,
      isSufficient: () => available > 0,
    }
  })
}

interface GatewayProgress {
  show(reason: string, elapsedMs: number): void
  /** Stops showing a wait. */
  remove(wait: GatewayWait): void
  done(): void
}

/** Shows the clusters that are waited for. If all gateways are ready already, nothing is shown. */
async function startGatewayProgress({run}: StageContext, waits: readonly GatewayWait[]): Promise<GatewayProgress> {
  const open = new Set(waits)
  const text = () =>
    `waiting for the gateways of ${[...new Set([...open].map(({member}) => member.cluster))].join(', ')}`
  const progress: Progress | undefined = waits.every(({wasReady}) => wasReady)
    ? undefined
    : await startProgress(run.terminal, text())
  return {
    show: (reason, elapsedMs) => progress?.update(waitText(text(), reason, elapsedMs)),
    remove: wait => {
      open.delete(wait)
      progress?.update(text())
    },
    done: () => progress?.done(),
  }
}

function gatewayProblem({run}: StageContext, {member, ref, lacks}: GatewayWait, error: unknown): StageProblem {
  const {cluster, context} = member
  if (run.signal.aborted) return interruptedWait(cluster, 'its gateway')
  const reason = error instanceof TimeoutError ? error.reason : messageOf(error)
  const {kind, namespace, name} = ref
  return {
    message: `${cluster}: ${kind} ${namespace}/${name} ${lacks} after ${formatDuration(run.write.timeout)}: ${reason}`,
    hints: [`kubectl --context ${shellWord(context)} -n ${namespace} describe ${kind.toLowerCase()} ${name}`],
  }
}

/** Network gateways are read in all namespaces, and others may have the same name. */
function gatewayServiceOf({facts, context}: MeshMember, spec: Federation): KubernetesObject | undefined {
  const gatewayName = gatewayNameOf(spec, context)
  const isOurs = ({metadata: {name, namespace}}: KubernetesObject) =>
    name === gatewayName && namespace === spec.systemNamespace
  return facts?.networkGateways.find(isOurs) ?? facts?.primaryRemote?.gateway
}

function gatewayDeploymentOf({facts, context}: MeshMember, spec: Federation): KubernetesObject | undefined {
  const gatewayName = gatewayNameOf(spec, context)
  return facts?.gatewayDeployments.find(({metadata}) => metadata.name === gatewayName)
}

function isAddressed(service: KubernetesObject | undefined): true | string {
  if (!service) return 'the Service does not exist'
  return addressesOf(service).length > 0 || `Service ${service.metadata.name} has no ingress address yet`
}
