import type {Cluster} from '../cluster/cluster.ts'
import {type ControlPlane, readControlPlane} from '../istio/control-plane.ts'
import {dnsPlace} from '../manifests/dns-stub.ts'
import {federationApplySet} from '../manifests/federation.ts'
import {type DnsServer, readGatewaysRecord, readRemoteRecord} from '../manifests/federation-record.ts'
import {multiClusterLabel, networkLabel} from '../manifests/labels.ts'
import {names, revisioned} from '../manifests/names.ts'
import type {KubernetesObject} from '../manifests/object.ts'
import {membersOf} from '../plan/prune.ts'
import {type PrimaryRemoteFacts, readPrimaryRemoteFacts} from './primary-remote.ts'
import {readerMay} from './reader.ts'
import {readImports} from './service-imports.ts'

/** Everything that was read from one cluster before a federation is planned. Objects are as the server gave them. */
export interface FederationFacts {
  cluster: Cluster
  /** `v1.36.3`. */
  kubernetes: string
  /** What earlier runs made here. */
  made: KubernetesObject[]
  /** Our own record of them: the ApplySet's parent. */
  record: KubernetesObject | undefined
  /** Uid of the namespace kube-system: the same for two contexts of one cluster, and only then. */
  uid: string
  hasIstioCrds: boolean
  /** Definitions of the Sail operator are there; undefined: not looked for. */
  hasSailCrds: boolean | undefined
  namespace: KubernetesObject | undefined
  /** All control planes of the system namespace. */
  controlPlanes: ControlPlane[]
  /** Secret `cacerts`. */
  caSecret: KubernetesObject | undefined
  /** Root that istiod hands out now: ConfigMap `istio-ca-root-cert` of the system namespace, PEM. */
  servedRoot: string | undefined
  /** Services with a network label, of all namespaces. */
  networkGateways: KubernetesObject[]
  /** The exposure `cross-network-gateway`. */
  exposure: KubernetesObject | undefined
  reader: {account: KubernetesObject | undefined /** Has the rights that istiod needs. */; allowed: boolean}
  /** All Secrets of the system namespace that hold kubeconfigs for istiod. */
  remoteSecrets: KubernetesObject[]
  /** All token Secrets of the reader account, ours and others', by name. */
  tokenSecrets: Map<string, KubernetesObject>
  /** For names under `.global`: the DNS server's ConfigMap, where it is to be edited, or was by an earlier run. */
  dnsConfig: KubernetesObject | undefined
  /** Services that others export to this cluster (`mesh service export`). */
  imports: KubernetesObject[]
  /** In primary-remote mode, now or by an earlier run. */
  primaryRemote: PrimaryRemoteFacts | undefined
}

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
