import {type ApplySet, applySetId, partOfLabel} from '../engine/kubernetes/applyset.ts'
import {type Change, isTargetOf} from '../engine/kubernetes/change.ts'
import {isFromGit} from '../engine/kubernetes/manager.ts'
import {isBlank, memberListOf} from '../engine/kubernetes/member-record.ts'
import {type KubernetesObject, nameOf, refOf} from '../engine/kubernetes/object.ts'
import type {Membership} from '../engine/plan/membership.ts'
import type {Run} from './run.ts'

/**
 * Reports objects that carry our label but are not in our list of members. They are left alone without `--trust-labels`.
 *
 * @param cluster name of the cluster in output
 * @param unrecorded of a `Membership`
 * @param removes the command has `--trust-labels`; a function if that removes only the objects for which it is true
 */
export function reportUnrecorded(
  cluster: string,
  unrecorded: readonly KubernetesObject[],
  run: Run,
  removes: boolean | ((object: KubernetesObject) => boolean) = false,
): void {
  const canRemove = typeof removes === 'function' ? removes : () => removes
  const removable = unrecorded.filter(canRemove)
  if (run.write.trustLabels && removable.length > 0)
    reportAll(cluster, removable, 'removed too, because of --trust-labels', run)
  // Flux or Argo CD has applied what `render` has written. Only a removal has to report that it stays.
  const left = (run.write.trustLabels ? unrecorded.filter(object => !canRemove(object)) : unrecorded).filter(
    object => removes !== false || !isFromGit(object),
  )
  if (left.length === 0) return
  reportAll(cluster, left, 'left alone', run)
  if (removable.length > 0 && !run.write.trustLabels)
    run.terminal.message('hint:    --trust-labels removes them too, if kubectl-mesh 0.1.0 created them')
}

function reportAll(cluster: string, objects: readonly KubernetesObject[], what: string, {terminal}: Run): void {
  terminal.message([
    `warning: ${cluster}: these objects carry the label of kubectl-mesh, but its record does not list them. They are ${what}:`,
    ...linesOf(objects),
  ])
}

/** The part of a membership that decides which objects a run adds to the record. */
type Labelled = Pick<Membership, 'owns' | 'adopts' | 'parent' | 'replaced' | 'set'>

/**
 * Reports objects that carry our label but are not in our list of members, before a command that applies objects asks for
 * confirmation: those that the run adds to the list, because version 0.1.0 created them or the record is gone, and the others,
 * which are left alone.
 *
 * @param cluster name of the cluster in output
 * @param labelled the objects to report
 * @param changes the changes of the run
 */
export function reportLabelled(
  cluster: string,
  membership: Labelled,
  labelled: readonly KubernetesObject[],
  changes: readonly Change[],
  run: Run,
): void {
  const {owns, adopts} = membership
  const isApplied = isTargetOf(changes.filter(({action}) => action === 'apply'))
  const unlisted = labelled.filter(object => !owns(object))
  const adopted = unlisted.filter(object => isApplied(object) && adopts(object, run.access.manager))
  reportUnrecorded(
    cluster,
    unlisted.filter(object => !adopted.includes(object)),
    run,
  )
  const isLost = isOfLostRecord(membership)
  const [lost, former] = [adopted.filter(isLost), adopted.filter(object => !isLost(object))]
  if (former.length > 0)
    run.terminal.message([
      `warning: ${cluster}: according to their labels, kubectl-mesh 0.1.0 created these objects. This run adds them to its record:`,
      ...linesOf(former),
    ])
  reportLost(cluster, membership.set, lost, run, membership.parent !== undefined)
  if (lost.length > 0 && !membership.parent)
    run.terminal.message('hint:    the settings of earlier runs were stored there: set them again')
}

/**
 * Reports objects whose record is gone or empty, and which the run lists in it again.
 *
 * @param cluster name of the cluster in output
 * @param exists the record exists, and lists nothing
 */
export function reportLost(
  cluster: string,
  {name, namespace}: Pick<ApplySet, 'name' | 'namespace'>,
  lost: readonly KubernetesObject[],
  {terminal}: Pick<Run, 'terminal'>,
  exists = false,
): void {
  if (lost.length === 0) return
  terminal.message([
    `warning: ${cluster}: ConfigMap ${name} in namespace ${namespace}, the record of these objects, ${exists ? 'lists none of them' : 'is missing'}. This run lists them again:`,
    ...linesOf(lost),
  ])
}

/** Whether an object carries the label of a set whose record does not exist, or lists nothing. */
function isOfLostRecord({parent, replaced, set}: Labelled): (object: KubernetesObject) => boolean {
  const isGone = isBlank(memberListOf(parent)) && replaced.length === 0
  return ({metadata}) => isGone && metadata.labels?.[partOfLabel] === applySetId(set)
}

function linesOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(object => `  ${nameOf(refOf(object))}${inNamespace(object)}`).sort()
}

function inNamespace({metadata: {namespace}}: KubernetesObject): string {
  return namespace === undefined ? '' : ` in namespace ${namespace}`
}
