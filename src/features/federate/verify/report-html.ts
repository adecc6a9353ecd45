import type {ReportedFinding} from '../../../findings/check.ts'
import type {Verified} from '../../../terminal/output/verify.ts'
import {escapeMarkup} from '../../../terminal/picture/escape.ts'
import {htmlPage} from '../../../terminal/picture/page.ts'
import {pageColors} from '../../../terminal/picture/theme.ts'
import {count} from '../../../text/count.ts'
import {type HelloAnswers, type HelloColumn, helloRequests} from './traffic/report.ts'

/** What a page of `mesh federate verify` shows. */
export interface VerifiedPage {
  verified: readonly Verified[]
  /** The responses of `--traffic`, with one column per cluster. Empty without `--traffic`. */
  answers: readonly HelloAnswers[]
  columns: readonly HelloColumn[]
  /** Of the check. */
  time: Date
}

const style = `
${pageColors}body { margin: 0 auto; padding: 12px; max-width: 960px; background: var(--page); color: var(--ink); font: 14px/1.4 system-ui, sans-serif; }
h1 { font-size: 18px; margin: 0; }
h2 { font-size: 15px; margin: 20px 0 6px; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--rule); padding: 6px 10px; text-align: center; white-space: nowrap; }
tbody th { text-align: left; }
ul { list-style: none; margin: 0; padding: 0; }
li { padding: 4px 0; border-top: 1px solid var(--rule); overflow-wrap: anywhere; }
small { display: block; opacity: 0.8; }
.error { color: var(--red); }
.warning { color: var(--amber); }
td.error { font-weight: bold; }
`

/** Formats results as one HTML page: a matrix of who answered whom, and every check. It sends no request. */
export function formatVerifiedPage({verified, answers, columns, time}: VerifiedPage): string {
  const findings = verified.flatMap(one => one.findings)
  const errors = findings.filter(({level}) => level === 'error').length
  const summary = `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}, ${time.toISOString()}`
  const body = [
    '<h1>kubectl mesh federate verify</h1>',
    `<p>${escapeMarkup(summary)}</p>`,
    ...(answers.length === 0 ? [] : [matrix(answers, columns)]),
    ...verified.map(section),
  ].join('\n')
  return htmlPage({title: 'kubectl mesh federate verify', style, body})
}

/** A row for each client's cluster and a column for each server's, with the number of responses. */
function matrix(answers: readonly HelloAnswers[], columns: readonly HelloColumn[]): string {
  const heads = ['from', ...columns.map(({cluster}) => cluster), 'failed']
  const rows = answers.map(({from, answered, failed}) => {
    const cells = columns.map(({cluster}) => answerCell(answered.get(cluster)))
    const last = failed === 0 ? '<td>0</td>' : `<td class="error">${failed}</td>`
    return `<tr><th scope="row">${escapeMarkup(from)}</th>${cells.join('')}${last}</tr>`
  })
  return `<h2>Responses to ${helloRequests} requests from each cluster</h2>
<div class="scroll"><table id="traffic">
<thead><tr>${heads.map(head => `<th scope="col">${escapeMarkup(head)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('')}</tbody>
</table></div>`
}

function answerCell(responses: number | undefined): string {
  if (responses === undefined) return '<td>-</td>'
  return responses === 0 ? '<td class="error">0</td>' : `<td>${responses}</td>`
}

function section({title, checks, findings}: Verified): string {
  const items = checks.flatMap(({id, about}) => {
    const found = findings.filter(({check}) => check === id)
    return found.length === 0 ? [`<li>✔ ${escapeMarkup(about)}</li>`] : found.map(findingItem)
  })
  return `<h2>${escapeMarkup(title)}</h2>\n<ul>${items.join('')}</ul>`
}

function findingItem({level, check, message, hints = []}: ReportedFinding): string {
  const mark = level === 'error' ? '✘' : '‼'
  const below = hints.map(hint => `<small>hint: ${escapeMarkup(hint)}</small>`)
  return `<li class="${level === 'error' ? 'error' : 'warning'}">${mark} ${escapeMarkup(message)} <code>${escapeMarkup(check)}</code>${below.join('')}</li>`
}
