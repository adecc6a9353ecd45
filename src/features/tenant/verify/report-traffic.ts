import {formatTable} from '../../../terminal/output/table.ts'

/** One request of the isolation table. */
export interface TrafficAnswer {
  from: string
  to: string
  /** HTTP status, 0 when there was no answer. */
  code: number
}

/** Whether an answer is what it should be: 200 within a tenant, none of 200 between two. */
export function isApart({from, to, code}: TrafficAnswer): boolean {
  return from === to ? code === 200 : code !== 200
}

/** The isolation table: who asks, a row each; who answers, a column each. */
export function formatTraffic(answers: readonly TrafficAnswer[]): string {
  const tenants = [...new Set(answers.map(({from}) => from))]
  const cell = (from: string, to: string) => {
    const answer = answers.find(each => each.from === from && each.to === to)
    if (!answer) return '–'
    const text = answer.code === 200 ? '200' : answer.code === 0 ? 'refused' : `refused ${answer.code}`
    return `${text} ${isApart(answer) ? '✔' : '✘'}`
  }
  const rows = tenants.map(from => [from, ...tenants.map(to => cell(from, to))])
  return formatTable(['a request of … to', ...tenants], rows, {keepHeads: true})
}
