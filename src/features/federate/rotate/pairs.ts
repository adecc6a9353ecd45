import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type HeldToken, heldTokensFor, isFresh, namingOf} from '../../../mesh/credentials/held-tokens.ts'
import {followingTokenNaming, isDiscarded, unusedTokenNaming} from '../../../mesh/credentials/objects-history.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readerTokenName, type TokenNaming} from '../../../mesh/objects-reader.ts'
import {claimsOf} from '../../../mesh/remote-kubeconfig.ts'
import {credentialsIn} from '../../../mesh/remote-secrets.ts'
import type {Federation} from '../spec.ts'
import {type RecordedPair, unfinishedIn} from './objects-record.ts'

/** A credential that is rotated: `holder` reads `target` with it. */
export interface Pair {
  holder: MeshMember
  target: MeshMember
  held: HeldToken
  /** The token Secret behind the credential before the rotation; undefined if it is gone. */
  old: KubernetesObject | undefined
  /** The token Secret of the new token. */
  next: TokenNaming
  /** Set if a run was interrupted while it rotated the credential. */
  recorded?: RecordedPair
}

/** A credential that another tool manages. */
export interface ForeignCredential {
  holder: string
  target: string
  secret: string
}

/** The settings that determine the new tokens. */
export type RotationSettings = Pick<Federation, 'credentials' | 'credentialDuration' | 'systemNamespace'>

/** Returns all credentials that the clusters hold for each other, target by target. */
export function pairsAmong(
  settings: RotationSettings,
  all: readonly MeshMember[],
): {pairs: Pair[]; foreign: ForeignCredential[]} {
  const pairs: Pair[] = []
  const foreign: ForeignCredential[] = []
  // Decoded once for each holder: in a large mesh, once for each pair takes seconds.
  const found = new Map(all.map(holder => [holder, holder.facts ? credentialsIn(holder.facts) : []]))
  for (const target of all)
    for (const holder of all.filter(other => other !== target && other.primary === undefined)) {
      const {cluster, facts} = target
      const held = facts ? heldTokensFor({cluster, facts}, found.get(holder)!) : []
      const ours = held.find(({isOurs, found}) => isOurs && found.ours)
      if (ours) pairs.push(pairOf(settings, holder, target, ours))
      else
        for (const {found} of held)
          foreign.push({holder: holder.cluster, target: target.cluster, secret: found.secret.metadata.name})
    }
  return {pairs, foreign}
}

function pairOf(settings: RotationSettings, holder: MeshMember, target: MeshMember, held: HeldToken): Pair {
  const recorded = unfinishedIn(holder.facts!.rotation)[target.cluster]
  if (recorded) {
    const old = [...target.facts!.tokenSecrets.values()].find(({metadata}) => metadata.uid === recorded.old?.uid)
    // A run that was interrupted while it discarded the new token has deleted its Secret.
    const next = isDiscarded(recorded.next, target.facts!) ? nextNaming(settings, holder, target, held) : recorded.next
    return {holder, target, held, old, next, recorded}
  }
  return {holder, target, held, old: held.secret, next: nextNaming(settings, holder, target, held)}
}

/** The Secret after the current one, or one under a name that was not used before. */
function nextNaming(
  {credentials, credentialDuration}: RotationSettings,
  {cluster}: MeshMember,
  {facts}: MeshMember,
  held: HeldToken,
): TokenNaming {
  const peer = credentials === 'per-peer' ? cluster : undefined
  const bound = credentialDuration !== undefined
  const current = namingOf(held.secret, peer)
  return current ? followingTokenNaming(current, bound, facts!) : unusedTokenNaming(peer, bound, facts!)
}

/** Returns whether the remote Secret has the new token already: a run was interrupted after it had written it. */
export function isWritten({held, next}: Pair): boolean {
  return held.secret?.metadata.name === readerTokenName(next)
}

/** Returns whether an interrupted run has left the credential half rotated. */
export function isUnfinished({recorded}: Pair): boolean {
  return recorded !== undefined
}

/**
 * Returns the credentials that `mesh federate` rotates: those that a run left half rotated, and those whose token is accepted but
 * due for renewal. A token that is shared is renewed for all its holders.
 */
export function pairsToRenew(settings: RotationSettings, all: readonly MeshMember[], now: Date): Pair[] {
  const {pairs} = pairsAmong(settings, all)
  const due = new Set(pairs.filter(pair => isUnfinished(pair) || isDue(settings, pair, now)))
  const shared = Map.groupBy(due, ({target}) => target)
  return pairs.filter(pair => due.has(pair) || shared.get(pair.target)?.some(one => sharesToken(one, pair)))
}

/** Returns whether two credentials depend on the same token Secret. */
export function sharesToken(one: Pair, other: Pair): boolean {
  const uid = one.old?.metadata.uid
  return uid !== undefined && one.target === other.target && other.old?.metadata.uid === uid
}

function isDue({credentials, credentialDuration}: RotationSettings, {holder, held}: Pair, now: Date): boolean {
  const current = namingOf(held.secret, credentials === 'per-peer' ? holder.cluster : undefined)
  if (!current || held.token === undefined) return false
  const {expires} = claimsOf(held.token)
  if (expires && expires <= now) return false
  if (current.bound !== (credentialDuration !== undefined)) return true
  return credentialDuration !== undefined && !isFresh(held.token, credentialDuration, now)
}
