import type {ReportedFinding} from '../../findings/check.ts'
import {dayMs, formatDuration} from '../../text/duration.ts'
import type {FederationView, HeldFacts} from './facts.ts'
import type {GraphLink, GraphState} from './report-types.ts'

/** A credential that expires sooner is marked. */
const warningMs = 7 * dayMs

/** Returns which clusters read which others, with the state of their credentials. */
export function linksOf({held, findings}: Pick<FederationView['report'], 'held' | 'findings'>): GraphLink[] {
  return held
    .filter(({state}) => state !== 'self' && state !== 'needless')
    .map(one => {
      const finding = findingFor(one, findings)
      const {state, text} = stateOf(one)
      const found = finding && {
        state: finding.level === 'error' ? ('broken' as const) : ('warning' as const),
        text: finding.message,
        check: finding.check,
      }
      return {
        holder: one.holder,
        target: one.target,
        ...(found && state !== 'broken' ? found : {state, text, check: found?.check ?? null}),
        expiresInSeconds: one.leftMs === undefined ? null : Math.floor(one.leftMs / 1000),
      }
    })
}

/** A finding about the credential of one cluster for another: it concerns the holder and names the target. */
function findingFor({holder, target}: HeldFacts, findings: readonly ReportedFinding[]): ReportedFinding | undefined {
  const isAbout = ({check, cluster, message}: ReportedFinding) =>
    (check === 'server-certificate' || check.startsWith('credential')) &&
    cluster === holder &&
    message.split(/[^A-Za-z0-9.-]+/).includes(target)
  const about = findings.filter(isAbout)
  return about.find(({level}) => level === 'error') ?? about[0]
}

const fixed: Partial<Record<HeldFacts['state'], {state: GraphState; text: string}>> = {
  missing: {state: 'broken', text: 'no credential'},
  refused: {state: 'broken', text: 'credential refused'},
  unusable: {state: 'broken', text: 'credential unusable'},
  unknown: {state: 'warning', text: 'not tested'},
}

function stateOf({state, leftMs}: HeldFacts): {state: GraphState; text: string} {
  const found = fixed[state]
  if (found) return found
  if (leftMs === undefined) return {state: 'ok', text: 'does not expire'}
  if (leftMs <= 0) return {state: 'broken', text: 'expired'}
  return {state: leftMs < warningMs ? 'warning' : 'ok', text: `${formatDuration(leftMs)} left`}
}
