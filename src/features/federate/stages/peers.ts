import type {Change} from '../../../engine/kubernetes/change.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import type {Step} from '../../../engine/plan/plan.ts'
import {addressesOf, trustedGatewaysOf} from '../../../mesh/gateway-services.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {changesOf, compareAll} from '../plan.ts'
import {readAgain} from './read-again.ts'
import {failuresIn, planReachable, type StageContext, type StagePlan} from './stage.ts'

/** Returns whether remote Secrets change, or in gateways mode the addresses of gateways. */
export function needsPeers({spec, run, all, initial}: StageContext): boolean {
  if (run.signal.aborted) return false
  const steps = initial.flatMap(plan => plan.steps)
  if (steps.some(step => isRemoteSecret(step) && step.verdict !== 'unchanged')) return true
  if (spec.mode !== 'gateways') return false
  // The record has the address of the gateway, which is known, or changes, only after the gateway is applied.
  return (
    steps.some(({change, verdict}) => change.wave === waves.gateways && verdict !== 'unchanged') ||
    all.some(lacksAddress)
  )
}

/** Plans the remote Secrets, or in gateways mode the records, from the tokens and addresses that exist by now. */
export async function planPeers({spec, ca, run}: StageContext, members: readonly MeshMember[]): Promise<StagePlan> {
  const {plans, failures} = await planReachable(members, async reachable => {
    const all = await readAgain(spec, reachable, spec.mode === 'gateways' ? 'gateways' : 'tokens')
    const belongs = spec.mode === 'gateways' ? isRecord : ({wave}: Change) => wave === waves.remoteSecrets
    return compareAll(all, (await changesOf(spec, all, ca, true)).filter(belongs), run)
  })
  return {plans, failures: [...failures, ...failuresIn(plans)]}
}

function isRemoteSecret({change}: Step): boolean {
  return change.action === 'apply' && change.wave === waves.remoteSecrets
}

function isRecord(change: Change): boolean {
  return change.action === 'apply' && change.stays === true && change.object.kind === 'ConfigMap'
}

/** A gateway of an earlier run may still have no address. */
function lacksAddress(member: MeshMember): boolean {
  return trustedGatewaysOf(member).flatMap(addressesOf).length === 0
}
