import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import {lookAtServer} from '../../pki/server.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {secretTroubles} from './checks-tls.ts'
import {readTlsSecret} from './istio-tls-secret.ts'
import {readIngressTlsFacts, readSecrets, type ServedCertificate, servedCertificates} from './read-tls.ts'
import {type CertificateRow, formatCertificates} from './report-list.ts'

/** Shows the certificates of all gateways of a cluster and what is wrong with them (exit 5 then). Only reads. */
export async function listTls(namespace: string | undefined, context: string, run: ReadRun): Promise<ExitCode> {
  const cluster = await connect(run.access, context)
  const all = await servedCertificates(await readIngressTlsFacts(cluster))
  const served = all.filter(({secret}) => namespace === undefined || secret.namespace === namespace)
  const wanted = served.flatMap(({secret}) =>
    secret.namespace === undefined ? [] : [{namespace: secret.namespace, name: secret.name}],
  )
  const secrets = await readSecrets(cluster, wanted)
  const now = new Date()
  if (served.length === 0 && (run.output === undefined || run.output === 'wide')) {
    run.terminal.message(`${cluster.context}: no gateway has a certificate\nhint:  kubectl mesh ingress tls HOST`)
    return exitCodes.ok
  }
  const findings = served.flatMap(one => findingsOf(one, secrets, now))
  const rows = served.map(one => rowOf(one, secrets, now))
  rows.sort((a, b) => (a.expires?.getTime() ?? 0) - (b.expires?.getTime() ?? 0))
  run.terminal.print(formatCertificates(rows, findings, now, run.output))
  return findings.some(({level}) => level === 'error') ? exitCodes.check : exitCodes.ok
}

function placeOf({secret}: ServedCertificate): string {
  return `${secret.namespace ?? '?'}/${secret.name}`
}

function rowOf(one: ServedCertificate, secrets: ReadonlyMap<string, KubernetesObject>, now: Date): CertificateRow {
  const {hosts, gateway, port, mode} = one
  const live = secrets.get(placeOf(one))
  const read = live && readTlsSecret(live)
  const named = (part: {key: string; bytes: Buffer}) => ({name: part.key, bytes: part.bytes})
  const leaf = read && lookAtServer({cert: named(read.cert), key: named(read.key)}, [], now).leaf
  return {
    hosts,
    gateway,
    port,
    mode,
    secret: placeOf(one),
    subject: leaf?.subject,
    issuer: leaf?.issuer,
    expires: leaf?.notAfter,
  }
}

function findingsOf(
  one: ServedCertificate,
  secrets: ReadonlyMap<string, KubernetesObject>,
  now: Date,
): ReportedFinding[] {
  const place = placeOf(one)
  const at = `Gateway ${one.gateway}`
  if (one.secret.namespace === undefined)
    return [{level: 'warning', check: 'gateway', message: `${at}: its selector finds no gateway`}]
  const live = secrets.get(place)
  if (!live)
    return [
      {
        level: 'error',
        check: 'secret',
        message: `${at}: Secret ${place} is not there (IST0101)`,
        hints: [`kubectl mesh ingress tls ${one.hosts[0] ?? 'HOST'} --cert FILE --key FILE`],
      },
    ]
  // `*` takes whatever certificate there is
  const hosts = one.hosts.filter(host => host !== '*')
  const troubles = secretTroubles(`Secret ${place}`, live, secrets.get(`${place}-cacert`), {
    hosts,
    mutual: one.mode !== 'SIMPLE',
    now,
  })
  return troubles.map(trouble => ({
    level: 'error',
    ...trouble,
    check: 'certificate',
    message: `${at}: ${trouble.message}`,
  }))
}
