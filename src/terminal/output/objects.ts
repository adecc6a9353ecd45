import {withoutNeutral} from '../../engine/kubernetes/controller-fields.ts'
import {type KubernetesObject, nameOf, refOf} from '../../engine/kubernetes/object.ts'
import {objectOfEdit} from '../../engine/plan/edit.ts'
import type {ClusterPlan, Step} from '../../engine/plan/plan.ts'
import {escapeLine} from '../../text/escape-terminal.ts'
import {dumpYaml, inKeyOrder} from '../../text/yaml.ts'
import {isSecret} from './redact.ts'

/** The objects of one cluster, in apply order. */
export interface ClusterObjects {
  cluster: string
  objects: PlannedObject[]
  /** The objects that are deleted, by kind and name: enough for `kubectl delete -f -`. */
  removed: KubernetesObject[]
  /** Number of changes that are not in `objects`, by reason. */
  leftOut: {secrets: number; pending: number; edits: number}
}

/** An object with its wave, which sets the apply order. */
export interface PlannedObject {
  wave: number
  object: KubernetesObject
  /** Only some fields are ours: it must not be deleted with the manifest. */
  isShared?: true
  /** A comment line in its file, without line breaks. */
  comment?: string
  /** YAML in its file instead of the object: an encrypted Secret. */
  text?: string
}

/**
 * The objects of a plan as manifests for `kubectl apply -f -`. Some changes cannot be expressed as a manifest and are left
 * out: objects that are complete only during apply, and edits inside a text with several owners.
 *
 * @param includeSecrets false leaves out Secrets
 */
export function objectsOf(plan: ClusterPlan, includeSecrets: boolean): ClusterObjects {
  const result: ClusterObjects = {
    cluster: plan.cluster,
    objects: [],
    removed: removedBy(plan.steps),
    leftOut: {secrets: 0, pending: 0, edits: 0},
  }
  for (const {change} of plan.steps) {
    if (change.action === 'remove') continue
    const {wave} = change
    if (change.action === 'edit') {
      if (change.edits.some(({at}) => at === 'text' || at === 'entries')) result.leftOut.edits++
      else if (change.edits.some(edit => 'value' in edit && edit.value !== undefined) || change.create)
        result.objects.push({wave, object: inKeyOrder(objectOfEdit(change)), isShared: true})
    } else if (change.pending !== undefined) result.leftOut.pending++
    else if (isSecret(change.object) && !includeSecrets) result.leftOut.secrets++
    else result.objects.push({wave, object: inKeyOrder(withoutNeutral(change.object))})
  }
  return result
}

/** Returns the objects that steps delete, in the order of the steps. */
export function removedBy(steps: readonly Step[]): KubernetesObject[] {
  return steps
    .filter(({verdict}) => verdict === 'remove')
    .map(({ref: {apiVersion, kind, name, namespace}}) => ({
      apiVersion,
      kind,
      metadata: {name, ...(namespace === undefined ? {} : {namespace})},
    }))
}

/** YAML documents for `kubectl apply -f -`, therefore without the objects that are deleted. With several clusters, the objects of each cluster begin with a line `# cluster: NAME`. */
export function formatYaml(clusters: readonly ClusterObjects[]): string {
  return formatLines(clusters, ({objects}) => objects.map(({object}) => `---\n${dumpYaml(object)}`))
}

/**
 * A `v1` List, whose further list `removed` contains the objects that are deleted. With several clusters,
 * `{"clusters": {NAME: List}}`.
 */
export function formatJson(clusters: readonly ClusterObjects[]): string {
  const list = ({objects, removed}: ClusterObjects) => ({
    apiVersion: 'v1',
    kind: 'List',
    items: objects.map(({object}) => object),
    removed,
  })
  const value =
    clusters.length === 1
      ? list(clusters[0]!)
      : {clusters: Object.fromEntries(clusters.map(part => [part.cluster, list(part)]))}
  return `${JSON.stringify(value, null, 2)}\n`
}

/** A line `kind.group/name` per object, those that are deleted last. With several clusters, each cluster begins with a line `# cluster: NAME`. */
export function formatNames(clusters: readonly ClusterObjects[]): string {
  return formatLines(clusters, ({objects, removed}) =>
    [...objects.map(({object}) => object), ...removed].map(object => `${nameOf(refOf(object))}\n`),
  )
}

function formatLines(clusters: readonly ClusterObjects[], format: (part: ClusterObjects) => string[]): string {
  const parts = clusters.map(part => {
    // A line break in the name would end the comment, and the rest could be another object.
    const heading = clusters.length > 1 ? `# cluster: ${escapeLine(part.cluster)}\n` : ''
    return heading + format(part).join('')
  })
  return parts.join('')
}
