import {createHash} from 'node:crypto'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Step} from '../../engine/plan/plan.ts'
import type {Problem} from '../../errors.ts'
import {meshFileVersion} from '../../spec/documents/kind.ts'
import type {Raw} from '../../spec/field.ts'
import {type AppliedDocument, titleOf} from './kind.ts'
import type {PlannedDocument} from './planned.ts'

/** A change in a saved plan. */
export interface SavedChange {
  cluster: string
  action: Exclude<Step['verdict'], 'unchanged'>
  object: {apiVersion: string; kind: string; namespace?: string; name: string}
  /** `metadata.resourceVersion` of the object before the change. */
  resourceVersion?: string
  /** Digest of what its owners have set before the change. Controllers change the version of an object without changing that. */
  before?: string
  /** Digest of what the change applies. */
  after?: string
}

/** A document in a saved plan, with its changes. */
export interface SavedDocument {
  kind: string
  name: string
  context?: string
  file: string
  line: number
  column: number
  spec: Readonly<Record<string, Raw>>
  changes: readonly SavedChange[]
  /** The document is no longer in the files: `spec` is that of its removal. */
  pruned?: true
}

/** A plan in a file. Contains no secrets: neither objects, nor digests of Secrets. */
export interface SavedPlan {
  apiVersion: typeof meshFileVersion
  kind: 'Plan'
  /** Name of the set of the documents. */
  set?: string
  documents: readonly SavedDocument[]
}

/** Returns a plan as it is saved. */
export function savedPlanOf(planned: readonly PlannedDocument[], set?: string | undefined): SavedPlan {
  const named = set === undefined ? {} : {set}
  return {apiVersion: meshFileVersion, kind: 'Plan', ...named, documents: planned.map(savedDocument)}
}

function savedDocument(one: PlannedDocument): SavedDocument {
  const {kind, name, context, file, line, column, raw, pruned} = one.document
  const where = context === undefined ? {} : {context}
  return {
    kind: kind.kind,
    name,
    ...where,
    file,
    line,
    column,
    spec: raw,
    changes: changesOf(one),
    ...(pruned ? {pruned} : {}),
  }
}

function changesOf({plans}: PlannedDocument): SavedChange[] {
  return plans.flatMap(({cluster, steps}) =>
    steps.flatMap(step => (step.verdict === 'unchanged' ? [] : [changeOf(cluster, step, step.verdict)])),
  )
}

function changeOf(cluster: string, {ref, live, change}: Step, action: SavedChange['action']): SavedChange {
  const {apiVersion, kind, namespace, name} = ref
  const version = live?.metadata.resourceVersion
  const isSecret = kind === 'Secret'
  return {
    cluster,
    action,
    object: {apiVersion, kind, ...(namespace === undefined ? {} : {namespace}), name},
    ...(version === undefined ? {} : {resourceVersion: version}),
    ...(live && !isSecret ? {before: digestOf(withoutServerFields(live))} : {}),
    ...(change.action === 'apply' && !isSecret ? {after: digestOf(change.object)} : {}),
  }
}

function digestOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

/** Without what servers and controllers write. */
function withoutServerFields({metadata, status: _status, ...object}: KubernetesObject & {status?: unknown}): object {
  const {resourceVersion: _version, managedFields: _fields, generation: _generation, ...rest} = metadata
  return {...object, metadata: rest}
}

/**
 * Returns a problem for each change that a saved plan has and the current one does not, or the reverse, and for each object that has
 * changed since the plan was saved.
 */
export function changedSince(saved: SavedPlan, planned: readonly PlannedDocument[]): Problem[] {
  return planned.flatMap((one, at) => compareChanges(one.document, saved.documents[at]!.changes, changesOf(one)))
}

function compareChanges(
  document: AppliedDocument,
  saved: readonly SavedChange[],
  current: readonly SavedChange[],
): Problem[] {
  const [before, after] = [saved, current].map(all => new Map(all.map(change => [keyOf(change), change] as const)))
  const texts = [
    ...current
      .filter(change => !before!.has(keyOf(change)))
      .map(change => `${nameOf(change)} is not in the saved plan`),
    ...saved.filter(change => !after!.has(keyOf(change))).map(change => `${nameOf(change)} is no longer needed`),
    ...current.flatMap(change => {
      const known = before!.get(keyOf(change))
      return known && isChanged(known, change) ? [`${nameOf(change)}: the object has changed`] : []
    }),
  ]
  return texts.map(text => ({message: `${titleOf(document)}: ${text}`}))
}

/** The place of a change among those of a document. */
function keyOf({cluster, action, object}: SavedChange): string {
  return JSON.stringify([cluster, action, object.apiVersion, object.kind, object.namespace, object.name])
}

function nameOf({cluster, action, object: {kind, namespace, name}}: SavedChange): string {
  return `${cluster}: ${action} ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

function isChanged(saved: SavedChange, current: SavedChange): boolean {
  if (saved.after !== current.after) return true
  if (saved.resourceVersion === current.resourceVersion) return false
  return saved.before === undefined || saved.before !== current.before
}
