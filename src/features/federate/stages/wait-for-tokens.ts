import {waitFor} from '../../../engine/cluster/wait.ts'
import {type KubernetesObject, nameOf, type ObjectRef} from '../../../engine/kubernetes/object.ts'
import {messageOf} from '../../../errors.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {clusterOf} from '../plan.ts'
import {type ClusterFailure, interruptedWait, type StageContext, waitInEach} from './stage.ts'

/** The longest time that Kubernetes may take to add a token to a Secret. */
const tokenTimeoutMs = 30_000

/**
 * Waits until Kubernetes has added the tokens to the token Secrets. They may be from this run, or from an earlier one that
 * was interrupted.
 */
export async function waitForTokens(
  {initial, run}: StageContext,
  members: readonly MeshMember[],
): Promise<ClusterFailure[]> {
  const options = {timeoutMs: Math.min(tokenTimeoutMs, run.write.timeout), signal: run.signal}
  const waits = members.flatMap(member => emptyTokens(initial, member.cluster).map(ref => ({member, ref})))
  const failures = await Promise.all(
    waits.map(({member, ref}) =>
      waitInEach(
        [member],
        () =>
          waitFor(
            clusterOf(member),
            ref,
            secret => hasToken(secret) || 'Kubernetes has not added a token yet',
            options,
          ),
        ({cluster}, error) => {
          if (run.signal.aborted) return interruptedWait(cluster, `the token of ${nameOf(ref)}`)
          return {
            message: `${cluster}: ${nameOf(ref)}: ${messageOf(error)}`,
            hints: ['--credential-duration 720h uses tokens that need no controller'],
          }
        },
      ),
    ),
  )
  return failures.flat()
}

/** The token Secrets of a cluster that have no token yet. */
function emptyTokens(plans: StageContext['initial'], cluster: string): ObjectRef[] {
  const steps = plans.find(plan => plan.cluster === cluster)?.steps ?? []
  return steps
    .filter(
      ({change, live}) =>
        change.action === 'apply' && change.object.type === 'kubernetes.io/service-account-token' && !hasToken(live),
    )
    .map(({ref}) => ref)
}

function hasToken(secret: KubernetesObject | undefined): boolean {
  return (secret?.data as {token?: string} | undefined)?.token !== undefined
}
