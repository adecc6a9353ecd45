import type {Finding} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {primaryAmong} from '../../../mesh/primary-remote.ts'
import type {FederationCheck, FederationSubject} from './subject.ts'

/** A finding for the cluster that is inspected. */
export type MemberFinding = Omit<Finding, 'cluster'>

/** What an inspection of one cluster returns; undefined and an empty list mean that nothing is wrong. */
type Inspected = MemberFinding | readonly MemberFinding[] | undefined

/** Returns the `run` of a check that inspects one cluster at a time. It adds the name of the cluster to the findings. */
export function forEachMember(
  inspect: (member: MeshMember, subject: FederationSubject) => Inspected,
): FederationCheck['run'] {
  return subject => subject.all.flatMap(member => findingsFor(member, inspect(member, subject)))
}

/** Like `forEachMember`, for remotes. Nothing is inspected if the primary is not among the clusters. */
export function forEachRemote(
  inspect: (remote: MeshMember, primary: MeshMember, subject: FederationSubject) => Inspected,
): FederationCheck['run'] {
  return forEachMember((member, subject) => {
    const primary = primaryAmong(subject.all)
    return member.primary !== undefined && primary ? inspect(member, primary, subject) : undefined
  })
}

/** Like `forEachMember`, for the primary. */
export function forPrimary(
  inspect: (primary: MeshMember, subject: FederationSubject) => Inspected,
): FederationCheck['run'] {
  return forEachMember((member, subject) =>
    member === primaryAmong(subject.all) ? inspect(member, subject) : undefined,
  )
}

function findingsFor({cluster}: MeshMember, inspected: Inspected): Finding[] {
  return [inspected ?? []].flat().map(finding => ({...finding, cluster}))
}
