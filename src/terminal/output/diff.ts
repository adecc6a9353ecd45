import {withoutNeutral} from '../../engine/kubernetes/controller-fields.ts'
import type {KubernetesObject, ObjectRef} from '../../engine/kubernetes/object.ts'
import {type ClusterPlan, countVerdicts, type Step, type Verdict} from '../../engine/plan/plan.ts'
import {count} from '../../text/count.ts'
import {rangesOf} from '../../text/short-names.ts'
import {dumpYaml, inKeyOrder} from '../../text/yaml.ts'
import {groupSimilar, type SimilarSteps} from './alike.ts'
import {type Hunk, headingOf, type Texts} from './diff-heading.ts'
import {type Masker, maskSecret} from './redact.ts'
import {joinReplacements, type ShownStep} from './replacements.ts'
import type {Style, StyledLine} from './styled.ts'

/** How to print a diff. */
export interface DiffOptions {
  mask: Masker
  /**
   * Maximum number of lines of a created or removed object, so that a question below the diff stays visible. All lines
   * without it. Changes of an existing object are never shortened.
   */
  maxLines?: number
  /** Lines of context (default 3). */
  context?: number | undefined
  /** Default: `objects`. */
  detail?: Detail | undefined
}

/**
 * Which objects have their text in a diff; the others take one line each. `lines`: none. `changes`: those that change or are
 * removed. `objects`: new ones too. `everything`: CustomResourceDefinitions too.
 */
export type Detail = 'lines' | 'changes' | 'objects' | 'everything'

type CompareTexts = (before: string, after: string) => Hunk[]

/** The words of a summary, in its order. */
const summaryWords: readonly [Verdict, string][] = [
  ['create', 'to create'],
  ['update', 'to change'],
  ['remove', 'to remove'],
  ['conflict', 'in conflict'],
  ['unchanged', 'unchanged'],
]

/** How the heading of an object describes its step. */
const stepNotes: Partial<Record<Verdict, string>> = {create: 'new', remove: 'removed', conflict: 'CONFLICT'}

/** `2 to create, 1 to change, 10 unchanged`, without zero counts. `nothing to do` for an empty plan. */
export function summarize(steps: readonly Step[]): string {
  const counts = countVerdicts(steps)
  const parts = summaryWords.filter(([verdict]) => counts[verdict] > 0)
  return parts.map(([verdict, words]) => `${counts[verdict]} ${words}`).join(', ') || 'nothing to do'
}

/**
 * The plan of one cluster as a unified diff that `patch` can read: a summary line, then the hunks of each object that
 * changes. Objects with the same change are printed once. Secret values are masked, and fields that controllers write are
 * left out.
 *
 * @returns the lines, for `Terminal.print`
 */
export async function formatDiff(plan: ClusterPlan, options: DiffOptions): Promise<StyledLine[]> {
  const {structuredPatch} = await import('diff')
  const {context = 3} = options
  const compare: CompareTexts = (before, after) => structuredPatch('', '', before, after, '', '', {context}).hunks
  const changes = plan.steps.filter(({verdict}) => verdict !== 'unchanged')
  return [
    {style: 'bold', text: `# ${plan.cluster}: ${summarize(plan.steps)}`},
    ...groupSimilar(joinReplacements(changes)).flatMap(group =>
      hasText(group.step, options.detail)
        ? formatGroup(group, plan.cluster, options, compare)
        : [formatLine(group, plan.cluster, options, compare)],
    ),
  ]
}

/** Returns whether a diff contains the text of the object of a step. */
export function hasText({verdict, ref}: Pick<Step, 'verdict' | 'ref'>, detail: Detail = 'objects'): boolean {
  if (detail === 'everything') return true
  if (detail === 'lines' || ref.kind === 'CustomResourceDefinition') return false
  return detail === 'objects' || verdict !== 'create'
}

function formatGroup(
  {step, alike}: SimilarSteps,
  cluster: string,
  options: DiffOptions,
  compare: CompareTexts,
): StyledLine[] {
  const before = textOf(step.live, options.mask)
  const after = textOf(step.merged, options.mask)
  const texts = {before: before.split('\n'), after: after.split('\n')}
  const path = pathOf(cluster, step.ref)
  const note = noteOf(step, alike.length)
  const isExisting = step.verdict === 'update' || step.verdict === 'conflict'
  const maxLines = isExisting ? undefined : options.maxLines
  return [
    {style: 'bold', text: `--- live/${path}`},
    {style: 'bold', text: `+++ merged/${path}${note ? `   (${note})` : ''}`},
    ...compare(before, after).flatMap(hunk => formatHunk(hunk, texts, maxLines)),
    ...(alike.length > 0
      ? [{style: 'cyan', text: `# same change: ${rangesOf(alike.map(({ref}) => ref.name))}`} as const]
      : []),
  ]
}

const lineMarks: Record<Verdict, string> = {create: '+', update: '~', conflict: '!', remove: '-', unchanged: ' '}
const lineStyles: Partial<Record<Verdict, Style>> = {create: 'green', remove: 'red'}

/** One line for an object: `# + east/v1/Secret/istio-system/cacerts   (new, 12 lines)`. Programs that read a patch skip it. */
function formatLine(
  {step, alike}: SimilarSteps,
  cluster: string,
  {mask}: DiffOptions,
  compare: CompareTexts,
): StyledLine {
  const lines = compare(textOf(step.live, mask), textOf(step.merged, mask)).flatMap(hunk => hunk.lines)
  const [added, removed] = ['+', '-'].map(sign => lines.filter(line => line.startsWith(sign)).length) as [
    number,
    number,
  ]
  const isWhole = step.live === undefined || step.merged === undefined
  const size = isWhole ? count(added + removed, 'line') : `+${added} -${removed} lines`
  const notes = [noteOf(step, alike.length), size].filter(Boolean).join(', ')
  const style = lineStyles[step.verdict]
  const mark = step.replaces ? '-/+' : lineMarks[step.verdict]
  return {text: `# ${mark} ${pathOf(cluster, step.ref)}   (${notes})`, ...(style ? {style} : {})}
}

function formatHunk(hunk: Hunk, texts: Texts, maxLines: number | undefined): StyledLine[] {
  const range = `@@ -${formatRange(hunk.oldStart, hunk.oldLines)} +${formatRange(hunk.newStart, hunk.newLines)} @@`
  const heading = headingOf(hunk, texts)
  const shown = hunk.lines.slice(0, maxLines)
  const left = hunk.lines.length - shown.length
  return [
    {style: 'cyan', text: heading ? `${range} ${heading}` : range},
    ...shown.map(styledLine),
    ...(left > 0
      ? [{style: 'cyan', text: `  … ${left} more line${left === 1 ? '' : 's'} (--dry-run=server shows all)`} as const]
      : []),
  ]
}

function styledLine(text: string): StyledLine {
  if (text.startsWith('+')) return {style: 'green', text}
  return text.startsWith('-') ? {style: 'red', text} : {text}
}

/** An object as a diff compares it: Secret values are masked, and fields that controllers write are left out. */
export function textOf(object: KubernetesObject | undefined, mask: Masker): string {
  return object ? dumpYaml(inKeyOrder(maskSecret(withoutNeutral(object), mask))) : ''
}

/** Start and length as in a unified diff. An empty range has the number of the line before it. */
function formatRange(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`
}

/** @param alike number of further objects with the same change */
function noteOf({change, verdict, replaces}: ShownStep, alike: number): string {
  const pending = change.action === 'apply' ? change.pending : undefined
  const others = alike > 0 ? `and ${alike} more with the same change` : undefined
  const note = replaces ? 'replaced: deleted and created again' : stepNotes[verdict]
  return [note, pending, others].filter(Boolean).join('; ')
}

/** `east/v1/Namespace/istio-system`, `east/apps/v1/Deployment/istio-system/istiod`. */
function pathOf(cluster: string, ref: ObjectRef): string {
  return [cluster, ref.apiVersion, ref.kind, ...(ref.namespace ? [ref.namespace] : []), ref.name].join('/')
}
