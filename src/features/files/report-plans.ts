import {refKey} from '../../engine/kubernetes/object.ts'
import type {ClusterPlan, Step} from '../../engine/plan/plan.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import {contextsOfDocument} from './order.ts'
import type {PlannedDocument} from './planned.ts'

/**
 * Returns one plan per cluster with the steps of all documents, in their order. An object that several documents create, such as a
 * namespace, is created once.
 */
export function mergePlans(planned: readonly PlannedDocument[]): ClusterPlan[] {
  return plansByCluster(planned).map(({cluster, steps}) => ({cluster, steps: withoutRepeated(steps)}))
}

/** Returns one plan per cluster with the steps of all documents, in their order. */
export function plansByCluster(planned: readonly PlannedDocument[]): ClusterPlan[] {
  const nameOf = clusterNames(planned)
  const merged = new Map<string, Step[]>()
  for (const {document, plans} of planned)
    for (const plan of plans) {
      const cluster = nameOf(document.context, plan.cluster)
      merged.set(cluster, [...(merged.get(cluster) ?? []), ...plan.steps])
    }
  return [...merged].map(([cluster, steps]) => ({cluster, steps}))
}

function withoutRepeated(steps: readonly Step[]): Step[] {
  const created = new Set<string>()
  return steps.filter(({verdict, ref}) => {
    if (verdict !== 'create') return true
    const isRepeated = created.has(refKey(ref))
    created.add(refKey(ref))
    return !isRepeated
  })
}

/** Returns the names of the clusters that a document concerns. Undefined if it is planned later, for the current context. */
export function clustersOfPlanned(one: PlannedDocument, all: readonly PlannedDocument[]): string[] | undefined {
  const nameOf = clusterNames(all)
  if (one.plans.length > 0) return one.plans.map(({cluster}) => nameOf(one.document.context, cluster))
  const contexts = contextsOfDocument(one.document)
  return contexts.includes('') ? undefined : contexts.map(context => nameOf(context, clusterNameFrom(context)))
}

/** Returns the names that clusters of several contexts have, with these contexts: their objects cannot be distinguished. */
export function ambiguousClusters(planned: readonly PlannedDocument[]): Map<string, string[]> {
  const nameOf = clusterNames(planned)
  const found = new Map<string, Set<string>>()
  for (const {document, plans} of planned) {
    const contexts = contextsOfDocument(document)
    if (contexts.length !== plans.length) continue
    for (const [at, context] of contexts.entries()) {
      const name = nameOf(document.context, plans[at]!.cluster)
      found.set(name, (found.get(name) ?? new Set()).add(context))
    }
  }
  return new Map([...found].filter(([, contexts]) => contexts.size > 1).map(([name, own]) => [name, [...own].sort()]))
}

/**
 * Returns a function that names the cluster of a plan. It has the name that a federation gives it; a command that reads no istiod
 * uses the context. Clusters of different contexts with the same name are named by their contexts.
 */
function clusterNames(planned: readonly PlannedDocument[]): (context: string | undefined, name: string) => string {
  const names = new Map<string, string>()
  for (const {document, plans} of planned) {
    const contexts = contextsOfDocument(document)
    const isPaired = contexts.length === plans.length
    if (isPaired && contexts.length > 1)
      for (const [at, context] of contexts.entries()) names.set(context, plans[at]!.cluster)
  }
  for (const {document, plans} of planned)
    if (document.context !== undefined && plans[0] && !names.has(document.context))
      names.set(document.context, plans[0].cluster)
  const contextsOf = Map.groupBy(names, ([, name]) => name)
  return (context, name) => {
    const known = context === undefined ? name : (names.get(context) ?? name)
    return context !== undefined && context !== '' && (contextsOf.get(known) ?? []).length > 1 ? context : known
  }
}

/**
 * Returns whether a document must be applied: it differs, or a run that was killed has left its list of members incomplete, which no
 * plan shows.
 */
export function isPending({differs, plans}: PlannedDocument): boolean {
  return differs || plans.some(({steps}) => steps.some(({adopts}) => adopts))
}

/** Returns what may be written when a plan is applied: each object with its cluster, and whether it is removed. */
export function writesOf(planned: readonly PlannedDocument[]): Set<string> {
  return new Set(planned.flatMap(({plans}) => plans.flatMap(plan => plan.steps.flatMap(step => writeOf(plan, step)))))
}

/** Returns the object that a step writes, as `writesOf` names it: none for an unchanged one. */
export function writeOf({cluster}: Pick<ClusterPlan, 'cluster'>, {verdict, ref}: Step): string[] {
  return verdict === 'unchanged' ? [] : [JSON.stringify([cluster, verdict === 'remove', refKey(ref)])]
}
