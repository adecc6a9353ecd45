import {formerSet} from '../../engine/kubernetes/document-set.ts'
import {countVerdicts} from '../../engine/plan/plan.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import type {Listing} from '../../terminal/list/listing.ts'
import {count} from '../../text/count.ts'
import {type AppliedDocument, titleOf} from './kind.ts'
import {contextsOfDocument} from './order.ts'
import type {PlannedDocument} from './planned.ts'

/** What is to do for a document, in one word. */
export type DocumentState = 'unchanged' | 'differs' | 'to remove' | 'planned later' | 'failed'

export function stateOf({document, differs, later, failed}: PlannedDocument): DocumentState {
  if (failed) return 'failed'
  if (later) return 'planned later'
  if (!differs) return 'unchanged'
  return document.pruned ? 'to remove' : 'differs'
}

/** Returns a row for each document. */
export function planListing(planned: readonly PlannedDocument[]): Listing<PlannedDocument> {
  const number = (one: PlannedDocument, verdict: 'create' | 'update' | 'remove') =>
    countVerdicts(one.plans.flatMap(({steps}) => steps))[verdict]
  return {
    rows: planned,
    columns: [
      {head: 'KIND', cell: ({document}) => document.kind.kind},
      {head: 'NAME', cell: ({document}) => document.name},
      {head: 'CLUSTERS', cell: one => clustersOf(one).join(',')},
      {head: 'STATE', cell: stateOf},
      {head: 'CREATE', cell: one => String(number(one, 'create'))},
      {head: 'CHANGE', cell: one => String(number(one, 'update'))},
      {head: 'REMOVE', cell: one => String(number(one, 'remove'))},
      {head: 'FILE', cell: ({document}) => fileOf(document), wide: true},
    ],
    document: items => ({documents: items}),
    item: one => ({
      kind: one.document.kind.kind,
      name: one.document.name,
      ...placeInFile(one.document),
      clusters: clustersOf(one),
      state: stateOf(one),
      create: number(one, 'create'),
      change: number(one, 'update'),
      remove: number(one, 'remove'),
      ...(one.later ? {after: one.later.after.map(titleOf), problems: one.later.problems} : {}),
      ...(one.failed ? {problems: one.failed} : {}),
    }),
    name: ({document}) => `${document.kind.kind}/${document.name}`,
    state: one => (one.failed ? 'error' : stateOf(one) === 'unchanged' ? undefined : 'warning'),
  }
}

/** `mesh.yaml:3`, and nothing for a document that is no longer in the files. */
export function fileOf({file, line, pruned}: AppliedDocument): string {
  return pruned ? '' : `${file}:${line}`
}

/** File and line for programs. */
export function placeInFile({file, line, pruned}: AppliedDocument): {file?: string; line?: number} {
  return pruned ? {} : {file, line}
}

function clustersOf({document, plans}: PlannedDocument): string[] {
  const names = plans.map(({cluster}) => cluster)
  if (names.length > 0) return names
  // The current context has no name here.
  return contextsOfDocument(document).flatMap(context => (context === '' ? [] : [clusterNameFrom(context)]))
}

/** Describes the documents that are planned later, with what they wait for. */
export function laterLines(planned: readonly PlannedDocument[]): string[] {
  return planned.flatMap(({document, later}) =>
    later
      ? [
          `${titleOf(document)} is planned after ${later.after.map(({kind, name}) => `${kind.kind} ${name}`).join(', ')}:`,
          ...later.problems.map(({message}) => `  ${message}`),
        ]
      : [],
  )
}

/**
 * Warns of documents that leave a set of mesh files, because another run than one of the set applies them: then `--prune` does not
 * remove them.
 *
 * @param set of the run
 */
export function setWarnings(planned: readonly PlannedDocument[], set: string | undefined): string[] {
  const leaving = planned.flatMap(({document, plans}) => {
    const former = plans.flatMap(({steps}) => steps).flatMap(({live, merged}) => formerSet(live, merged) ?? [])
    return former.length === 0 || document.pruned ? [] : [{title: titleOf(document), former: former[0]!}]
  })
  return [...Map.groupBy(leaving, ({former}) => former)].flatMap(([former, documents]) => [
    `warning: ${documents.map(({title}) => title).join(', ')}: no longer in the set ${former}, so --prune of ${former} does not remove ${documents.length === 1 ? 'it' : 'them'}`,
    set === undefined ? `hint:    to keep the set: --name ${former}` : `hint:    the set of this run is ${set}`,
  ])
}

/** `3 documents: 1 unchanged, 2 with changes`. */
export function summaryOf(planned: readonly PlannedDocument[]): string {
  const number = (state: DocumentState) => planned.filter(one => stateOf(one) === state).length
  const parts = [
    ...(number('differs') > 0 ? [`${number('differs')} with changes`] : []),
    ...(number('to remove') > 0 ? [`${number('to remove')} to remove`] : []),
    ...(number('planned later') > 0 ? [`${number('planned later')} planned later`] : []),
    ...(number('failed') > 0 ? [`${number('failed')} failed`] : []),
    ...(number('unchanged') > 0 ? [`${number('unchanged')} unchanged`] : []),
  ]
  return [count(planned.length, 'document'), ...(parts.length > 0 ? [parts.join(', ')] : [])].join(': ')
}
