import type {MeshMember} from '../../../mesh/members.ts'
import {type RemoteRecord, readRemoteRecord} from '../../../mesh/record.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {Federation} from '../spec.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** A run without a primary or some of its remotes would remove what the others depend on. */
const completeRoles: FederationCheck = {
  id: 'primary-and-remotes',
  about: 'a primary and its remotes change together',
  beforeWrite: true,
  run: forEachMember((member, {all, spec}) => {
    const record = readRemoteRecord(member.facts?.record)
    if (!record) return undefined
    const names = new Set(all.map(({cluster}) => cluster))
    return record.primary === undefined
      ? missingRemotes(member, names, spec)
      : missingPrimary(member, record.primary, names)
  }),
}

function missingPrimary(
  {context}: MeshMember,
  primary: NonNullable<RemoteRecord['primary']>,
  names: ReadonlySet<string>,
): MemberFinding | undefined {
  if (names.has(primary)) return undefined
  return {
    message: `the cluster is a remote of ${primary}, which is not among the clusters of this run`,
    hints: [
      `add the context of ${primary} to --contexts`,
      `or remove the cluster first: kubectl mesh federate remove --contexts ${shellWord(context)} --from ${shellWord(`CONTEXT-OF-${primary.toUpperCase()}`)}`,
    ],
  }
}

function missingRemotes(
  {facts, primary}: MeshMember,
  names: ReadonlySet<string>,
  {mode}: Federation,
): MemberFinding | undefined {
  // A primary that stays one keeps its remotes.
  if (!facts || (mode === 'primary-remote' && primary === undefined)) return undefined
  const missing = credentialsIn(facts)
    .map(({target}) => target)
    .filter(target => !names.has(target))
  if (missing.length === 0) return undefined
  return {
    message: `the cluster is the primary of ${missing.join(', ')}, which would lose ${missing.length === 1 ? 'its' : 'their'} control plane`,
    hints: [
      `add the ${missing.length === 1 ? 'context' : 'contexts'} of ${missing.join(', ')} to --contexts, with --mode primary-remote`,
      'or remove them first: kubectl mesh federate remove',
    ],
  }
}

/** Checks that no run separates a primary from its remotes. */
export const roleChecks: readonly FederationCheck[] = [completeRoles]
