import {createHash} from 'node:crypto'
import type {Apply} from './change.ts'
import {managedByLabels} from './labels.ts'
import {groupOf, type KubernetesObject, type ObjectKind} from './object.ts'
import {waves} from './waves.ts'

/**
 * kubectl's ApplySets (Kubernetes KEP-3659): a parent object names a set, each member carries the set's id as a label,
 * so that `remove` finds and prunes exactly what a command made. Not even a lost folder or laptop loses that.
 */

/** Label of a member; its value is the set's id. */
export const partOfLabel = 'applyset.kubernetes.io/part-of'
const idLabel = 'applyset.kubernetes.io/id'
const toolingAnnotation = 'applyset.kubernetes.io/tooling'
const kindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds'

/** One command's objects in one cluster. */
export interface ApplySet {
  /** Name of the parent ConfigMap: `kubectl-mesh-federation`. */
  name: string
  namespace: string
  /** All kinds that the command can make: where to look when it is removed. */
  kinds: readonly ObjectKind[]
}

/** Id of a set: its parent's name, namespace, kind and group, hashed (KEP-3659, "ApplySet ID"). */
export function applySetId(set: ApplySet): string {
  const hash = createHash('sha256').update(`${set.name}.${set.namespace}.ConfigMap.`).digest('base64url')
  return `applyset-${hash}-v1`
}

/** An object with the label that makes it a member of a set. */
export function asMember(object: KubernetesObject, id: string): KubernetesObject {
  return {...object, metadata: {...object.metadata, labels: {...object.metadata.labels, [partOfLabel]: id}}}
}

/** The parent object of a set. `data` says what the set is about, for people and for `status`. */
export function applySetParent(set: ApplySet, cluster: string, data: Record<string, string>): Apply {
  const kinds = new Set(
    set.kinds.map(({apiVersion, kind}) => (groupOf(apiVersion) ? `${kind}.${groupOf(apiVersion)}` : kind)),
  )
  return {
    action: 'apply',
    cluster,
    wave: waves.namespaces,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: set.name,
        namespace: set.namespace,
        labels: {...managedByLabels, [idLabel]: applySetId(set)},
        annotations: {[toolingAnnotation]: 'kubectl-mesh/v1', [kindsAnnotation]: [...kinds].sort().join(',')},
      },
      data,
    },
    // a parent is no member of its own set
    stays: true,
  }
}
