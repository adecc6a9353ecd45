import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import type {Change} from '../../engine/kubernetes/change.ts'
import {rightsOf, rightsOfSet} from '../../run/rights-of.ts'
import {addonApplySet} from './objects.ts'
import type {AddonName} from './spec-names.ts'

/** The permissions of `mesh addon list`. */
export const addonListReads: readonly Right[] = [
  ...rightsFor(['list'], ['configmaps', 'deployments.apps', 'statefulsets.apps']),
]

/** The permissions of all commands to read add-ons. */
function addonReads(names: readonly AddonName[], place: {systemNamespace: string}): Right[] {
  return [
    ...names.flatMap(name => rightsOfSet(addonApplySet(name, place))),
    ...rightsFor(['list'], ['deployments.apps'], place.systemNamespace),
    ...rightsFor(['get', 'list'], ['configmaps'], place.systemNamespace),
    ...rightsFor(['get'], ['namespaces']),
  ]
}

/**
 * All permissions of `mesh addon install`.
 *
 * @param changes what it applies
 */
export function addonInstallRights(
  names: readonly AddonName[],
  place: {systemNamespace: string},
  changes: readonly Change[],
): Right[] {
  return [...addonReads(names, place), ...rightsOf(changes)]
}

/** All permissions of `mesh addon remove`. The record shows the namespaces of the objects. */
export function addonRemovalRights(names: readonly AddonName[], place: {systemNamespace: string}): Right[] {
  return [
    ...addonReads(names, place),
    ...addonListReads,
    ...names.flatMap(name =>
      rightsOfSet(addonApplySet(name, place), {verbs: ['get', 'list', 'delete'], namespace: 'all'}),
    ),
  ]
}
