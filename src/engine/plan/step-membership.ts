import {type ApplySet, applySetId, applySetParentRef, isFormerMember, partOfLabel} from '../kubernetes/applyset.ts'
import {isBlank, type MemberList, memberListOf} from '../kubernetes/member-record.ts'
import {type KubernetesObject, refKey, refOf} from '../kubernetes/object.ts'
import {isManagedBy} from './managed.ts'
import type {Step} from './plan.ts'

/**
 * Returns a step with the ApplySet whose list it changes, and whether the list lacks the UID of its object.
 *
 * @param step a compared change
 * @param options.set the set of the command
 * @param options.manager field manager of our writes
 * @param lists the lists of members of the sets
 */
export function withMembership(
  step: Step,
  {set: own, manager}: {set: ApplySet; manager: string},
  lists: MemberLists,
): Step {
  const {change, verdict} = step
  if (change.action === 'apply' && change.stays) return step
  if (change.action === 'edit' && verdict !== 'create') return withEdited(step, own, lists)
  const set = change.action === 'edit' ? own : (change.memberOf ?? own)
  return isUnlisted(step, set, lists, manager) ? {...step, set, adopts: true} : {...step, set}
}

/** An edited object is a member only if an earlier run created it. */
function withEdited(step: Step, set: ApplySet, lists: MemberLists): Step {
  const {change, ref, live} = step
  if (change.action !== 'edit' || !change.isOurs || !live) return step
  const list = lists(set)
  const member = list === 'old' ? undefined : list?.get(refKey(ref))
  return member && member.uid === live.metadata.uid ? step : {...step, set, adopts: true}
}

/** Returns the list of a set; undefined also if the parent was not read. */
export type MemberLists = (set: ApplySet) => MemberList

/**
 * Returns the lists in the parents among live objects. Each is parsed once.
 *
 * @param live live objects by `refKey`
 */
export function memberLists(live: ReadonlyMap<string, KubernetesObject>): MemberLists {
  const lists = new Map<string, MemberList>()
  return set => {
    const key = refKey(applySetParentRef(set))
    if (!lists.has(key)) lists.set(key, memberListOf(live.get(key)))
    return lists.get(key)
  }
}

/**
 * Whether an existing object is ours although its UID is not listed: a run was killed between its creation and the update of
 * the list, or version 0.1.0, which had no list, created it.
 */
function isUnlisted({change, live}: Step, set: ApplySet, lists: MemberLists, manager: string): boolean {
  return change.action === 'apply' && live !== undefined && joinsList(live, set, lists, manager)
}

/** Returns whether the list of a set contains a live object with its UID. */
export function isListed(live: KubernetesObject, list: MemberList): boolean {
  if (list === undefined || list === 'old') return false
  const member = list.get(refKey(refOf(live)))
  return member?.uid !== undefined && member.uid === live.metadata.uid
}

/**
 * Returns whether an apply of a live object adds it to the list of a set. Without a list, or with an empty one, the label of the
 * set or of its former set decides, together with the field manager: version 0.1.0 has created the object, or the record is gone. Whoever can
 * write the object can forge both, but then only makes an object ours that the command applies in their namespace anyway. A
 * member of a set that this one replaces joins its list too.
 *
 * @param lists the lists of the set and of those that it replaces
 * @param manager field manager of our writes
 */
export function joinsList(live: KubernetesObject, set: ApplySet, lists: MemberLists, manager: string): boolean {
  const list = lists(set)
  if (isListed(live, list)) return false
  const isReplaced = set.replaces?.some(one => isListed(live, lists(one)) || joinsList(live, one, lists, manager))
  return isReplaced || joinsOwnList(live, set, list, manager)
}

function joinsOwnList(live: KubernetesObject, set: ApplySet, list: MemberList, manager: string): boolean {
  const isLabelled = live.metadata.labels?.[partOfLabel] === applySetId(set)
  if (list === 'old' || list === undefined || isBlank(list))
    return (isLabelled || isFormerMember(set, live)) && isManagedBy(live, manager)
  const member = list.get(refKey(refOf(live)))
  return isLabelled && member !== undefined && member.uid === undefined
}
