import type {ClusterPlan, Step} from '../../engine/plan/plan.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import {remoteSecretsVariable} from '../../istio/control-plane.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {grantsSecrets, renderedIn, secretReaders, withRenderedReaders} from './objects-reader-rights.ts'

/**
 * Returns a warning for each cluster in which the plans give other istiods access to all Secrets. An access that exists
 * already is not reported again.
 */
export function secretAccessFindings(plans: readonly ClusterPlan[], all: readonly MeshMember[]): ReportedFinding[] {
  const rendered = new Map(plans.map(({cluster, steps}) => [cluster, renderedIn(steps.map(({change}) => change))]))
  const members = withRenderedReaders(all, rendered)
  return plans
    .filter(({steps}) => steps.some(addsSecrets))
    .map(({cluster}) => {
      const member = members.find(one => one.cluster === cluster)
      const readers = member ? secretReaders(member, members) : []
      return {
        level: 'warning',
        check: 'reader-secrets',
        cluster,
        message: `the reader account gets access to all Secrets, because these istiods read them: ${readers.join(', ')}`,
        hints: [
          `an istiod from Istio 1.31 on does not read them with the environment variable ${remoteSecretsVariable}=false`,
        ],
      }
    })
}

function addsSecrets({change, live, verdict}: Step): boolean {
  if (change.action !== 'apply' || (verdict !== 'create' && verdict !== 'update')) return false
  return grantsSecrets(change.object) && !(live && grantsSecrets(live))
}
