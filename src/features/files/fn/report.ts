import {isFromGit} from '../../../engine/kubernetes/manager.ts'
import type {Problem} from '../../../errors.ts'
import {count} from '../../../text/count.ts'
import type {PlannedDocument} from '../planned.ts'
import type {RenderedCluster} from '../render/objects.ts'
import {caWarnings, leftOutLines, manualLines} from '../render/report.ts'
import {laterLines} from '../report-plan.ts'
import type {MeshItem} from './spec.ts'

/** A result of a function (KRM Functions Specification v1). */
export interface FunctionResult {
  message: string
  severity: 'error' | 'warning' | 'info'
  resourceRef?: NonNullable<MeshItem['ref']>
  file?: NonNullable<MeshItem['source']>
}

/**
 * Returns what the user needs to know about the output: what it lacks, and what to do.
 *
 * @param apply command that writes the rest
 */
export function functionSummary(
  cluster: RenderedCluster,
  planned: readonly PlannedDocument[],
  apply: string,
): string[] {
  const isMissing = cluster.leftOut.some(one => one.isMissing)
  return [
    ...laterLines(planned).map(line => (line.startsWith(' ') ? line : `warning: ${line}`)),
    ...leftOutLines([cluster]),
    ...manualLines(planned),
    ...caWarnings([cluster], apply),
    ...managedWarnings(planned),
    ...(isMissing ? [`hint:    for what is left out: ${apply}`] : []),
  ]
}

/** What a command creates only if a cluster lacks it is in no plan once an engine has applied it. */
function managedWarnings(planned: readonly PlannedDocument[]): string[] {
  const live = planned.flatMap(({plans}) => plans.flatMap(({steps}) => steps.flatMap(step => step.live ?? [])))
  const managed = live.filter(isFromGit)
  if (managed.length === 0) return []
  return [
    `warning: an engine applies ${count(managed.length, 'object')} of these documents already; objects that a command creates only if a cluster lacks them are missing from the output`,
    'hint:    with pruning, the engine would delete them; kubectl mesh render keeps them in its files',
  ]
}

/** Lines that are results. All others are progress. */
const reported = /^(?:warning: |left out: |still missing: )/

/**
 * Returns the results in lines that were printed. Hints belong to the line before them.
 *
 * @param documents to which a title above indented lines refers
 */
export function resultsOf(lines: readonly string[], documents: readonly MeshItem[]): FunctionResult[] {
  const results: FunctionResult[] = []
  let title = ''
  for (const line of lines) {
    const text = line.trimStart()
    if (text === line) title = line
    if (reported.test(text)) results.push(resultOf(text, text === line ? line : title, documents))
    else if (text.startsWith('hint: ') && results.length > 0) results.at(-1)!.message += `\n${text}`
  }
  return results
}

function resultOf(text: string, place: string, documents: readonly MeshItem[]): FunctionResult {
  const isInfo = text.startsWith('left out: ') && !text.endsWith('to apply')
  return {
    message: text.replace(/^warning: /, ''),
    severity: isInfo ? 'info' : 'warning',
    ...referenceTo(place, documents),
  }
}

/** Returns the results for the problems of an error. */
export function errorResults(problems: readonly Problem[], documents: readonly MeshItem[]): FunctionResult[] {
  return problems.map(({message, hints = []}) => ({
    message: [message, ...hints.map(hint => `hint: ${hint}`)].join('\n'),
    severity: 'error',
    ...referenceTo(message, documents),
  }))
}

/** Returns the document whose title or place is in a line: `Tenant shop (items[3]:1)`, or `items[3]:4:5` at its beginning. */
function referenceTo(line: string, documents: readonly MeshItem[]): Pick<FunctionResult, 'resourceRef' | 'file'> {
  const found =
    documents.find(({ref, file}) => ref && line.includes(`${ref.kind} ${ref.name} (${file}:`)) ??
    documents.find(({ref, file}) => line.startsWith(`${file}:`) && line.includes(`${ref?.kind} ${ref?.name}`))
  return {
    ...(found?.ref ? {resourceRef: found.ref} : {}),
    ...(found?.source ? {file: found.source} : {}),
  }
}

/** Returns the problem of a document with its title. */
export function problemOf(
  {message, hints, line, column}: Problem & {line: number; column: number},
  item: MeshItem,
): Problem {
  const {ref, file} = item
  const place = `${file}:${line}:${column}`
  return {message: `${ref ? `${ref.kind} ${ref.name} (${place})` : place}: ${message}`, ...(hints ? {hints} : {})}
}
