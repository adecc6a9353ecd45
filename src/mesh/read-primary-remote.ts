import type {Cluster} from '../engine/cluster/cluster.ts'
import {names, revisioned} from '../istio/names.ts'
import {injectorRef, istiodAddressesOf, istiodPorts} from '../istio/remote.ts'
import type {PrimaryRemoteFacts} from './facts.ts'
import {isIstiodExposed, istiodExposureKinds} from './objects-expose-istiod.ts'
import {readerMay} from './read-reader.ts'

/** Reads it; nothing is written. */
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

/** Enough of the rights to tell an account by which a remote can be led. */
const leaderRights = [
  {verb: 'create', group: '', resource: 'configmaps'},
  {verb: 'patch', group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations'},
]
