import type {Edit} from '../../../engine/kubernetes/change.ts'
import {membersKey, parseMembers, withoutMembers} from '../../../engine/kubernetes/member-record.ts'
import {type ObjectRef, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {names, remoteSecretName} from '../../../istio/names.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {tokenNamingIn} from '../../../mesh/objects-reader.ts'

/**
 * Returns the Secrets of leaving clusters that the record of a staying cluster lists and that no longer exist: a removal was interrupted
 * before it wrote the record. If such a cluster cannot be reached, nothing else shows that it was a member.
 *
 * @param leaving names of the leaving clusters
 */
export function removedSecrets(
  {record, created, replaced}: Pick<FederationFacts, 'record' | 'created' | 'replaced'>,
  leaving: readonly string[],
): ObjectRef[] {
  // A complete removal drops members from the new list only. The lists of replaced records end with them.
  if (replaced.length > 0) return []
  const live = new Set(created.map(object => refKey(refOf(object))))
  const isFor = (name: string, cluster: string) =>
    // With bundled credentials, the Secret ends with the last cluster in it.
    name === names.bundledSecret || name === remoteSecretName(cluster) || tokenNamingIn(name, cluster) !== undefined
  return [...(parseMembers(record)?.values() ?? [])]
    .map(({ref}) => ref)
    .filter(ref => ref.kind === 'Secret' && !live.has(refKey(ref)))
    .filter(({name}) => leaving.some(cluster => isFor(name, cluster)))
}

/** Returns the change that completes an interrupted removal: the record of the cluster no longer lists these Secrets. */
export function recordEdits(
  cluster: string,
  {record}: Pick<FederationFacts, 'record'>,
  removed: readonly ObjectRef[],
): Edit[] {
  if (!record || removed.length === 0) return []
  const about = `${membersKey}: drop ${removed.map(({name}) => name).join(', ')}`
  const edit = (list: string) => withoutMembers(list, removed)
  return [
    {
      action: 'edit',
      cluster,
      wave: waves.namespaces,
      target: refOf(record),
      edits: [{at: 'text', path: ['data', membersKey], about, edit, removes: true}],
      undoes: true,
    },
  ]
}
