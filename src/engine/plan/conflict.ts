import type {Problem} from '../../errors.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {Cluster} from '../cluster/cluster.ts'
import {ApiError, type FieldConflict} from '../cluster/errors.ts'
import {creatorOf} from '../kubernetes/manager.ts'
import {type KubernetesObject, nameOf, type ObjectRef, refOf} from '../kubernetes/object.ts'
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

/**
 * Returns the problem of an apply that would change fields that the API server never changes, such as the selector of a
 * Deployment. Undefined for every other error.
 *
 * @param live the existing object
 */
export function immutableConflict(
  name: string,
  {context}: Pick<Cluster, 'context'>,
  live: KubernetesObject,
  error: unknown,
): Problem | undefined {
  if (!(error instanceof ApiError && error.status === 422)) return undefined
  if (!/field is immutable|cannot change roleRef/.test(error.message)) return undefined
  const ref = refOf(live)
  const fields = [...error.message.matchAll(/([A-Za-z][\w.[\]]*): Invalid value:/g)].map(([, field]) => field)
  const namespace = ref.namespace ? `-n ${shellWord(ref.namespace)} ` : ''
  return {
    message: `${name}: ${placeOf(ref)} already exists, created by ${creatorOf(live)}, and Kubernetes does not change its ${fields.join(', ') || 'immutable fields'}`,
    hints: [
      `show it: kubectl ${contextFlags(context)} ${namespace}get ${shellWord(nameOf(ref))} -o yaml`,
      'choose another name, revision or namespace; the existing object stays as it is',
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
