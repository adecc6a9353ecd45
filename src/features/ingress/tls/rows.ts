import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {ReportedFinding} from '../../../findings/check.ts'
import {inspectServer} from '../../../pki/server.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {ServedCertificate} from './certificates.ts'
import {secretFindings} from './checks-secret.ts'
import {readTlsSecret, type SecretValue} from './istio-secret.ts'
import type {CertificateRow} from './report-list.ts'

/** `NAMESPACE/NAME` of the Secret of a certificate; the namespace is `?` if it is unknown. */
function placeOf({secret}: ServedCertificate): string {
  return `${secret.namespace ?? '?'}/${secret.name}`
}

/**
 * The row of a certificate in the list.
 *
 * @param secrets existing Secrets by `NAMESPACE/NAME`
 */
export function certificateRow(
  served: ServedCertificate,
  secrets: ReadonlyMap<string, KubernetesObject>,
  now: Date,
): CertificateRow {
  const {hosts, gateway, port, mode} = served
  const secret = secrets.get(placeOf(served))
  const tls = secret && readTlsSecret(secret)
  const named = ({key, bytes}: SecretValue) => ({name: key, bytes})
  const leaf = tls && inspectServer({cert: named(tls.cert), key: named(tls.key)}, [], now).leaf
  return {
    hosts,
    gateway,
    port,
    mode,
    secret: placeOf(served),
    subject: leaf?.subject,
    issuer: leaf?.issuer,
    expires: leaf?.notAfter,
    created: secret?.metadata.creationTimestamp,
  }
}

/**
 * Findings about a certificate of the list.
 *
 * @param secrets existing Secrets by `NAMESPACE/NAME`
 */
export function certificateFindings(
  served: ServedCertificate,
  secrets: ReadonlyMap<string, KubernetesObject>,
  now: Date,
): ReportedFinding[] {
  const place = placeOf(served)
  const gateway = `Gateway ${served.gateway}`
  if (served.secret.namespace === undefined)
    return [{level: 'warning', check: 'gateway', message: `${gateway}: its selector matches no gateway pods`}]
  const unread = unreadFindings(served)
  const secret = secrets.get(place)
  if (!secret)
    return [
      ...unread,
      {
        level: 'error',
        check: 'secret',
        message: `${gateway}: Secret ${place} does not exist (IST0101)`,
        hints: [`kubectl mesh ingress tls ${served.hosts[0] ?? 'HOST'} --cert FILE --key FILE`],
      },
    ]
  // The host `*` accepts any certificate.
  const hosts = served.hosts.filter(host => host !== '*')
  const use = {hosts, mutual: served.mode !== 'SIMPLE', now}
  const problems = secretFindings(`Secret ${place}`, secret, secrets.get(`${place}-cacert`), use)
  return [
    ...unread,
    ...problems.map(finding => ({
      level: 'error' as const,
      ...finding,
      check: 'certificate',
      message: `${gateway}: ${finding.message}`,
    })),
  ]
}

/** After a canary upgrade, a Gateway with the label of the old revision has no listener. */
function unreadFindings({gateway, hosts, unread}: ServedCertificate): ReportedFinding[] {
  if (!unread) return []
  const [namespace = '', name = ''] = gateway.split('/')
  return [
    {
      level: 'error',
      check: 'revision',
      message: `Gateway ${gateway} is labelled istio.io/rev=${unread.label}; its gateway pods run revision ${unread.revisions.join(', ')}, which does not read it and serves none of its hosts`,
      hints: [
        `if kubectl mesh ingress tls created it: kubectl mesh ingress tls ${shellWord(hosts[0] ?? 'HOST')} --cert FILE --key FILE`,
        `otherwise: kubectl -n ${shellWord(namespace)} label gateways.networking.istio.io ${shellWord(name)} istio.io/rev-`,
      ],
    },
  ]
}
