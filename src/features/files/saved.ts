import {dirname} from 'node:path'
import {exitCodes, MeshError, usageError} from '../../errors.ts'
import {type DocumentKinds, isForOneCluster, meshFileVersion} from '../../spec/documents/kind.ts'
import {kindNamed} from '../../spec/documents/known-kinds.ts'
import {documentError} from '../../spec/documents/problem.ts'
import {isFolder, readSource} from '../../spec/documents/sources.ts'
import {readSpec} from '../../spec/read.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {replaceFile} from '../../text/files.ts'
import {isMap, parseJson} from '../../text/json.ts'
import {shellWord} from '../../text/shell-word.ts'
import {type AppliedDocument, type AppliedKind, titleOf} from './kind.ts'
import type {PlannedDocument} from './planned.ts'
import {removalKind} from './prune/documents.ts'
import {type SavedDocument, type SavedPlan, savedPlanOf} from './report-saved.ts'

/**
 * Checks that a plan can be saved.
 *
 * @throws MeshError (exit 3) if a document is planned later: its changes are not known yet
 */
export function requireComplete(planned: readonly PlannedDocument[]): void {
  const later = planned.filter(one => one.later)
  if (later.length > 0)
    throw new MeshError(
      later.map(one => ({
        message: `${titleOf(one.document)} is planned after ${one.later!.after.map(titleOf).join(', ')}, so this plan cannot be saved`,
        hints: ['apply the other documents first, then save a plan of all of them'],
      })),
      exitCodes.refused,
    )
}

/**
 * Writes a complete plan to a file.
 *
 * @param set name of the set of its documents
 */
export async function savePlan(
  path: string,
  planned: readonly PlannedDocument[],
  set?: string | undefined,
): Promise<void> {
  const text = `${JSON.stringify(savedPlanOf(planned, set), null, 2)}\n`
  await describeFileErrors(dirname(path), () => replaceFile(path, {text, mode: 0o644}))
}

/**
 * Reads a saved plan.
 *
 * @throws MeshError (exit 2) if the file is no saved plan of this version
 */
export async function readPlan(
  path: string,
  kinds: DocumentKinds<AppliedKind>,
): Promise<{saved: SavedPlan; documents: AppliedDocument[]}> {
  const toApply = `to apply mesh files: kubectl mesh apply -f ${shellWord(path)}`
  if (await isFolder(path)) throw usageError(`${path} is a folder; expected a saved plan`, toApply)
  const {text} = await readSource(path)
  const saved = parseJson(text)
  if (!isSavedPlan(saved))
    throw usageError(
      `${path} is not a plan of ${meshFileVersion}`,
      text.includes(meshFileVersion) ? toApply : 'kubectl mesh plan -f DIR --out FILE saves a plan',
    )
  return {saved, documents: await Promise.all(saved.documents.map(one => restore(one, kinds)))}
}

async function restore(saved: SavedDocument, kinds: DocumentKinds<AppliedKind>): Promise<AppliedDocument> {
  const {name, file, line, column} = saved
  const place = {file, line, column}
  const named = await kindNamed(kinds, saved.kind)
  if (!named) throw documentError([{...place, message: `kind ${saved.kind} is not known`}])
  const kind = saved.pruned && named.removal ? removalKind(named, named.removal) : named
  const known = Object.keys(saved.spec).every(key => Object.hasOwn(kind.fields, key))
  if (!known) throw documentError([{...place, message: 'the plan was saved by another version of kubectl-mesh'}])
  const spec = readSpec(kind.fields, saved.spec, values => kind.validate(values))
  const context = isForOneCluster(kind.fields) ? (saved.context ?? '') : undefined
  const pruned = saved.pruned && named.removal ? {pruned: true as const} : {}
  return {kind, name, context, spec, raw: {...saved.spec}, ...place, ...pruned, positionOf: () => ({line, column})}
}

function isSavedPlan(value: unknown): value is SavedPlan {
  const {apiVersion, kind, set, documents} = (value ?? {}) as Partial<Record<keyof SavedPlan, unknown>>
  const isPlan = apiVersion === meshFileVersion && kind === 'Plan' && (set === undefined || typeof set === 'string')
  return isPlan && Array.isArray(documents) && documents.every(isDocument)
}

function isDocument(value: unknown): value is SavedDocument {
  const one = (value ?? {}) as Partial<Record<keyof SavedDocument, unknown>>
  const texts = [one.kind, one.name, one.file].every(text => typeof text === 'string')
  const numbers = [one.line, one.column].every(number => typeof number === 'number')
  const isContext = one.context === undefined || typeof one.context === 'string'
  return texts && numbers && isContext && isMap(one.spec) && Array.isArray(one.changes) && one.changes.every(isChange)
}

function isChange(value: unknown): boolean {
  const {cluster, action, object} = (value ?? {}) as Record<string, unknown>
  return typeof cluster === 'string' && typeof action === 'string' && typeof object === 'object' && object !== null
}
