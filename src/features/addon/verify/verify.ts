import {type ReportedFinding, runChecks} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {kialiChecks} from './checks.ts'
import {readKialiSubject} from './read.ts'

/** The checks of Kiali, and what they found. */
export interface CheckedKiali {
  title: string
  checks: readonly {id: string; about: string}[]
  findings: readonly ReportedFinding[]
}

/**
 * Checks whether every Kiali of a mesh can read every cluster. Empty without a Kiali.
 *
 * @throws ApiError, UnreachableError; MeshError (exit 3) for an invalid record
 */
export async function checkKiali(members: readonly MeshMember[], systemNamespace: string): Promise<CheckedKiali[]> {
  const subject = await readKialiSubject(members, systemNamespace)
  if (subject.kialis.length === 0) return []
  return [{title: 'Kiali', checks: [...kialiChecks], findings: runChecks(kialiChecks, subject)}]
}
