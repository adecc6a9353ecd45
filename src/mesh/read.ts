import type {Cluster} from '../engine/cluster/cluster.ts'
import {multiClusterLabel, networkLabel} from '../engine/kubernetes/labels.ts'
import {membersOf} from '../engine/plan/prune.ts'
import {type ControlPlane, readControlPlane} from '../istio/control-plane.ts'
import {names, revisioned} from '../istio/names.ts'
import {federationApplySet} from './applyset.ts'
import {dnsPlace} from './dns/objects-stub.ts'
import type {FederationFacts} from './facts.ts'
import {readPrimaryRemoteFacts} from './read-primary-remote.ts'
import {readerMay} from './read-reader.ts'
import {type DnsServer, readGatewaysRecord, readRemoteRecord} from './record.ts'
import {readImports} from './services/read-imports.ts'

/** Reads one cluster; nothing is written. Throws `UnreachableError` or `ApiError`. */
export async function readFederationFacts(
  cluster: Cluster,
  where: {
    systemNamespace: string
    revision: string | undefined
    dns?: DnsServer
    mode?: 'multi-primary' | 'primary-remote' | 'gateways'
    controlPlane?: 'keep' | 'istioctl' | 'helm' | 'sail'
  },
): Promise<FederationFacts> {
  const {systemNamespace: namespace} = where
  const [
    version,
    kubeSystem,
    hasIstioCrds,
    system,
    controlPlanes,
    secrets,
    rootMap,
    networkGateways,
    exposure,
    account,
    allowed,
    made,
    record,
  ] = await Promise.all([
    cluster.read('/version') as Promise<{gitVersion?: string}>,
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: 'kube-system'}),
    isDefined(cluster, 'gateways.networking.istio.io'),
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
    readControlPlanes(cluster, namespace),
    cluster.list({apiVersion: 'v1', kind: 'Secret'}, {namespace}),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'istio-ca-root-cert'}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: networkLabel}),
    cluster.get({apiVersion: 'networking.istio.io/v1', kind: 'Gateway', namespace, name: names.crossNetworkGateway}),
    cluster.get({apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: names.readerAccount}),
    readerMay(cluster, namespace, readerRights),
    membersOf(cluster, federationApplySet(where)),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: federationApplySet(where).name}),
  ])
  const isPrimaryRemote = where.mode === 'primary-remote' || readRemoteRecord(record) !== undefined
  const dns = where.dns && where.dns !== 'istio' ? where.dns : readGatewaysRecord(record)?.dns
  return {
    cluster,
    made,
    record,
    dnsConfig: dns && dns !== 'istio' ? await cluster.get(dnsPlace(dns).ref) : undefined,
    imports: record ? await readImports(cluster, where) : [],
    primaryRemote: isPrimaryRemote ? await readPrimaryRemoteFacts(cluster, where) : undefined,
    kubernetes: version.gitVersion ?? '',
    uid: kubeSystem?.metadata.uid ?? '',
    hasIstioCrds,
    hasSailCrds: where.controlPlane === 'sail' ? await isDefined(cluster, 'istios.sailoperator.io') : undefined,
    namespace: system,
    controlPlanes,
    caSecret: secrets.find(({metadata}) => metadata.name === names.caSecret),
    servedRoot: (rootMap?.data as Record<string, string> | undefined)?.['root-cert.pem'],
    networkGateways,
    exposure,
    reader: {account, allowed},
    remoteSecrets: secrets.filter(({metadata}) => metadata.labels?.[multiClusterLabel] === 'true'),
    tokenSecrets: new Map(
      secrets
        .filter(
          ({type, metadata}) =>
            type === 'kubectl-mesh.io/bound-token' ||
            metadata.annotations?.['kubernetes.io/service-account.name'] === names.readerAccount,
        )
        .map(secret => [secret.metadata.name, secret]),
    ),
  }
}

async function isDefined(cluster: Cluster, name: string): Promise<boolean> {
  const definition = {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name}
  return (await cluster.get(definition)) !== undefined
}

/** Enough of the reader's rights to tell an account that can serve a federation from one that can't. */
const readerRights = [
  {verb: 'list', group: '', resource: 'services'},
  {verb: 'watch', group: '', resource: 'pods'},
  {verb: 'list', group: 'discovery.k8s.io', resource: 'endpointslices'},
  {verb: 'list', group: 'networking.istio.io', resource: 'workloadentries'},
]

/** Every istiod of a namespace, with what its ConfigMaps say. */
export async function readControlPlanes(cluster: Cluster, namespace: string): Promise<ControlPlane[]> {
  const deployments = await cluster.list(
    {apiVersion: 'apps/v1', kind: 'Deployment'},
    {namespace, labelSelector: 'app=istiod'},
  )
  return Promise.all(
    deployments.map(async deployment => {
      const revision = deployment.metadata.labels?.['istio.io/rev']
      const configMap = (name: string) =>
        cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: revisioned(name, revision)})
      const [mesh, injector] = await Promise.all([configMap('istio'), configMap('istio-sidecar-injector')])
      return readControlPlane(deployment, mesh, injector)
    }),
  )
}
