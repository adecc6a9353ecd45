import type {Change} from '../kubernetes/change.ts'
import {targetOf} from '../kubernetes/change.ts'
import {type ObjectRef, refKey} from '../kubernetes/object.ts'

/** Within a wave: what others live in or hang on comes first. */
const firstKinds = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount', 'ConfigMap', 'Role', 'ClusterRole']

/** Within a wave, after all else: what refuses the work of others while nobody answers behind it. */
const lastKinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

/** Above any rank. */
const topRank = firstKinds.length + 2

function rankOf(ref: ObjectRef): number {
  if (lastKinds.includes(ref.kind)) return topRank - 1
  const rank = firstKinds.indexOf(ref.kind)
  return rank < 0 ? firstKinds.length : rank
}

/** Removals, and edits that do nothing but take values away. */
function takesAway(change: Change): boolean {
  if (change.action !== 'edit') return change.action === 'remove'
  return !change.create && change.edits.every(edit => (edit.at === 'text' ? edit.removes : edit.value === undefined))
}

/** Rank within a wave. Going back, shared objects are put right first: our record that we changed them goes after. */
function rankIn(change: Change): number {
  const rank = rankOf(targetOf(change))
  if (!takesAway(change)) return rank
  return change.action === 'edit' ? -topRank : -rank
}

/**
 * The order in which the changes of one cluster are made: what is applied by rising wave, then what is taken away by
 * falling wave. Stable and total, so that output and files are the same on every run.
 */
export function inOrder<T extends Change>(changes: readonly T[]): T[] {
  const keyed = changes.map(change => {
    const ref = targetOf(change)
    const removes = takesAway(change)
    return {
      change,
      removes,
      rank: rankIn(change),
      wave: removes ? -change.wave : change.wave,
      key: refKey(ref),
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

/** Ordered changes in the groups that may be made side by side: one wave and one rank each. */
export function inGroups<T extends {change: Change}>(steps: readonly T[]): T[][] {
  const groups: T[][] = []
  let last = ''
  for (const step of steps) {
    const {change} = step
    const id = `${takesAway(change)}/${change.wave}/${rankIn(change)}`
    if (id !== last) groups.push([])
    last = id
    groups.at(-1)!.push(step)
  }
  return groups
}
