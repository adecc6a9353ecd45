import {refusedError} from '../../errors.ts'
import type {Cluster} from '../cluster/cluster.ts'
import {ApiError} from '../cluster/errors.ts'
import {type ApplySet, applySetId, applySetParentRef} from '../kubernetes/applyset.ts'
import {formatMembers, type Member, type Members, memberListOf, membersKey} from '../kubernetes/member-record.ts'
import {type KubernetesObject, nameOf, refKey, refOf} from '../kubernetes/object.ts'
import {readMembership} from './membership.ts'
import type {Step} from './plan.ts'

/** A step that ended without an error. */
export interface Done {
  step: Step
  /** The object after the write; undefined after a removal, and if nothing was written. */
  object: KubernetesObject | undefined
}

/** Keeps the lists of members of one cluster up to date while a plan is applied. */
export interface MemberRecorder {
  /**
   * Lists all objects that the rest of the plan creates, without their UIDs, and those of version 0.1.0 that it adopts.
   * Called before the first of these writes. If the list grew later, an object of version 0.1.0 would be no member once a
   * list exists.
   *
   * @throws ApiError, UnreachableError, MeshError: nothing may be created then
   */
  before(group: readonly Step[]): Promise<void>
  /**
   * Takes note of created and removed objects. Before the parents of replaced lists are removed, their members are copied.
   *
   * @throws ApiError, UnreachableError, MeshError: the next run lists the UIDs
   */
  after(group: readonly Done[]): Promise<void>
  /**
   * Lists the UIDs of created objects, and drops removed ones: one write per list for the whole plan. If a run is killed before, the
   * next run completes the list.
   *
   * @throws ApiError, UnreachableError, MeshError: the next run lists the UIDs
   */
  finish(): Promise<void>
  /** Returns whether a list was written. */
  hasWritten(): boolean
}

/** The list of one set while a plan is applied. */
interface Recording {
  set: ApplySet
  /** The parent as last read or written. */
  parent: KubernetesObject | undefined
  /** The plan creates the parent, and has not done so yet. Until then, created objects wait in `entries`. */
  awaitsParent: boolean
  /** The plan removes the parent at its end. Dropping members one by one is needless then. */
  ends: boolean
  hasIntents: boolean
  /** Sets whose lists have yet to be copied. Their parents are removed at the end of the plan. */
  replaces: readonly ApplySet[]
  /** Entries to write; undefined drops the object. */
  entries: Map<string, Member | undefined>
}

/**
 * How often a list is written when another run changes it at the same time. Each failure means that another run has written it, so
 * that this is reached only with many runs at once.
 */
const tries = 20

/** Returns the recorder of a plan that is about to be applied. */
export function memberRecorder(cluster: Cluster, steps: readonly Step[]): MemberRecorder {
  const sets = new Map(steps.flatMap(({set}) => (set ? [[applySetId(set), set] as const] : [])))
  const recordings = new Map([...sets].map(([id, set]) => [id, startRecording(set, steps)]))
  let hasWritten = false
  const write = async (recording: Recording) => {
    if (await flush(cluster, recording)) hasWritten = true
  }
  const writeNews = async (recording: Recording) => {
    if (!recording.awaitsParent && !recording.ends && hasNews(recording)) await write(recording)
  }
  const of = (step: Step) => (step.set ? recordings.get(applySetId(step.set)) : undefined)
  return {
    before: async group => {
      for (const recording of new Set(group.filter(needsEntry).map(of))) {
        if (!recording || recording.awaitsParent || recording.hasIntents) continue
        for (const step of steps) if (needsEntry(step) && of(step) === recording) addIntent(recording, step)
        recording.hasIntents = true
        await write(recording)
      }
    },
    after: async group => {
      for (const done of group) {
        for (const recording of recordings.values()) if (isParent(done.step, recording.set)) setParent(recording, done)
        const recording = of(done.step)
        if (recording) addDone(recording, done)
      }
      for (const recording of recordings.values()) if (recording.replaces.length > 0) await writeNews(recording)
    },
    finish: async () => {
      for (const recording of recordings.values()) await writeNews(recording)
    },
    hasWritten: () => hasWritten,
  }
}

function startRecording(set: ApplySet, steps: readonly Step[]): Recording {
  const parent = steps.find(step => isParent(step, set))
  const awaitsParent = parent?.verdict === 'create'
  const ends = parent?.verdict === 'remove'
  const replaces = (set.replaces ?? []).filter(one => steps.some(step => isParent(step, one) && leaves(step)))
  return {set, awaitsParent, ends, hasIntents: false, replaces, parent: parent?.live, entries: new Map()}
}

function hasNews({entries, replaces}: Recording): boolean {
  return entries.size > 0 || replaces.length > 0
}

function isParent({ref}: Step, set: ApplySet): boolean {
  return refKey(ref) === refKey(applySetParentRef(set))
}

/** Whether a step changes the list of its set. */
export function changesList(step: Step): boolean {
  if (step.set === undefined || isParent(step, step.set)) return false
  return step.verdict === 'create' || leaves(step) || step.adopts === true
}

/** Whether an object leaves the list with a step. Entries of other owners may be left of it. */
function leaves({change, verdict}: Step): boolean {
  return change.action === 'remove' && verdict !== 'unchanged'
}

/** Whether a step creates a member of its set. */
function isCreation(step: Step): boolean {
  return step.verdict === 'create' && step.set !== undefined && !isParent(step, step.set)
}

/** Whether a step creates or adopts a member of its set. */
function needsEntry(step: Step): boolean {
  return isCreation(step) || step.adopts === true
}

function addIntent({entries}: Recording, {ref, live, adopts}: Step): void {
  const key = refKey(ref)
  if (!entries.has(key)) entries.set(key, {ref, uid: adopts ? live?.metadata.uid : undefined})
}

function setParent(recording: Recording, {step, object}: Done): void {
  recording.parent = object ?? step.live
  recording.awaitsParent = false
}

function addDone({entries}: Recording, {step, object}: Done): void {
  const {ref, live} = step
  if (leaves(step)) entries.set(refKey(ref), undefined)
  else if (isCreation(step) && object) entries.set(refKey(ref), {ref, uid: object.metadata.uid})
  else if (step.adopts && live) entries.set(refKey(ref), {ref, uid: live.metadata.uid})
}

/**
 * Writes the entries. Entries of other objects stay, also those that another run writes at the same time. Returns whether the
 * list has changed.
 */
async function flush(cluster: Cluster, recording: Recording): Promise<boolean> {
  const {set, entries} = recording
  const target = applySetParentRef(set)
  for (let attempt = 1; ; attempt++) {
    const parent = recording.parent ?? (await readParent(cluster, recording))
    if (!parent) {
      entries.clear()
      return false
    }
    const list = memberListOf(parent)
    const own: Members = list === 'old' ? await membersOfOldParent(cluster, set) : (list ?? new Map())
    const before = new Map([...(await membersOfReplaced(cluster, recording.replaces)), ...own])
    const text = formatMembers(withEntries(before, entries))
    const isChanged = (parent.data as Record<string, string> | undefined)?.[membersKey] !== text
    try {
      if (isChanged)
        recording.parent = await cluster.patch(target, {
          metadata: {resourceVersion: parent.metadata.resourceVersion},
          data: {[membersKey]: text},
        })
      entries.clear()
      recording.replaces = []
      return isChanged
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409) || attempt >= tries) throw error
      recording.parent = undefined
    }
  }
}

/** Objects of version 0.1.0 may be removed without a list to drop them from (--trust-labels). */
async function readParent(cluster: Cluster, {set, entries}: Recording): Promise<KubernetesObject | undefined> {
  const target = applySetParentRef(set)
  const parent = await cluster.get(target)
  if (!parent && [...entries.values()].some(entry => entry !== undefined))
    throw refusedError(`${nameOf(target)} in namespace ${set.namespace} no longer exists`)
  return parent
}

/** The members of sets whose parents are removed. */
async function membersOfReplaced(cluster: Cluster, sets: readonly ApplySet[]): Promise<Members> {
  const lists = await Promise.all(
    sets.map(async (set): Promise<Members> => {
      const list = memberListOf(await cluster.get(applySetParentRef(set)))
      return list === 'old' ? membersOfOldParent(cluster, set) : (list ?? new Map())
    }),
  )
  return new Map(lists.flatMap(members => [...members]))
}

/** The members of a set that version 0.1.0 created and that can be proved. */
async function membersOfOldParent(cluster: Cluster, set: ApplySet): Promise<Members> {
  const {objects} = await readMembership(cluster, set)
  return new Map(objects.map(object => [refKey(refOf(object)), {ref: refOf(object), uid: object.metadata.uid}]))
}

/** An intent must not replace a UID: the object may have been created by another run since the plan was computed. */
function withEntries(members: Members, entries: Recording['entries']): Members {
  const result = new Map(members)
  for (const [key, member] of entries) {
    if (!member) result.delete(key)
    else if (member.uid !== undefined || !result.has(key)) result.set(key, member)
  }
  return result
}
