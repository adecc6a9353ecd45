import {TimeoutError, waitFor} from '../../../engine/cluster/wait.ts'
import {type KubernetesObject, refKey} from '../../../engine/kubernetes/object.ts'
import {workloadState} from '../../../engine/kubernetes/workload-state.ts'
import {messageOf} from '../../../errors.ts'
import {
  ambientGatewayProblems,
  ambientPodProblems,
  hasAddressOf,
  isStatusOld,
  serviceState,
  statusAddresses,
} from '../../../mesh/ambient/gateways.ts'
import {ambientGatewayName, gatewayApiKind} from '../../../mesh/ambient/objects.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {waitText} from '../../../run/wait-with-progress.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {startProgress} from '../../../terminal/output/progress.ts'
import {formatDuration} from '../../../text/duration.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {clusterOf} from '../plan.ts'
import {
  type ClusterFailure,
  interruptedWait,
  type StageContext,
  type StageProblem,
  waitInEach,
} from '../stages/stage.ts'
import {makesAmbientGateway} from './objects.ts'

/**
 * Waits until the gateways of ambient mode have an address, and pods, which istiod creates. Before that, other clusters must not
 * know their endpoints.
 */
export async function waitForAmbientGateways(
  context: StageContext,
  members: readonly MeshMember[],
): Promise<ClusterFailure[]> {
  const {spec, run} = context
  const waiting = members.filter(
    member => makesAmbientGateway(spec, member) && (!wasReady(member) || isChanged(context, member)),
  )
  if (!run.write.wait || waiting.length === 0) return []
  const text = `waiting for the ambient gateways of ${waiting.map(({cluster}) => cluster).join(', ')}`
  const progress = await startProgress(run.terminal, text)
  const place = {namespace: spec.systemNamespace, name: ambientGatewayName}
  const options = {
    timeoutMs: run.write.timeout,
    signal: run.signal,
    onProgress: (reason: string, elapsed: number) => progress.update(waitText(text, reason, elapsed)),
  }
  try {
    return await waitInEach(
      waiting,
      async member => {
        const cluster = clusterOf(member)
        const serviceRef = {apiVersion: 'v1', kind: 'Service', ...place}
        const service = isChanged(context, member)
          ? await waitFor(cluster, serviceRef, serviceState, options)
          : undefined
        await waitFor(cluster, {...gatewayApiKind, ...place}, found => isReady(found, member, service), options)
        await waitFor(cluster, {apiVersion: 'apps/v1', kind: 'Deployment', ...place}, hasPods, options)
      },
      (member, error) => problemOf(context, member, error),
    )
  } finally {
    progress.done()
  }
}

function wasReady(member: MeshMember): boolean {
  const {gateways = [], membership} = member.facts?.ambient ?? {}
  return gateways.some(
    gateway =>
      membership?.owns(gateway) &&
      statusAddresses(gateway).length > 0 &&
      ambientPodProblems(gateway, member).length === 0,
  )
}

/** Whether the run changes an existing gateway, such as its class: istiod then creates its Service anew. */
function isChanged({initial, spec}: StageContext, {cluster}: MeshMember): boolean {
  const key = refKey({...gatewayApiKind, namespace: spec.systemNamespace, name: ambientGatewayName})
  const steps = initial.find(plan => plan.cluster === cluster)?.steps ?? []
  return steps.some(({ref, verdict}) => refKey(ref) === key && verdict !== 'unchanged' && verdict !== 'create')
}

function hasPods(deployment: KubernetesObject | undefined): true | string {
  const state = workloadState(deployment)
  return state === true || `Deployment ${ambientGatewayName}: ${state}`
}

function isReady(
  gateway: KubernetesObject | undefined,
  member: MeshMember,
  service: KubernetesObject | undefined,
): true | string {
  if (!gateway) return 'the Gateway does not exist'
  if (isStatusOld(gateway)) return 'istiod has not processed the change yet'
  const [problem] = ambientGatewayProblems(gateway, member)
  if (problem) return problem.message
  return !service || hasAddressOf(gateway, service) || 'istiod has not read the address of its Service yet'
}

function problemOf({run, spec}: StageContext, {cluster, context}: MeshMember, error: unknown): StageProblem {
  if (run.signal.aborted) return interruptedWait(cluster, 'its gateway')
  const reason = error instanceof TimeoutError ? error.reason : messageOf(error)
  return {
    message: `${cluster}: ${reason} (after ${formatDuration(run.write.timeout)})`,
    hints: [
      `kubectl ${contextFlags(context)} -n ${shellWord(spec.systemNamespace)} describe gateways.gateway.networking.k8s.io,deployment ${ambientGatewayName}`,
    ],
  }
}
