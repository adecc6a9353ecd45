import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {type ExitCode, exitCodes} from '../../../errors.ts'
import type {ReportedFinding} from '../../../findings/check.ts'
import {type ListRun, printListing} from '../../../run/list-run.ts'
import {connect} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {isTable} from '../../../terminal/list/list-format.ts'
import {ingressTlsListRights} from '../rights.ts'
import {gatewayApiCertificates, istioCertificates} from './certificates.ts'
import {readIngressTlsFacts, readSecrets} from './read.ts'
import {type CertificateRow, certificateListing} from './report-list.ts'
import {certificateFindings, certificateRow} from './rows.ts'

/**
 * Lists the certificates of all gateways of a cluster, the first to expire on top. Changes nothing.
 *
 * @param namespace only gateways in this namespace
 * @param context kubeconfig context; '' for the current one
 * @returns 5 if a certificate cannot be used, else 0
 */
export async function listTls(namespace: string | undefined, context: string, run: ListRun): Promise<ExitCode> {
  const cluster = await connect(run.access, context, ingressTlsListRights(namespace))
  const now = new Date()
  const {rows, findings} = await readServed(cluster, now, namespace)
  if (rows.length === 0 && isTable(run.list)) {
    run.terminal.message([
      `${clusterNameFrom(cluster.context)}: no gateway serves a certificate`,
      'hint:  kubectl mesh ingress tls HOST --cert FILE --key FILE',
    ])
    return exitCodes.ok
  }
  printListing(run, certificateListing(rows, findings, now))
  return findings.some(({level}) => level === 'error') ? exitCodes.check : exitCodes.ok
}

/** The certificates of the gateways of a cluster, the first to expire on top, and what is wrong with them. */
export interface ServedCertificates {
  rows: CertificateRow[]
  findings: ReportedFinding[]
}

/**
 * Reads the certificates that the gateways of a cluster serve.
 *
 * @param namespace only gateways in this namespace
 * @throws ApiError, UnreachableError
 */
export async function readServed(cluster: Cluster, now: Date, namespace?: string): Promise<ServedCertificates> {
  const {gateways, workloads} = await readIngressTlsFacts(cluster)
  const apiGateways = await cluster.list({apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway'})
  const served = [
    ...gateways.flatMap(gateway => istioCertificates(gateway, workloads)),
    ...apiGateways.flatMap(gatewayApiCertificates),
  ].filter(({secret}) => namespace === undefined || secret.namespace === namespace)
  const secrets = await readSecrets(
    cluster,
    served.flatMap(({secret}) =>
      secret.namespace === undefined ? [] : [{namespace: secret.namespace, name: secret.name}],
    ),
  )
  const rows = served.map(certificate => certificateRow(certificate, secrets, now))
  return {
    rows: rows.sort((a, b) => (a.expires?.getTime() ?? 0) - (b.expires?.getTime() ?? 0)),
    findings: served.flatMap(certificate => certificateFindings(certificate, secrets, now)),
  }
}
