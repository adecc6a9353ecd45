import {managedByLabels, revisionLabel, revisionLabels} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'

/**
 * Returns whether the istiod of a revision reads an Istio resource: the label `istio.io/rev` is absent or names the revision. A
 * revision tag in the label names no revision (istio pkg/config/model.go, LabelsInRevision, 1.31).
 *
 * @param revision undefined for the control plane without a revision, whose name is `default`
 */
export function isReadBy({metadata}: KubernetesObject, revision: string | undefined): boolean {
  const label = metadata.labels?.[revisionLabel]
  return label === undefined || label === (revision ?? 'default')
}

/**
 * Returns the labels of an Istio resource that we create.
 *
 * Trap: with the label `istio.io/rev`, only one revision reads a resource. When a workload moves to another revision (canary
 * upgrade), it loses its policies and listeners without an error. Only a tenant's resources carry the label: its istiod
 * validates no others, and other control planes must not read them.
 */
export function resourceLabels(controlPlane: {
  isTenant: boolean
  revision: string | undefined
}): Record<string, string> {
  return {...managedByLabels, ...(controlPlane.isTenant ? revisionLabels(controlPlane.revision) : {})}
}
