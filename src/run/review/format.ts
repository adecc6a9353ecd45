import {type ClusterPlan, countVerdicts} from '../../engine/plan/plan.ts'
import type {StyledLine} from '../../terminal/output/styled.ts'
import {escapeLine} from '../../text/escape-terminal.ts'
import {padTo, widthOf, wrapWords} from '../../text/width.ts'
import {partsOf} from './parts.ts'
import {risksOf} from './risks.ts'

/** What a review depends on in addition to the plans. */
export interface ReviewOptions {
  /** Width of the terminal. */
  columns: number
  /** Our field manager. */
  manager: string
  /** Further risks, which the plans do not show. */
  risks?: readonly ClusterRisk[] | undefined
}

/** A sentence without a full stop that the user has to know before a change, and the cluster that it is about. */
export interface ClusterRisk {
  cluster: string
  text: string
}

/** The widest name of a cluster that has its counts on the same line. */
const maxNameWidth = 24

/**
 * What the user sees before the question: one line per cluster with the number of its changes and what they are about, then
 * the risks. A line that does not fit is continued below, so that it can be read in 60 columns.
 */
export function formatReview(plans: readonly ClusterPlan[], options: ReviewOptions): StyledLine[] {
  const risks = riskLines(plans, options)
  return [...clusterLines(plans, options.columns), ...(risks.length > 0 ? [{text: ''}, ...risks] : [])]
}

function clusterLines(plans: readonly ClusterPlan[], columns: number): StyledLine[] {
  const names = plans.map(({cluster}) => escapeLine(cluster))
  const isShort = (name: string) => widthOf(name) <= maxNameWidth
  const width = Math.max(0, ...names.filter(isShort).map(widthOf))
  const counts = countTexts(plans)
  return plans.flatMap(({steps}, at) => {
    const name = names[at]!
    const start = isShort(name) ? padTo(name, width) : ' '.repeat(width)
    const head = isShort(name) ? [] : [{text: name, style: 'bold'} as const]
    const line = `${start}  ${counts[at]!}`
    const about = partsOf(steps)
    if (about === '') return [...head, {text: line}]
    if (widthOf(`${line}   ${about}`) <= columns) return [...head, {text: `${line}   ${about}`}]
    const indent = ' '.repeat(width + 2)
    return [...head, {text: line}, ...wrapWords(about, columns - width - 2).map(text => ({text: indent + text}))]
  })
}

/** `+ 47 create  ~ 1 change  - 0 remove`, in columns. */
function countTexts(plans: readonly ClusterPlan[]): string[] {
  const all = plans.map(({steps}) => countVerdicts(steps))
  const widest = (key: 'create' | 'update' | 'remove') => Math.max(...all.map(counts => `${counts[key]}`.length))
  const widths = {create: widest('create'), update: widest('update'), remove: widest('remove')}
  return all.map(({create, update, remove}) => {
    if (create + update + remove === 0) return 'unchanged'
    const number = (value: number, width: number) => `${value}`.padStart(width)
    return [
      `+ ${number(create, widths.create)} create`,
      `~ ${number(update, widths.update)} change`,
      `- ${number(remove, widths.remove)} remove`,
    ].join('  ')
  })
}

function riskLines(plans: readonly ClusterPlan[], {columns, manager, risks = []}: ReviewOptions): StyledLine[] {
  const found = plans.flatMap(plan => risksOf(plan, manager).map(text => ({cluster: plan.cluster, text})))
  return formatRisks([...found, ...risks], columns)
}

/** Lines with `!` for what the user has to know before a change. Risks that several clusters share are printed once. */
export function formatRisks(found: readonly ClusterRisk[], columns: number): StyledLine[] {
  return [...Map.groupBy(found, ({text}) => text)].flatMap(([text, group]) => {
    const sentence = escapeLine(`${group.map(({cluster}) => cluster).join(', ')}: ${text}`)
    return wrapWords(sentence, columns - 2).map(
      (line, at) => ({text: `${at === 0 ? '! ' : '  '}${line}`, style: 'bold'}) as const,
    )
  })
}
