import {type ExitCode, exitCodes} from '../../../errors.ts'
import {type ListRun, printListing} from '../../../run/list-run.ts'
import {connect} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {isTable} from '../../../terminal/list/list-format.ts'
import {gatewayApiCertificates, istioCertificates} from './certificates.ts'
import {readIngressTlsFacts, readSecrets} from './read.ts'
import {certificateListing} from './report-list.ts'
import {certificateFindings, certificateRow} from './rows.ts'

/**
 * Lists the certificates of all gateways of a cluster, the first to expire on top. Changes nothing.
 *
 * @param namespace only gateways in this namespace
 * @param context kubeconfig context; '' for the current one
 * @returns 5 if a certificate cannot be used, else 0
 */
export async function listTls(namespace: string | undefined, context: string, run: ListRun): Promise<ExitCode> {
  const cluster = await connect(run.access, context)
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
  const now = new Date()
  if (served.length === 0 && isTable(run.list)) {
    run.terminal.message([
      `${clusterNameFrom(cluster.context)}: no gateway serves a certificate`,
      'hint:  kubectl mesh ingress tls HOST --cert FILE --key FILE',
    ])
    return exitCodes.ok
  }
  const findings = served.flatMap(certificate => certificateFindings(certificate, secrets, now))
  const rows = served.map(certificate => certificateRow(certificate, secrets, now))
  rows.sort((a, b) => (a.expires?.getTime() ?? 0) - (b.expires?.getTime() ?? 0))
  printListing(run, certificateListing(rows, findings, now))
  return findings.some(({level}) => level === 'error') ? exitCodes.check : exitCodes.ok
}
