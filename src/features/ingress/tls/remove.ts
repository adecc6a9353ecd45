import {readTrustedMembership} from '../../../control-plane/trusted-membership.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {applySetParentRemoval, idLabel} from '../../../engine/kubernetes/applyset-parent.ts'
import {pruneChanges} from '../../../engine/plan/prune.ts'
import {type ExitCode, refusedError, usageError} from '../../../errors.ts'
import {changeClusters} from '../../../run/change-clusters.ts'
import {refuseClientDryRun} from '../../../run/dry-run.ts'
import {reportAbsent} from '../../../run/report-absent.ts'
import {reportUnrecorded} from '../../../run/report-unrecorded.ts'
import {connect, type Run} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {plainHosts, serversOf} from '../istio-gateway.ts'
import {ingressTlsRemovalRights} from '../rights.ts'
import {ingressTlsApplySet} from './objects.ts'
import {findTlsRecord, readTlsRecords, type TlsRecord} from './read-record.ts'
import {type ingressTlsFields, ingressTlsRemoveFields, validateTlsHost} from './spec.ts'

type RawTls = RawSpec<typeof ingressTlsFields>

/**
 * Removes the Istio Gateway and the Secret that `mesh ingress tls HOST` created. A Secret of `--secret` stays.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for settings beside the host and its gateway, (exit 3) if the host is served without a record,
 *   or nothing proves the record
 */
export async function removeTls(raw: RawTls, context: string, run: Run): Promise<ExitCode> {
  refuseClientDryRun(run)
  refuseSettings(raw)
  const {host, systemNamespace, namespace} = readSpec(ingressTlsRemoveFields, raw, validateTlsHost) as {
    host: string
    systemNamespace: string
    namespace: string | undefined
  }
  const anySet = ingressTlsApplySet({host, namespace: namespace ?? '', systemNamespace})
  const cluster = await connect(run.access, context, ingressTlsRemovalRights(anySet, namespace))
  const name = clusterNameFrom(cluster.context)
  const record = findTlsRecord(await readTlsRecords(cluster, host, systemNamespace), raw)
  if (!record) return reportMissing(cluster, host, systemNamespace, run)
  const set = ingressTlsApplySet({host, namespace: record.namespace, systemNamespace})
  const {objects, unrecorded} = await readTrustedMembership(cluster, set, {trustLabels: run.write.trustLabels})
  reportUnrecorded(name, unrecorded, run, true)
  const changes = [...pruneChanges(name, objects, [], () => false), applySetParentRemoval(set, name)]
  const question = `Stop serving ${host} at gateway ${record.namespace}/${record.gateway} of ${name}?`
  const {exit} = await changeClusters([{cluster, name, changes, set}], {question, typed: host}, run, () => undefined)
  return exit
}

/** @throws MeshError (exit 2) for a flag that has no effect on a removal */
function refuseSettings(raw: RawTls): void {
  const unused = Object.keys(raw).filter(key => !(key in ingressTlsRemoveFields))
  if (unused.length > 0) throw usageError(`--remove conflicts with ${unused.map(key => `--${key}`).join(', ')}`)
}

/** @throws MeshError (exit 3) if another owner serves the host */
async function reportMissing(cluster: Cluster, host: string, namespace: string, run: Run): Promise<ExitCode> {
  const name = clusterNameFrom(cluster.context)
  const [gateways, maps] = await Promise.all([
    cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'Gateway'}),
    cluster.list({apiVersion: 'v1', kind: 'ConfigMap'}, {namespace, labelSelector: idLabel}),
  ])
  const serving = gateways.filter(gateway => serversOf(gateway).flatMap(plainHosts).includes(host))
  if (serving.length > 0)
    throw refusedError(
      `${name}: ${host} has no record of kubectl mesh ingress tls, and is served by ${serving.map(({metadata}) => `Gateway ${metadata.namespace}/${metadata.name}`).join(', ')}`,
      'remove it with the tool that created it',
    )
  const existing = maps.flatMap(parent => recordedHost(parent, namespace))
  return reportAbsent({what: `certificate of ${host}`, where: name, plural: 'hosts', existing}, run)
}

function recordedHost(parent: TlsRecord['parent'], systemNamespace: string): string[] {
  const {host = '', namespace = ''} = (parent.data ?? {}) as {host?: string; namespace?: string}
  return parent.metadata.name === ingressTlsApplySet({host, namespace, systemNamespace}).name ? [host] : []
}
