import type {Problem} from '../../errors.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import type {Cluster} from '../cluster/cluster.ts'
import type {FieldConflict} from '../cluster/errors.ts'
import {nameOf, type ObjectRef} from '../kubernetes/object.ts'
import type {Overwritten} from './edit.ts'

/**
 * Returns the problem of an apply whose fields other managers own.
 *
 * @param name name of the cluster in the mesh
 */
export function applyConflict(
  name: string,
  {context}: Pick<Cluster, 'context'>,
  ref: ObjectRef,
  conflicts: readonly FieldConflict[],
): Problem {
  const owned = conflicts.map(({field, manager}) => `${field} (${manager})`).join(', ')
  const namespace = ref.namespace ? `-n ${ref.namespace} ` : ''
  return {
    message: `${name}: ${placeOf(ref)}: other managers own ${owned || 'some of its fields'}`,
    hints: [
      `show the owners: kubectl ${contextFlags(context)} ${namespace}get ${nameOf(ref)} -o yaml --show-managed-fields`,
      'take these fields over: add --force-conflicts',
    ],
  }
}

/** Returns the problem of an edit that would overwrite values of other managers. */
export function editConflict(name: string, ref: ObjectRef, overwritten: readonly Overwritten[]): Problem {
  const owned = overwritten.map(({field, value, owners}) => `${field} is ${value} (${owners.join(', ')})`).join(', ')
  return {
    message: `${name}: ${placeOf(ref)}: other managers own values that would change: ${owned}`,
    hints: ['overwrite them: add --force-conflicts'],
  }
}

/** Returns the problem of an edit whose target does not exist. */
export function missingTarget(name: string, ref: ObjectRef): Problem {
  return {message: `${name}: ${placeOf(ref)} does not exist`}
}

/** Returns an object in a message: `service/istio-eastwestgateway in istio-system`. */
export function placeOf(ref: ObjectRef): string {
  return ref.namespace ? `${nameOf(ref)} in ${ref.namespace}` : nameOf(ref)
}
