import type {ReportedFinding} from '../../findings/check.ts'
import {currentRootOf} from '../../mesh/ca/root.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {attempt} from '../../pki/attempt.ts'
import {readCertificates} from '../../pki/read.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {expiryText} from '../../text/duration.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {CheckFacts, CheckTitle, Expiry, VmTokenFacts} from './facts.ts'

/** The checks of `expiryFindings`. */
export const expiryChecks: readonly CheckTitle[] = [
  {id: 'expiry-root', about: 'no root CA expires soon'},
  {id: 'expiry-ca', about: 'no CA of a cluster expires soon'},
  {id: 'expiry-credential', about: 'no credential for another cluster expires soon'},
  {id: 'expiry-ingress', about: 'no certificate of an ingress gateway expires soon'},
  {id: 'expiry-vm', about: 'no token of a VM expires soon that a machine may still need'},
]

const kindsOfIds: Readonly<Record<string, string>> = {
  'root CA': 'expiry-root',
  'cluster CA': 'expiry-ca',
  credential: 'expiry-credential',
  'ingress certificate': 'expiry-ingress',
  'VM token': 'expiry-vm',
}

/** How to renew what expires, by kind. */
const renewals: Readonly<Record<string, string>> = {
  'root CA':
    'replace the root, in three stages without lost requests: kubectl mesh ca rotate --stage trust --dir DIR --contexts CTX,CTX',
  'cluster CA': 'renew the CA below the same root: kubectl mesh ca renew --dir DIR --contexts CTX,CTX',
  credential: 'run kubectl mesh federate for these clusters, which renews tokens',
  'ingress certificate': 'kubectl mesh ingress tls HOST --cert FILE --key FILE',
}

/** Returns everything that expires, the first to expire first. */
export function expiriesOf(
  {federation, certificates, vmTokens}: Pick<CheckFacts, 'federation' | 'certificates' | 'vmTokens'>,
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
    ...vmTokens.flatMap(({cluster, tokens}) => {
      const member = members.find(one => one.cluster === cluster)
      return tokens.flatMap(token => vmExpiry(token, member)).map(expiry => ({cluster, ...expiry}))
    }),
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

const machineNotes = {
  connected: 'another CA than istiod issues the certificates, and requires the token for each renewal',
  disconnected: 'not all machines are connected, and one whose certificate has expired needs it',
  unknown: 'it is unknown whether the machine is connected',
  none: 'no machine has registered itself',
} as const

/**
 * A connected machine renews its certificate from istiod without the token, so that its expiry breaks nothing. It is an error only
 * where a machine is known that needs it.
 */
function vmExpiry(token: VmTokenFacts, member: MeshMember | undefined): Omit<Expiry, 'cluster'>[] {
  const {namespace, name, systemNamespace, expires, machines} = token
  const isKept = machines === 'connected' && member?.controlPlane?.externalCa === undefined
  if (expires === undefined || isKept) return []
  const isDefault = systemNamespace === commonFields.systemNamespace.fallback
  const place = isDefault ? '' : ` --system-namespace ${shellWord(systemNamespace)}`
  return [
    {
      ...{kind: 'VM token', name: `${namespace}/${name}`, expires},
      note: machineNotes[machines],
      hint: `kubectl mesh vm renew ${shellWord(name)} -n ${shellWord(namespace)}${place}`,
      isHarmless: machines === 'unknown' || machines === 'none',
    },
  ]
}

/**
 * Returns an error for what has expired, and a warning for what expires soon.
 *
 * @param within milliseconds
 */
export function expiryFindings(expiries: readonly Expiry[], within: number, now: Date): ReportedFinding[] {
  return expiries.flatMap((one): ReportedFinding[] => {
    const {cluster, kind, name, expires, note, hint, isHarmless = false} = one
    const left = expires.getTime() - now.getTime()
    if (left > within) return []
    return [
      {
        level: left > 0 || isHarmless ? 'warning' : 'error',
        check: kindsOfIds[kind]!,
        cluster,
        message: `${kind} ${name} ${expiryText(left)}${note === undefined ? '' : `; ${note}`}`,
        hints: [hint ?? renewals[kind]!],
      },
    ]
  })
}
