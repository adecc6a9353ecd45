import type {Edit} from '../../engine/kubernetes/change.ts'
import {parseMembers} from '../../engine/kubernetes/member-record.ts'
import {type KubernetesObject, type ObjectRef, refOf} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {names, tokenNumberIn} from '../../istio/names.ts'
import type {FederationFacts} from '../facts.ts'
import {firstTokenNaming, nextTokenNaming, readerTokenName, type TokenNaming, tokenNamingIn} from '../objects-reader.ts'

// Threat: the token of a Secret of type service-account-token depends only on the account and on the name of the Secret. If the account
// stays while its token Secrets are removed, a later Secret with a former name would make a revoked token valid again. A
// live Secret shows its number, the record lists Secrets that were deleted by hand, and the account stores the numbers of those that
// kubectl-mesh removed.

/** On the reader account: the highest number of its token Secrets that kubectl-mesh removed. */
const lastTokenAnnotation = 'kubectl-mesh.io/last-token'

type HistoryFacts = Pick<FederationFacts, 'reader' | 'tokenSecrets' | 'record'>

/**
 * Returns a Secret for the first token of a peer, under a name that the current account has not had.
 *
 * @param peer undefined for the Secret that all peers share
 * @param facts of the cluster that issues the token
 */
export function unusedTokenNaming(peer: string | undefined, bound: boolean, facts: HistoryFacts): TokenNaming {
  const first = firstTokenNaming(peer, bound)
  // The tokens of a new account differ from those of a former one.
  if (!facts.reader.account) return first
  const own = knownNames(facts).filter(name => tokenNamingIn(name, peer))
  const last = Math.max(lastRemoved(facts), ...numbersOf(own))
  return last === 0 ? first : {...first, slot: `${last + 1}`}
}

/**
 * Returns the Secret for a token that replaces another one, as `nextTokenNaming`, under a name that no discarded token had.
 *
 * @param facts of the cluster that issues the token
 */
export function followingTokenNaming(
  current: TokenNaming,
  bound: boolean,
  facts: Pick<FederationFacts, 'reader'>,
): TokenNaming {
  const next = nextTokenNaming(current, bound)
  const last = lastRemoved(facts)
  return bound || Number(next.slot || '1') > last ? next : {...next, slot: `${last + 1}`}
}

/** Returns whether kubectl-mesh has removed a token Secret, so that its name must not be used again. */
export function isDiscarded(naming: TokenNaming, facts: Pick<FederationFacts, 'reader' | 'tokenSecrets'>): boolean {
  // A short-lived token depends on the UID of its Secret, too.
  if (naming.bound || facts.tokenSecrets.has(readerTokenName(naming))) return false
  return Number(naming.slot || '1') <= lastRemoved(facts)
}

/**
 * Returns the change that keeps the numbers of token Secrets which leave a cluster or its record. None if the account is removed too.
 *
 * @param removed objects that other changes remove from the cluster or from its record
 */
export function tokenHistoryEdit(cluster: string, facts: HistoryFacts, removed: readonly ObjectRef[]): Edit[] {
  const {account} = facts.reader
  const removesToken = removed.some(({kind, name}) => kind === 'Secret' && tokenNumberIn(name) !== undefined)
  const removesAccount = removed.some(({kind, name}) => kind === 'ServiceAccount' && name === names.readerAccount)
  if (!account || !removesToken || removesAccount) return []
  // A rotation discards a Secret that it has created after the facts were read.
  const last = Math.max(...numbersOf([...knownNames(facts), ...removed.map(({name}) => name)]))
  if (last <= lastRemoved(facts)) return []
  const edits = [{at: 'annotation', key: lastTokenAnnotation, value: `${last}`} as const]
  // Before all removals, and not at the same time as an apply of the account.
  return [{action: 'edit', cluster, wave: waves.namespaces, target: refOf(account), edits}]
}

function knownNames({tokenSecrets, record}: HistoryFacts): string[] {
  return [...new Set([...tokenSecrets.keys(), ...recordedSecrets(record)])]
}

// Asked for every pair of clusters: reading the list of a record each time takes seconds in a large mesh.
const recorded = new WeakMap<KubernetesObject, readonly string[]>()

/** The names of all Secrets that a record lists with a UID. */
function recordedSecrets(record: KubernetesObject | undefined): readonly string[] {
  if (!record) return []
  const known = recorded.get(record)
  if (known) return known
  const members = [...(parseMembers(record)?.values() ?? [])]
  // Without a UID, a Secret was not created before the run was killed: the next run creates it under the same name.
  const created = members.filter(({ref, uid}) => ref.kind === 'Secret' && uid !== undefined)
  const found = created.map(({ref}) => ref.name)
  recorded.set(record, found)
  return found
}

function numbersOf(secrets: readonly string[]): number[] {
  return secrets.flatMap(name => tokenNumberIn(name) ?? [])
}

function lastRemoved({reader}: Pick<HistoryFacts, 'reader'>): number {
  const text = reader.account?.metadata.annotations?.[lastTokenAnnotation] ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}
