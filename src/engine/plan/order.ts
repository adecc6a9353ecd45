import type {Change, FieldEdit} from '../kubernetes/change.ts'
import {targetOf} from '../kubernetes/change.ts'
import {type ObjectRef, refKey} from '../kubernetes/object.ts'

/** Kinds that come first within a wave, because objects of other kinds depend on them. */
const firstKinds = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount', 'ConfigMap', 'Role', 'ClusterRole']

/** Kinds that come last within a wave: a webhook without a running backend can reject the writes of all clients. */
const lastKinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** Greater than any rank of a kind. */
const topRank = firstKinds.length + 2

function rankOfKind({kind}: ObjectRef): number {
  if (lastKinds.includes(kind)) return topRank - 1
  const rank = firstKinds.indexOf(kind)
  return rank < 0 ? firstKinds.length : rank
}

/** Returns whether a change is a removal, or an edit that only removes values. */
function onlyRemoves(change: Change): boolean {
  if (change.action !== 'edit') return change.action === 'remove'
  return !change.create && change.edits.every(removesOnly)
}

function removesOnly(edit: FieldEdit): boolean {
  if (edit.at === 'entries') return edit.add === undefined
  return edit.at === 'text' ? edit.removes === true : edit.value === undefined
}

/**
 * Rank within a wave. Removals run in the opposite order, after edits that restore shared objects: our record of them
 * is removed last.
 */
function rankOf(change: Change): number {
  const rank = rankOfKind(targetOf(change))
  if (!onlyRemoves(change)) return rank
  return change.action === 'edit' ? -topRank : -rank
}

/**
 * Returns the changes of one cluster in the order in which they run: first by ascending wave, then the removals by
 * descending wave. The order is total, so that output and files are identical on every run.
 */
export function inOrder<T extends Change>(changes: readonly T[]): T[] {
  const keyed = changes.map(change => {
    const removes = onlyRemoves(change)
    return {
      change,
      removes,
      rank: rankOf(change),
      wave: removes ? -change.wave : change.wave,
      key: refKey(targetOf(change)),
    }
  })
  keyed.sort(
    (a, b) =>
      Number(a.removes) - Number(b.removes) ||
      a.wave - b.wave ||
      a.rank - b.rank ||
      (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  )
  return keyed.map(({change}) => change)
}

/** Splits ordered steps into groups that may run in parallel: those of the same wave and rank. */
export function inGroups<T extends {change: Change}>(steps: readonly T[]): T[][] {
  const groups: T[][] = []
  let last = ''
  for (const step of steps) {
    const {change} = step
    const id = `${onlyRemoves(change)}/${change.wave}/${rankOf(change)}`
    if (id !== last) groups.push([])
    last = id
    groups.at(-1)!.push(step)
  }
  return groups
}
