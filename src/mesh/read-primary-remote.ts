import type {Cluster} from '../engine/cluster/cluster.ts'
import {names, revisioned} from '../istio/names.ts'
import {injectorRef, istiodAddressesOf, istiodPorts} from '../istio/remote.ts'
import type {PrimaryRemoteFacts} from './facts.ts'
import {isIstiodExposed, istiodExposureKinds} from './objects-expose-istiod.ts'
import {readerMay} from './read-reader.ts'

/** A sample of the write access that a primary's istiod needs in a remote. */
const leaderRights = [
  {verb: 'create', group: '', resource: 'configmaps'},
  {verb: 'patch', group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations'},
]

/**
 * Reads the facts of one cluster that only primary-remote mode needs. Writes nothing.
 *
 * @throws ApiError, UnreachableError
 */
export async function readPrimaryRemoteFacts(
  cluster: Cluster,
  where: {systemNamespace: string; revision: string | undefined},
): Promise<PrimaryRemoteFacts> {
  const {systemNamespace: namespace, revision} = where
  const istiod = revisioned('istiod', revision)
  const [injector, service, slices, gateway, readerLeads, ...exposure] = await Promise.all([
    cluster.get(injectorRef(where)),
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name: istiod}),
    cluster.list(
      {apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice'},
      {namespace, labelSelector: `kubernetes.io/service-name=${istiod}`},
    ),
    cluster.get({apiVersion: 'v1', kind: 'Service', namespace, name: names.gateway}),
    readerMay(cluster, namespace, leaderRights),
    ...istiodExposureKinds.map(kind => cluster.list(kind, {namespace})),
  ])
  return {
    injector,
    istiodAddresses: istiodAddressesOf(service, slices),
    istiodExposed: isIstiodExposed(exposure.flat(), where, Object.values(istiodPorts)),
    gateway,
    readerLeads,
  }
}
