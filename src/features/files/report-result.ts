import {type ExitCode, exitCodes, type Problem} from '../../errors.ts'
import type {Listing} from '../../terminal/list/listing.ts'
import type {AppliedDocument} from './kind.ts'
import {fileOf, placeInFile} from './report-plan.ts'

/** The result of applying one document. */
export interface DocumentResult {
  document: AppliedDocument
  result: 'applied' | 'unchanged' | 'failed' | 'not tried'
  /** Number of objects that were written or removed. */
  written: number
  problems: readonly Problem[]
  /** The exit code of its command. */
  exit: ExitCode
}

/** Returns a row for each document. */
export function resultListing(results: readonly DocumentResult[]): Listing<DocumentResult> {
  return {
    rows: results,
    columns: [
      {head: 'KIND', cell: ({document}) => document.kind.kind},
      {head: 'NAME', cell: ({document}) => document.name},
      {head: 'RESULT', cell: shownResult},
      {head: 'WRITTEN', cell: ({written}) => String(written)},
      {head: 'FILE', cell: ({document}) => fileOf(document)},
    ],
    document: items => ({documents: items}),
    item: one => ({
      kind: one.document.kind.kind,
      name: one.document.name,
      ...placeInFile(one.document),
      result: shownResult(one),
      written: one.written,
      problems: one.problems,
    }),
    name: ({document}) => `${document.kind.kind}/${document.name}`,
    state: ({result}) =>
      (({failed: 'error', 'not tried': 'warning', applied: undefined, unchanged: undefined}) as const)[result],
  }
}

function shownResult({document, result}: DocumentResult): string {
  return document.pruned && result === 'applied' ? 'removed' : result
}

/** Returns the exit code for all documents, as a single command has it. */
export function exitOfResults(results: readonly DocumentResult[], isInterrupted: boolean): ExitCode {
  if (isInterrupted) return exitCodes.interrupted
  const failed = results.filter(({result}) => result === 'failed')
  if (failed.length === 0) return exitCodes.ok
  // Everything was written, and a check afterwards failed.
  if (failed.every(({exit}) => exit === exitCodes.check)) return exitCodes.check
  return results.some(({written, exit}) => written > 0 || exit === exitCodes.partly)
    ? exitCodes.partly
    : exitCodes.refused
}
