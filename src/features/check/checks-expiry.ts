import type {ReportedFinding} from '../../findings/check.ts'
import {currentRootOf} from '../../mesh/ca/root.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {attempt} from '../../pki/attempt.ts'
import {readCertificates} from '../../pki/read.ts'
import {formatDuration} from '../../text/duration.ts'
import type {CheckFacts, CheckTitle, Expiry} from './facts.ts'

/** The checks of `expiryFindings`. */
export const expiryChecks: readonly CheckTitle[] = [
  {id: 'expiry-root', about: 'no root CA expires soon'},
  {id: 'expiry-ca', about: 'no CA of a cluster expires soon'},
  {id: 'expiry-credential', about: 'no credential for another cluster expires soon'},
  {id: 'expiry-ingress', about: 'no certificate of an ingress gateway expires soon'},
]

const kindsOfIds: Readonly<Record<string, string>> = {
  'root CA': 'expiry-root',
  'cluster CA': 'expiry-ca',
  credential: 'expiry-credential',
  'ingress certificate': 'expiry-ingress',
}

/** How to renew what expires, by kind. */
const renewals: Readonly<Record<string, string>> = {
  'root CA': 'plan a new root CA now: every cluster needs both roots before the first certificate of the new one',
  'cluster CA': 'issue a new intermediate CA: kubectl mesh ca issue, then kubectl mesh federate --ca-dir DIR',
  credential: 'run kubectl mesh federate for these clusters, which renews tokens',
  'ingress certificate': 'kubectl mesh ingress tls HOST --cert FILE --key FILE',
}

/** Returns everything that expires, the first to expire first. */
export function expiriesOf(
  {federation, certificates}: Pick<CheckFacts, 'federation' | 'certificates'>,
  now: Date,
): Expiry[] {
  const {report, members} = federation
  const all: Expiry[] = [
    ...members.flatMap(rootExpiries),
    ...report.rows.flatMap(({cluster, caExpires}) =>
      caExpires ? [{cluster, kind: 'cluster CA', name: 'secret/cacerts', expires: caExpires}] : [],
    ),
    ...report.held.flatMap(({holder, target, leftMs}) =>
      leftMs === undefined
        ? []
        : [{cluster: holder, kind: 'credential', name: `for ${target}`, expires: new Date(now.getTime() + leftMs)}],
    ),
    ...certificates.flatMap(({cluster, rows}) =>
      rows.flatMap(({gateway, secret, expires}) =>
        expires ? [{cluster, kind: 'ingress certificate', name: `${secret} of Gateway ${gateway}`, expires}] : [],
      ),
    ),
  ]
  return all.sort((a, b) => a.expires.getTime() - b.expires.getTime())
}

/** The roots that the workloads of a cluster trust. An unreadable root is a finding of another check. */
function rootExpiries(member: MeshMember): Expiry[] {
  const pem = currentRootOf(member)
  const certificates = pem === undefined ? [] : (attempt(() => readCertificates(pem, 'root'), []) ?? [])
  return certificates.map(({notAfter}) => ({
    cluster: member.cluster,
    kind: 'root CA',
    name: 'configmap/istio-ca-root-cert',
    expires: notAfter,
  }))
}

/**
 * Returns an error for what has expired, and a warning for what expires soon.
 *
 * @param within milliseconds
 */
export function expiryFindings(expiries: readonly Expiry[], within: number, now: Date): ReportedFinding[] {
  return expiries.flatMap(({cluster, kind, name, expires}): ReportedFinding[] => {
    const left = expires.getTime() - now.getTime()
    if (left > within) return []
    const text = left > 0 ? `expires in ${formatDuration(left)}` : `expired ${formatDuration(-left)} ago`
    return [
      {
        level: left > 0 ? 'warning' : 'error',
        check: kindsOfIds[kind]!,
        cluster,
        message: `${kind} ${name} ${text}`,
        hints: [renewals[kind]!],
      },
    ]
  })
}
