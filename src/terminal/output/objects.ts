import {withoutNeutral} from '../../engine/kubernetes/controller-fields.ts'
import {type KubernetesObject, nameOf, refOf} from '../../engine/kubernetes/object.ts'
import {objectOfEdit} from '../../engine/plan/edit.ts'
import type {ClusterPlan} from '../../engine/plan/plan.ts'
import {dumpYaml, inKeyOrder} from '../../text/yaml.ts'
import {isSecret} from './redact.ts'

/** The objects of one cluster, in the order they are applied. */
export interface ClusterObjects {
  cluster: string
  objects: PlannedObject[]
  /** Why some are not among them, in words for stderr. */
  leftOut: {secrets: number; pending: number; edits: number}
}

/** An object with the wave it belongs to. */
export interface PlannedObject {
  wave: number
  object: KubernetesObject
}

/**
 * What a plan would send, as manifests that `kubectl apply -f -` takes. Left out: removals; Secrets unless they are
 * asked for; what is not complete before apply; edits inside a text that others share.
 */
export function objectsOf(plan: ClusterPlan, includeSecrets: boolean): ClusterObjects {
  const result: ClusterObjects = {cluster: plan.cluster, objects: [], leftOut: {secrets: 0, pending: 0, edits: 0}}
  for (const {change} of plan.steps) {
    if (change.action === 'remove') continue
    const {wave} = change
    if (change.action === 'edit') {
      if (change.edits.some(({at}) => at === 'text')) result.leftOut.edits++
      else if (change.edits.some(edit => edit.at !== 'text' && edit.value !== undefined) || change.create)
        result.objects.push({wave, object: inKeyOrder(objectOfEdit(change))})
    } else if (change.pending !== undefined) result.leftOut.pending++
    else if (isSecret(change.object) && !includeSecrets) result.leftOut.secrets++
    else result.objects.push({wave, object: inKeyOrder(withoutNeutral(change.object))})
  }
  return result
}

/** YAML documents; with several clusters each part begins with a `# cluster: NAME` line. */
export function formatYaml(clusters: readonly ClusterObjects[]): string {
  return clusters
    .map(({cluster, objects}) => {
      const head = clusters.length > 1 ? `# cluster: ${cluster}\n` : ''
      return head + objects.map(({object}) => `---\n${dumpYaml(object)}`).join('')
    })
    .join('')
}

/** One `v1` List; with several clusters `{"clusters": {NAME: List}}`. */
export function formatJson(clusters: readonly ClusterObjects[]): string {
  const list = ({objects}: ClusterObjects) => ({
    apiVersion: 'v1',
    kind: 'List',
    items: objects.map(({object}) => object),
  })
  const value =
    clusters.length === 1
      ? list(clusters[0]!)
      : {clusters: Object.fromEntries(clusters.map(part => [part.cluster, list(part)]))}
  return `${JSON.stringify(value, null, 2)}\n`
}

/** One `kind.group/name` a line; with several clusters each part begins with a `# cluster: NAME` line. */
export function formatNames(clusters: readonly ClusterObjects[]): string {
  return clusters
    .map(({cluster, objects}) => {
      const head = clusters.length > 1 ? `# cluster: ${cluster}\n` : ''
      return head + objects.map(({object}) => `${nameOf(refOf(object))}\n`).join('')
    })
    .join('')
}
