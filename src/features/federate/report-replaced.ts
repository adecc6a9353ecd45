import {waves} from '../../engine/kubernetes/waves.ts'
import type {Outcome} from '../../engine/plan/apply.ts'
import {rewriteEffectOf} from '../../istio/versions.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {contextFlags} from '../../spec/context-ref.ts'

/**
 * Returns a warning for each cluster with an istiod that may lose another cluster, because its credential for that cluster was replaced:
 * the former one was revoked, or its address or root has changed. A rotation checks that before; a repair cannot wait.
 */
export function replacedWarnings(outcomes: readonly Outcome[], members: readonly MeshMember[]): string[] {
  return members.flatMap(({cluster, context, facts}) => {
    const targets = outcomes.filter(outcome => outcome.cluster === cluster).flatMap(replacedTargets)
    const losing = (facts?.controlPlanes ?? []).flatMap(({version, ambient}) => {
      const effect = rewriteEffectOf(version, ambient !== undefined)
      return effect?.effect === 'loss' ? [`istiod ${version} ${effect.reason}`] : []
    })
    if (!facts?.namespace || targets.length === 0 || losing.length === 0) return []
    const namespace = facts.namespace.metadata.name
    return [
      `warning: ${cluster}: the credential for ${targets.join(', ')} was replaced, and ${losing[0]}`,
      `hint:    kubectl ${contextFlags(context)} -n ${namespace} rollout restart deployment -l app=istiod`,
    ]
  })
}

/** The clusters whose kubeconfigs a written remote Secret had before, with other bytes. */
function replacedTargets({step: {change, live}, result}: Outcome): string[] {
  if (result !== 'ok' || change.action !== 'apply' || change.wave !== waves.remoteSecrets) return []
  const before = (live?.data ?? {}) as Record<string, string>
  const after = (change.object.data ?? {}) as Record<string, string>
  return Object.keys(after).filter(key => before[key] !== undefined && before[key] !== after[key])
}
