import {formatTable} from '../../../terminal/output/table.ts'
import type {Verified} from '../../../terminal/output/verify.ts'

/** The result of a request between two tenants, or within one. */
export interface TrafficAnswer {
  /** Tenant of the client. */
  from: string
  /** Tenant of the server. */
  to: string
  /** HTTP status; 0 without a response. */
  code: number
}

/** Whether a result is expected: 200 within a tenant, anything else between two tenants. */
export function isExpected({from, to, code}: TrafficAnswer): boolean {
  return (from === to) === (code === 200)
}

/** Formats the results as a table with a row per client and a column per server. */
export function formatTraffic(answers: readonly TrafficAnswer[]): string {
  const tenants = [...new Set(answers.map(({from}) => from))]
  const cellOf = (from: string, to: string) => {
    const answer = answers.find(each => each.from === from && each.to === to)
    return answer ? `${textOf(answer)} ${isExpected(answer) ? '✔' : '✘'}` : '-'
  }
  const rows = tenants.map(from => [from, ...tenants.map(to => cellOf(from, to))])
  return formatTable(['from \\ to', ...tenants], rows, {keepHeads: true})
}

function textOf({code}: TrafficAnswer): string {
  if (code === 200) return '200'
  return code === 0 ? 'refused' : `refused ${code}`
}

/** Returns the results as checks, one per client and server. */
export function verifiedTraffic(answers: readonly TrafficAnswer[]): Verified {
  return {
    title: 'traffic',
    checks: answers.map(answer => ({id: idOf(answer), about: aboutOf(answer)})),
    findings: answers
      .filter(answer => !isExpected(answer))
      .map(answer => ({level: 'error' as const, check: idOf(answer), ...problemOf(answer)})),
  }
}

function idOf({from, to}: TrafficAnswer): string {
  return `traffic ${from} ${to}`
}

function aboutOf({from, to, code}: TrafficAnswer): string {
  return from === to
    ? `a request within ${from} returns 200`
    : `a request from ${from} to ${to} is refused (${codeText(code)})`
}

function problemOf({from, to, code}: TrafficAnswer): {message: string; hints: string[]} {
  return from === to
    ? {
        message: `a request within ${from} returned ${codeText(code)}; expected 200`,
        hints: [`kubectl mesh tenant verify ${from}`],
      }
    : {
        message: `a request from ${from} to ${to} returned 200; the tenants are not isolated`,
        hints: [`kubectl mesh tenant add ${to} --via none --mtls STRICT`],
      }
}

function codeText(code: number): string {
  return code === 0 ? 'no response' : String(code)
}
