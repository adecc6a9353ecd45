import {type Change, isTargetOf} from '../engine/kubernetes/change.ts'
import {type KubernetesObject, nameOf, refOf} from '../engine/kubernetes/object.ts'
import type {Membership} from '../engine/plan/membership.ts'
import type {Run} from './run.ts'

/**
 * Reports objects that carry our label but are not in our list of members. They are left alone without `--trust-labels`.
 *
 * @param cluster name of the cluster in output
 * @param unrecorded of a `Membership`
 * @param removes the command has `--trust-labels`
 */
export function reportUnrecorded(
  cluster: string,
  unrecorded: readonly KubernetesObject[],
  {terminal, write}: Run,
  removes = false,
): void {
  if (unrecorded.length === 0) return
  const trusted = removes && write.trustLabels
  terminal.message([
    `warning: ${cluster}: these objects carry the label of kubectl-mesh, but its record does not list them. They are ${trusted ? 'removed too, because of --trust-labels' : 'left alone'}:`,
    ...linesOf(unrecorded),
    ...(removes && !trusted ? ['hint:    --trust-labels removes them too, if kubectl-mesh 0.1.0 created them'] : []),
  ])
}

/**
 * Reports objects that carry our label but are not in our list of members, before a command that applies objects asks for
 * confirmation: those of version 0.1.0 that the run adds to the list, and the others, which are left alone.
 *
 * @param cluster name of the cluster in output
 * @param labelled the objects to report
 * @param changes the changes of the run
 */
export function reportLabelled(
  cluster: string,
  {owns, adopts}: Membership,
  labelled: readonly KubernetesObject[],
  changes: readonly Change[],
  run: Run,
): void {
  const isApplied = isTargetOf(changes.filter(({action}) => action === 'apply'))
  const unlisted = labelled.filter(object => !owns(object))
  const adopted = unlisted.filter(object => isApplied(object) && adopts(object, run.access.manager))
  reportUnrecorded(
    cluster,
    unlisted.filter(object => !adopted.includes(object)),
    run,
  )
  if (adopted.length === 0) return
  run.terminal.message([
    `warning: ${cluster}: according to their labels, kubectl-mesh 0.1.0 created these objects. This run adds them to its record:`,
    ...linesOf(adopted),
  ])
}

function linesOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(object => `  ${nameOf(refOf(object))}${inNamespace(object)}`).sort()
}

function inNamespace({metadata: {namespace}}: KubernetesObject): string {
  return namespace === undefined ? '' : ` in namespace ${namespace}`
}
