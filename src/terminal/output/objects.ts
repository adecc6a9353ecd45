import {withoutNeutral} from '../../engine/kubernetes/controller-fields.ts'
import {type KubernetesObject, nameOf, refOf} from '../../engine/kubernetes/object.ts'
import {objectOfEdit} from '../../engine/plan/edit.ts'
import type {ClusterPlan} from '../../engine/plan/plan.ts'
import {escapeLine} from '../../text/escape-terminal.ts'
import {dumpYaml, inKeyOrder} from '../../text/yaml.ts'
import {isSecret} from './redact.ts'

/** The objects of one cluster, in apply order. */
export interface ClusterObjects {
  cluster: string
  objects: PlannedObject[]
  /** Number of changes that are not in `objects`, by reason. */
  leftOut: {secrets: number; pending: number; edits: number}
}

/** An object with its wave, which sets the apply order. */
export interface PlannedObject {
  wave: number
  object: KubernetesObject
}

/**
 * The objects of a plan as manifests for `kubectl apply -f -`. Some changes cannot be expressed as a manifest and are left
 * out: removals, objects that are complete only during apply, and edits inside a text with several owners.
 *
 * @param includeSecrets false leaves out Secrets
 */
export function objectsOf(plan: ClusterPlan, includeSecrets: boolean): ClusterObjects {
  const result: ClusterObjects = {cluster: plan.cluster, objects: [], leftOut: {secrets: 0, pending: 0, edits: 0}}
  for (const {change} of plan.steps) {
    if (change.action === 'remove') continue
    const {wave} = change
    if (change.action === 'edit') {
      if (change.edits.some(({at}) => at === 'text' || at === 'entries')) result.leftOut.edits++
      else if (change.edits.some(edit => 'value' in edit && edit.value !== undefined) || change.create)
        result.objects.push({wave, object: inKeyOrder(objectOfEdit(change))})
    } else if (change.pending !== undefined) result.leftOut.pending++
    else if (isSecret(change.object) && !includeSecrets) result.leftOut.secrets++
    else result.objects.push({wave, object: inKeyOrder(withoutNeutral(change.object))})
  }
  return result
}

/** YAML documents. With several clusters, the objects of each cluster begin with a line `# cluster: NAME`. */
export function formatYaml(clusters: readonly ClusterObjects[]): string {
  return formatLines(clusters, object => `---\n${dumpYaml(object)}`)
}

/** A `v1` List. With several clusters, `{"clusters": {NAME: List}}`. */
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

/** A line `kind.group/name` per object. With several clusters, each cluster begins with a line `# cluster: NAME`. */
export function formatNames(clusters: readonly ClusterObjects[]): string {
  return formatLines(clusters, object => `${nameOf(refOf(object))}\n`)
}

function formatLines(clusters: readonly ClusterObjects[], format: (object: KubernetesObject) => string): string {
  const parts = clusters.map(({cluster, objects}) => {
    // A line break in the name would end the comment, and the rest could be another object.
    const heading = clusters.length > 1 ? `# cluster: ${escapeLine(cluster)}\n` : ''
    return heading + objects.map(({object}) => format(object)).join('')
  })
  return parts.join('')
}
