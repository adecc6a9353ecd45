import {names} from '../../../istio/names.ts'
import {formatRisks} from '../../../run/review/format.ts'
import {columnsOf} from '../../../run/review/review.ts'
import {replacedCertificate} from '../../../run/review/risks.ts'
import type {Run} from '../../../run/run.ts'

/**
 * Shows what changes before the question, as a review of other commands does. New CAs are issued only after the confirmation, so there
 * is no plan.
 *
 * @param table text of `formatTable`
 * @param changed names of the clusters whose CA is replaced
 */
export function showReview(table: string, changed: readonly string[], namespace: string, run: Run): void {
  const text = replacedCertificate({kind: 'Secret', namespace, name: names.caSecret})
  const risks = formatRisks(
    changed.map(cluster => ({cluster, text})),
    columnsOf(run),
  )
  const space = risks.length > 0 ? [{text: ''}] : []
  run.terminal.message([...table.trimEnd().split('\n'), ...space, ...risks, ...space])
}
