import {type ReportedFinding, runChecks} from '../../findings/check.ts'
import {withHintContext} from '../../spec/hint-context.ts'
import {expiriesOf, expiryChecks, expiryFindings} from './checks-expiry.ts'
import {objectGroup, versionGroup} from './checks-members.ts'
import type {CheckFacts, CheckGroup, CheckReport, CheckTitle} from './facts.ts'

/** Checks of what could be read. */
export const readChecks: readonly CheckTitle[] = [
  {id: 'reachable', about: 'all clusters can be read'},
  {id: 'not-checked', about: 'everything could be checked'},
]

/** The check of `mesh federate`'s objects. */
export const driftCheck: CheckTitle = {
  id: 'drift',
  about: 'objects of the federation are as kubectl mesh federate applies them',
}

/** The checks of certificates that gateways serve, as `mesh ingress tls` reports them. */
export const ingressChecks: readonly CheckTitle[] = [
  {id: 'gateway', about: 'Gateways with certificates select pods'},
  {id: 'secret', about: 'Secrets of Gateways exist'},
  {id: 'certificate', about: 'certificates of Gateways can be used'},
  {id: 'revision', about: 'the istiod of a gateway reads its Gateway'},
]

/**
 * Runs all checks.
 *
 * @param within milliseconds in which expiry is a warning
 */
export function checkReport(facts: CheckFacts, within: number, now: Date): CheckReport {
  const {federation} = facts
  const expiries = expiriesOf(facts, now)
  const unreached = federation.report.rows.flatMap(({cluster, error}): ReportedFinding[] =>
    error ? [{level: 'error', check: 'reachable', cluster, message: error.message, hints: error.hints ?? []}] : [],
  )
  const [checks, objects] = [[...versionGroup], [...objectGroup]]
  const groups: CheckGroup[] = [
    {group: 'Expiry', checks: expiryChecks, findings: expiryFindings(expiries, within, now)},
    {group: 'Clusters', checks: readChecks, findings: [...unreached, ...facts.unread]},
    {group: 'Versions', checks, findings: runChecks(checks, facts)},
    {group: 'Federation', checks: facts.federationChecks, findings: federation.report.findings},
    {group: 'Drift', checks: [driftCheck], findings: facts.drift},
    {group: 'Webhooks and permissions', checks: objects, findings: runChecks(objects, facts)},
    {group: 'Ingress', checks: ingressChecks, findings: ingressFindings(facts)},
    ...[...facts.kiali, ...facts.tenants].map(({title, ...rest}): CheckGroup => ({group: title, ...rest})),
  ]
  return {
    groups: groups.map(group => ({...group, findings: group.findings.map(one => withContextOf(one, facts))})),
    expiries,
    clusters: federation.report.rows.map(({cluster, error}) => ({cluster, read: error === undefined})),
    forecasts: facts.forecasts,
    now,
  }
}

/** Hints are for the cluster of the finding, which need not be that of the current context. */
function withContextOf(finding: ReportedFinding, {federation: {members}}: CheckFacts): ReportedFinding {
  const member = members.find(({cluster}) => cluster === finding.cluster)
  return member ? withHintContext(finding, member.context) : finding
}

function ingressFindings({certificates}: CheckFacts): ReportedFinding[] {
  return certificates.flatMap(({cluster, findings}) => findings.map(finding => ({...finding, cluster})))
}
