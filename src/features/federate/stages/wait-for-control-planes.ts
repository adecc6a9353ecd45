import {waitFailureReason, waitForControlPlane} from '../../../control-plane/wait.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {ClusterPlan} from '../../../engine/plan/plan.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {clusterOf} from '../plan.ts'
import {type ClusterFailure, interruptedWait, type StageContext, waitInEach} from './stage.ts'

/** Waits until the control planes that this run created or changed are ready. */
export async function waitForControlPlanes(
  {spec, run, initial}: StageContext,
  members: readonly MeshMember[],
): Promise<ClusterFailure[]> {
  const {controlPlane: tool, systemNamespace, revision = 'default'} = spec
  if (!run.write.wait || tool === 'keep') return []
  const changed = new Set(initial.filter(changesControlPlane).map(({cluster}) => cluster))
  return waitInEach(
    members.filter(({cluster}) => changed.has(cluster)),
    member => waitForControlPlane(clusterOf(member), tool, {name: member.cluster, systemNamespace, revision}, run),
    ({cluster, context}, error) => {
      if (run.signal.aborted) return interruptedWait(cluster, 'its control plane')
      return {
        message: `${cluster}: ${waitFailureReason(error)}`,
        hints: [`kubectl ${contextFlags(context)} -n ${systemNamespace} describe pods -l app=istiod`],
      }
    },
  )
}

function changesControlPlane({steps}: ClusterPlan): boolean {
  return steps.some(
    ({change, verdict}) => change.action === 'apply' && change.wave === waves.controlPlane && verdict !== 'unchanged',
  )
}
