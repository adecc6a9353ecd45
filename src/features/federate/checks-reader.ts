import type {ClusterPlan, Step} from '../../engine/plan/plan.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {someOf} from '../../text/count.ts'
import {grantsSecrets, renderedIn, secretReaders, withRenderedReaders} from './objects-reader-rights.ts'

/** Number of clusters or istiods that a warning names. */
const maxNamed = 3

/**
 * Returns a warning if the plans give istiods access to all Secrets of other clusters. An access that exists already is not
 * reported again. One warning covers all clusters: in a large fleet, each cluster has many readers.
 */
export function secretAccessFindings(plans: readonly ClusterPlan[], all: readonly MeshMember[]): ReportedFinding[] {
  const rendered = new Map(plans.map(({cluster, steps}) => [cluster, renderedIn(steps.map(({change}) => change))]))
  const members = withRenderedReaders(all, rendered)
  const clusters = plans.filter(({steps}) => steps.some(addsSecrets)).map(({cluster}) => cluster)
  if (clusters.length === 0) return []
  const readers = members.filter(({cluster}) => clusters.includes(cluster)).flatMap(one => secretReaders(one, members))
  return [
    {
      level: 'warning',
      check: 'reader-secrets',
      message: `reader accounts get access to all Secrets of ${someOf(clusters, maxNamed)}, because these istiods read them: ${someOf([...new Set(readers)], maxNamed)}`,
    },
  ]
}

function addsSecrets({change, live, verdict}: Step): boolean {
  if (change.action !== 'apply' || (verdict !== 'create' && verdict !== 'update')) return false
  return grantsSecrets(change.object) && !(live && grantsSecrets(live))
}
