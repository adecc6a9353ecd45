import {styleText} from 'node:util'
import {withoutNeutral} from '../../engine/kubernetes/controller-fields.ts'
import type {KubernetesObject, ObjectRef} from '../../engine/kubernetes/object.ts'
import {type ClusterPlan, countVerdicts, type Step} from '../../engine/plan/plan.ts'
import {rangesOf} from '../../text/short-names.ts'
import {dumpYaml, inKeyOrder} from '../../text/yaml.ts'
import {groupSimilar} from './alike.ts'
import {type Masker, maskSecret} from './redact.ts'

/** How a diff is written. */
export interface DiffOptions {
  mask: Masker
  color: boolean
  /**
   * Lines of a new or a removed object to show at most, so that a person finds the question below; all without it. What
   * changes is always shown whole.
   */
  longest?: number
}

/** `2 to create, 1 to change, 10 unchanged`, without what is none; `nothing to do` for an empty plan. */
export function summarize(steps: readonly Step[]): string {
  const {create, update, remove, conflict, unchanged} = countVerdicts(steps)
  const parts = [
    [create, 'to create'],
    [update, 'to change'],
    [remove, 'to remove'],
    [conflict, 'in conflict'],
    [unchanged, 'unchanged'],
  ] as const
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, words]) => `${count} ${words}`)
      .join(', ') || 'nothing to do'
  )
}

/**
 * A unified diff of one cluster's plan, for people and for `patch`-like tools: a summary line, then one part an object
 * that changes, and one part for many that change alike. Secrets are masked, what controllers write is left out. The heading of a hunk names the field it is in.
 */
export async function formatDiff(plan: ClusterPlan, options: DiffOptions): Promise<string> {
  const {structuredPatch} = await import('diff')
  const paint = (style: 'bold' | 'red' | 'green' | 'cyan', text: string) =>
    options.color ? styleText(style, text, {validateStream: false}) : text
  const lines = [paint('bold', `# ${plan.cluster}: ${summarize(plan.steps)}`)]
  for (const {step, alike} of groupSimilar(plan.steps.filter(({verdict}) => verdict !== 'unchanged'))) {
    const before = textOf(step.live, options.mask)
    const after = textOf(step.merged, options.mask)
    const note = [noteOf(step), ...(alike.length > 0 ? [`and ${alike.length} more alike`] : [])]
      .filter(Boolean)
      .join('; ')
    lines.push(paint('bold', `--- live/${pathOf(plan.cluster, step.ref)}`))
    lines.push(paint('bold', `+++ merged/${pathOf(plan.cluster, step.ref)}${note ? `   (${note})` : ''}`))
    const texts = {before: before.split('\n'), after: after.split('\n')}
    for (const hunk of structuredPatch('', '', before, after, '', '', {context: 3}).hunks) {
      const heading = headingOf(hunk, texts)
      const range = `@@ -${rangeOf(hunk.oldStart, hunk.oldLines)} +${rangeOf(hunk.newStart, hunk.newLines)} @@`
      lines.push(paint('cyan', heading ? `${range} ${heading}` : range))
      const whole = step.verdict === 'update' || step.verdict === 'conflict' || options.longest === undefined
      const shown = whole ? hunk.lines : hunk.lines.slice(0, options.longest)
      for (const line of shown)
        lines.push(line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line)
      const left = hunk.lines.length - shown.length
      if (left > 0)
        lines.push(paint('cyan', `  … ${left} more line${left === 1 ? '' : 's'} (--dry-run=server shows all)`))
    }
    if (alike.length > 0) lines.push(paint('cyan', `# alike: ${rangesOf(alike.map(({ref}) => ref.name))}`))
  }
  return lines.map(line => `${line}\n`).join('')
}

function textOf(object: KubernetesObject | undefined, mask: Masker): string {
  return object ? dumpYaml(inKeyOrder(maskSecret(withoutNeutral(object), mask))) : ''
}

/** Start and length as in a unified diff: an empty range names the line before it. */
function rangeOf(start: number, lines: number): string {
  return `${lines === 0 ? start - 1 : start},${lines}`
}

function noteOf(step: Step): string | undefined {
  const pending = step.change.action === 'apply' ? step.change.pending : undefined
  const verdict = {create: 'new', remove: 'removed', conflict: 'CONFLICT', update: undefined, unchanged: undefined}[
    step.verdict
  ]
  return [verdict, pending].filter(Boolean).join('; ') || undefined
}

/** `east/v1/Namespace/istio-system`, `east/apps/v1/Deployment/istio-system/istiod`. */
function pathOf(cluster: string, ref: ObjectRef): string {
  return [cluster, ref.apiVersion, ref.kind, ...(ref.namespace ? [ref.namespace] : []), ref.name].join('/')
}

/** The field in which the first change of a hunk stands. */
function headingOf(
  hunk: {oldStart: number; newStart: number; lines: string[]},
  texts: {before: readonly string[]; after: readonly string[]},
): string {
  const context = hunk.lines.findIndex(line => !line.startsWith(' '))
  if (hunk.lines[context]?.startsWith('-')) return fieldAt(texts.before, hunk.oldStart - 1 + context)
  return fieldAt(texts.after, hunk.newStart - 1 + context)
}

/** The field that a line of our own YAML stands in: `metadata.labels`, '' at the top. Lists are passed over. */
function fieldAt(lines: readonly string[], at: number): string {
  const path: string[] = []
  const start = partsOf(lines.slice(at).find(line => line.trim() !== '') ?? '')
  // a list stands as far out as the field that it belongs to
  let limit = start.dashes > 0 ? start.indent + 1 : start.indent
  for (let up = at - 1; up >= 0 && limit > 0; up--) {
    const {indent, dashes, key} = partsOf(lines[up]!)
    if (key !== undefined && indent + dashes < limit) path.unshift(key)
    if (indent < limit && (dashes > 0 || key !== undefined)) limit = dashes > 0 ? indent + 1 : indent
  }
  return path.join('.')
}

/** Of a line of YAML: its blanks, the width of its dashes, and the key that it sets. */
function partsOf(line: string): {indent: number; dashes: number; key: string | undefined} {
  const [, blanks = '', dashes = '', rest = ''] = /^( *)((?:- )*)(.*)$/.exec(line) ?? []
  return {indent: blanks.length, dashes: dashes.length, key: /^(['"]?)(.+?)\1:(?: |$)/.exec(rest)?.[2]}
}
