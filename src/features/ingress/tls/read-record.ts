import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {idLabel} from '../../../engine/kubernetes/applyset-parent.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {refusedError} from '../../../errors.ts'
import {storedSettings} from '../../../run/settings.ts'
import type {RawSpec} from '../../../spec/read.ts'
import {ingressTlsApplySet} from './objects.ts'
import {ingressTlsFields} from './spec.ts'

type RawTls = RawSpec<typeof ingressTlsFields>

/** The record of a host, from which a run takes the gateway and the settings that it does not set. */
export interface TlsRecord {
  parent: KubernetesObject
  namespace: string
  gateway: string
}

/**
 * Reads the records of a host in the system namespace: one per namespace in which a gateway serves it.
 *
 * @throws ApiError, UnreachableError
 */
export async function readTlsRecords(cluster: Cluster, host: string, systemNamespace: string): Promise<TlsRecord[]> {
  const maps = await cluster.list(
    {apiVersion: 'v1', kind: 'ConfigMap'},
    {namespace: systemNamespace, labelSelector: idLabel},
  )
  return maps.flatMap(parent => {
    const {namespace = ''} = (parent.data ?? {}) as {namespace?: string}
    if (parent.metadata.name !== ingressTlsApplySet({host, namespace, systemNamespace}).name) return []
    const gateway = storedSettings(ingressTlsFields, parent)?.gateway ?? ingressTlsFields.gateway.fallback
    return [{parent, namespace, gateway: String(gateway)}]
  })
}

/**
 * Returns the record of the host at the requested gateway; without a requested gateway, the only record.
 *
 * @throws MeshError (exit 3) if the host is served at several gateways, and none is requested
 */
export function findTlsRecord(
  records: readonly TlsRecord[],
  {host, gateway, namespace}: RawTls,
): TlsRecord | undefined {
  const found = records.filter(
    record =>
      (gateway === undefined || record.gateway === gateway) &&
      (namespace === undefined || record.namespace === namespace),
  )
  if (found.length < 2) return found[0]
  const places = found.map(record => `${record.namespace}/${record.gateway}`).sort()
  throw refusedError(`${String(host)} is served at ${places.join(' and ')}`, 'select one with --gateway and -n')
}
