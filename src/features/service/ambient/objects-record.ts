import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {dnsLabel, labelValue} from '../../../spec/texts.ts'
import {isMap, parseJson} from '../../../text/json.ts'

/**
 * Annotation of a shared Service: the clusters that it is shared with, and the former value of its label. It is on the Service
 * itself, so that one write stores both, and a deleted Service leaves no record.
 *
 * Threat: whoever can write the Service can write the annotation. They can write its label too, and only that label is restored.
 */
export const sharedAnnotation = 'kubectl-mesh.io/shared'

/** How a Service is shared. */
export interface SharedRecord {
  /** Names of the other clusters, sorted; at least one. */
  with: readonly string[]
  /** The value of the label before the first run. Undefined if the Service did not have it. */
  former?: string | undefined
  /** Shared because of a label on the Service, and no longer when that label is removed. */
  byLabel?: true | undefined
}

/** Returns the record of a Service. Undefined without one, or if it is malformed. */
export function readSharedRecord({metadata}: KubernetesObject): SharedRecord | undefined {
  const stored = parseJson(metadata.annotations?.[sharedAnnotation] ?? '')
  if (!isMap(stored) || !Array.isArray(stored.with)) return undefined
  const clusters = stored.with.filter(one => typeof one === 'string' && dnsLabel(one) === undefined) as string[]
  if (clusters.length === 0) return undefined
  const {former, byLabel} = stored
  return {
    with: [...new Set(clusters)].sort(),
    former: typeof former === 'string' && labelValue(former) === undefined ? former : undefined,
    byLabel: byLabel === true ? true : undefined,
  }
}

/** Returns the text of a record. Equal records have equal texts. */
export function sharedRecordText({with: clusters, former, byLabel}: SharedRecord): string {
  return JSON.stringify({with: [...clusters].sort(), former, byLabel})
}
