import type {Apply} from '../../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {rotationRecord} from '../../../istio/names.ts'
import type {TokenNaming} from '../../../mesh/objects-reader.ts'
import {parseJson} from '../../../text/json.ts'
import type {TargetView} from './istio-view.ts'

/** How far the rotation of one credential is. */
export interface RecordedPair {
  /**
   * `started`: the new token may be in the remote Secret; `observed`: every istiod works with it; `done`: the old token is
   * revoked.
   */
  phase: 'started' | 'observed' | 'done'
  /** The new token Secret at the target. */
  next: TokenNaming
  /** The old token Secret at the target. */
  old?: {name: string; uid: string}
  /** The kubeconfig before the rotation, to restore it. */
  previous?: string
  /** What every istiod knew before the rotation; undefined if the cluster had no running istiod. */
  baseline?: TargetView
}

/** The pairs of one holder, by target. */
export type RecordedPairs = Readonly<Record<string, RecordedPair>>

/** The rotation of the credentials that one cluster holds. */
export interface RotationRecord {
  /** The time at which the rotation began. All its records have the same. */
  id: string
  /** The whole rotation is finished. One record of it suffices, so that a rotation ends with a single write. */
  finished?: true
  pairs: RecordedPairs
}

const key = 'pairs'

/**
 * Returns the Secret that records a rotation in the cluster that holds the credentials. It contains kubeconfigs, so it is a Secret.
 * istiod ignores it, because it lacks the label of remote Secrets.
 */
export function buildRotationRecord(cluster: string, systemNamespace: string, record: RotationRecord): Apply {
  const text = Buffer.from(JSON.stringify(record), 'utf8').toString('base64')
  return {
    action: 'apply',
    cluster,
    wave: waves.credentials,
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: rotationRecord, namespace: systemNamespace, labels: {...managedByLabels}},
      type: 'kubectl-mesh.io/rotation',
      data: {[key]: text},
    },
  }
}

/** Reads the record of a rotation. Undefined without one, or for another content. */
export function rotationIn(secret: KubernetesObject | undefined): RotationRecord | undefined {
  const data = (secret?.data as Record<string, string> | undefined)?.[key]
  const value = data === undefined ? undefined : parseJson(Buffer.from(data, 'base64').toString('utf8'))
  const {id, finished, pairs} = (value ?? {}) as Partial<RotationRecord>
  if (typeof id !== 'string' || typeof pairs !== 'object' || pairs === null) return undefined
  const valid = Object.entries(pairs).filter(([, pair]) => isPair(pair))
  return {id, ...(finished === true ? {finished} : {}), pairs: Object.fromEntries(valid)}
}

/** Returns the pairs that a run has left half rotated. */
export function unfinishedIn(secret: KubernetesObject | undefined): RecordedPairs {
  const pairs = Object.entries(rotationIn(secret)?.pairs ?? {})
  return Object.fromEntries(pairs.filter(([, {phase}]) => phase !== 'done'))
}

/**
 * Returns the ID of the rotation that an interrupted run has left; undefined if the last one was finished. A run that continues it
 * skips the pairs that are done.
 */
export function interruptedRotation(records: readonly RotationRecord[]): string | undefined {
  const finished = new Set(records.flatMap(record => (record.finished ? [record.id] : [])))
  const open = records.filter(({id, pairs}) => !finished.has(id) && Object.keys(pairs).length > 0)
  return open
    .map(({id}) => id)
    .sort()
    .at(-1)
}

function isPair(value: unknown): boolean {
  const {phase, next} = (value ?? {}) as Partial<RecordedPair>
  return ['started', 'observed', 'done'].includes(phase ?? '') && typeof next?.bound === 'boolean'
}
