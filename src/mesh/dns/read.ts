import type {Cluster} from '../../engine/cluster/cluster.ts'
import {refKey} from '../../engine/kubernetes/object.ts'
import type {DnsServer} from '../record.ts'
import {type DnsFacts, dnsRefs} from './facts.ts'

/**
 * Reads the configuration of DNS servers.
 *
 * @throws ApiError, UnreachableError
 */
export async function readDns(cluster: Cluster, servers: readonly DnsServer[]): Promise<DnsFacts> {
  const refs = servers.flatMap(dns => (dns === 'istio' ? [] : dnsRefs(dns)))
  const unique = new Map(refs.map(ref => [refKey(ref), ref]))
  const objects = await Promise.all([...unique.values()].map(ref => cluster.get(ref)))
  return {read: servers, objects: objects.filter(object => object !== undefined)}
}
