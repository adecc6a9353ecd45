import {waves} from '../../../engine/kubernetes/waves.ts'
import type {Step} from '../../../engine/plan/plan.ts'
import {waitForAmbientGateways} from '../ambient/wait.ts'
import {grantsSecrets} from '../objects-reader-rights.ts'
import {needsPeers, planPeers} from './peers.ts'
import {injectedRemotes, isInjected, isRemote, needsRemotes, planRemotes, waitForRemotes} from './remotes.ts'
import {isPlannedLater, type Stage, type StageContext, type StagePlan} from './stage.ts'
import {waitForControlPlanes} from './wait-for-control-planes.ts'
import {waitForGateways, waitForRemoteGateways} from './wait-for-gateways.ts'
import {waitForTokens} from './wait-for-tokens.ts'

/**
 * The stages of a federation. Every prefix of them leaves a mesh that works as before: no cluster gets a credential for a
 * cluster whose gateway has no address or no pods, no remote connects to an istiod that does not watch it, and no access that a
 * cluster may still use is revoked before all else succeeded.
 */
export const stages: readonly Stage[] = [
  {
    name: 'own objects',
    plan: initialPlan,
    parts: [
      {includes: isControlPlane, waits: [waitForControlPlanes]},
      {includes: isOwnObject, waits: [waitForGateways, waitForAmbientGateways, waitForTokens]},
    ],
  },
  {name: 'peers', isNeeded: needsPeers, plan: planPeers, parts: [{includes: () => true}]},
  {
    name: 'remotes',
    appliesTo: isRemote,
    isNeeded: needsRemotes,
    plan: planRemotes,
    parts: [
      {includes: step => !isInjected(step), waits: [waitForRemotes]},
      {includes: isInjected, readyMembers: injectedRemotes, waits: [waitForRemoteGateways]},
    ],
  },
  {name: 'revoked access', requiresSuccess: true, plan: initialPlan, parts: [{includes: revokesAccess}]},
]

function initialPlan({initial}: StageContext): StagePlan {
  return {plans: initial, failures: []}
}

/** A control plane and what it needs to start. Removals run later. */
function isControlPlane({change}: Step): boolean {
  return change.action !== 'remove' && change.wave <= waves.controlPlane
}

/** Everything else that a cluster needs no other cluster for. An unchanged remote Secret is only reported. */
function isOwnObject(step: Step): boolean {
  const isLeftToOtherStages = isPlannedLater(step) && step.verdict !== 'unchanged'
  return !isControlPlane(step) && !revokesAccess(step) && !isLeftToOtherStages
}

/**
 * Removals of reader accounts and tokens, which the istiods of other clusters may still use, and the update that withdraws
 * their permission to read Secrets: an istiod that still reads them needs it until it is replaced.
 */
function revokesAccess({change, verdict, live}: Step): boolean {
  if (change.wave !== waves.credentials) return false
  if (change.action === 'remove') return true
  if (change.action !== 'apply' || verdict !== 'update' || live === undefined) return false
  return grantsSecrets(live) && !grantsSecrets(change.object)
}
