import {type Right, rightsFor} from '../../engine/kubernetes/access-rules.ts'
import {controlPlaneApplySet} from '../../mesh/control-plane/objects.ts'
import {rightsOfSet} from '../../run/rights-of.ts'
import type {InstallPlace} from './read.ts'

/** The permissions to read the control planes of a cluster. */
export const statusReads: readonly Right[] = [
  ...rightsFor(['list'], ['deployments.apps']),
  ...rightsFor(['get', 'list'], ['configmaps']),
]

/** The permissions of `mesh install` and `mesh install remove` to read. */
export function installReads(place: InstallPlace): Right[] {
  return [
    ...statusReads,
    ...rightsOfSet(controlPlaneApplySet(place)),
    ...rightsFor(['get', 'list'], ['customresourcedefinitions.apiextensions.k8s.io', 'namespaces']),
    ...rightsFor(['list'], ['mutatingwebhookconfigurations.admissionregistration.k8s.io', 'pods']),
  ]
}

/** All permissions of `mesh install remove`. */
export function installRemovalRights(place: InstallPlace): Right[] {
  return [...installReads(place), ...rightsOfSet(controlPlaneApplySet(place), {verbs: ['get', 'list', 'delete']})]
}
