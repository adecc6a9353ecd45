import type {Cluster} from '../engine/cluster/cluster.ts'
import {multiClusterLabel, networkLabel} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {readMembership} from '../engine/plan/membership.ts'
import {type ControlPlane, readControlPlane} from '../istio/control-plane.ts'
import {names, revisioned} from '../istio/names.ts'
import {federationApplySet} from './applyset.ts'
import {dnsPlace} from './dns/objects-stub.ts'
import type {FederationFacts, PrimaryRemoteFacts, ReaderFacts} from './facts.ts'
import {readPrimaryRemoteFacts} from './read-primary-remote.ts'
import {readerMay} from './read-reader.ts'
import {type DnsServer, readGatewaysRecord, readRemoteRecord} from './record.ts'
import {readImports} from './services/read-imports.ts'

/** The part of a Spec that decides what is read. */
export interface ReadScope {
  systemNamespace: string
  revision: string | undefined
  dns?: DnsServer
  mode?: 'multi-primary' | 'primary-remote' | 'gateways'
  controlPlane?: 'keep' | 'istioctl' | 'helm' | 'sail'
  /** Also count objects as created that only carry the label: `--trust-labels`. */
  trustLabels?: boolean
}

/** A sample of the rights that istiod needs. An account that has them can serve a federation. */
const readerRights = [
  {verb: 'list', group: '', resource: 'services'},
  {verb: 'watch', group: '', resource: 'pods'},
  {verb: 'list', group: 'discovery.k8s.io', resource: 'endpointslices'},
  {verb: 'list', group: 'networking.istio.io', resource: 'workloadentries'},
]

/**
 * Reads the facts of one cluster, all groups in parallel. Writes nothing.
 *
 * @throws ApiError, UnreachableError
 */
export async function readFederationFacts(cluster: Cluster, where: ReadScope): Promise<FederationFacts> {
  const [identity, istio, secrets, gateways, reader, history] = await Promise.all([
    readIdentity(cluster),
    readIstio(cluster, where),
    readSecrets(cluster, where),
    readGateways(cluster, where),
    readReader(cluster, where),
    readHistory(cluster, where),
  ])
  return {cluster, ...identity, ...istio, ...secrets, ...gateways, reader, ...history}
}

async function readIdentity(cluster: Cluster): Promise<Pick<FederationFacts, 'kubernetes' | 'uid'>> {
  const [version, kubeSystem] = await Promise.all([
    cluster.read('/version') as Promise<{gitVersion?: string}>,
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: 'kube-system'}),
  ])
  return {kubernetes: version.gitVersion ?? '', uid: kubeSystem?.metadata.uid ?? ''}
}

type IstioFacts = Pick<FederationFacts, 'hasIstioCrds' | 'hasSailCrds' | 'namespace' | 'controlPlanes' | 'servedRoot'>

async function readIstio(cluster: Cluster, where: ReadScope): Promise<IstioFacts> {
  const {systemNamespace: namespace} = where
  const [hasIstioCrds, hasSailCrds, system, controlPlanes, rootMap] = await Promise.all([
    isDefined(cluster, 'gateways.networking.istio.io'),
    where.controlPlane === 'sail' ? isDefined(cluster, 'istios.sailoperator.io') : undefined,
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
    readControlPlanes(cluster, namespace),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'istio-ca-root-cert'}),
  ])
  const servedRoot = (rootMap?.data as Record<string, string> | undefined)?.['root-cert.pem']
  return {hasIstioCrds, hasSailCrds, namespace: system, controlPlanes, servedRoot}
}

async function readSecrets(
  cluster: Cluster,
  {systemNamespace: namespace}: ReadScope,
): Promise<Pick<FederationFacts, 'caSecret' | 'remoteSecrets' | 'tokenSecrets'>> {
  const secrets = await cluster.list({apiVersion: 'v1', kind: 'Secret'}, {namespace})
  return {
    caSecret: secrets.find(({metadata}) => metadata.name === names.caSecret),
    remoteSecrets: secrets.filter(({metadata}) => metadata.labels?.[multiClusterLabel] === 'true'),
    tokenSecrets: new Map(secrets.filter(isReaderToken).map(secret => [secret.metadata.name, secret])),
  }
}

function isReaderToken({type, metadata}: KubernetesObject): boolean {
  return (
    type === 'kubectl-mesh.io/bound-token' ||
    metadata.annotations?.['kubernetes.io/service-account.name'] === names.readerAccount
  )
}

async function readGateways(
  cluster: Cluster,
  {systemNamespace: namespace}: ReadScope,
): Promise<Pick<FederationFacts, 'networkGateways' | 'exposure'>> {
  const [networkGateways, exposure] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'Service'}, {labelSelector: networkLabel}),
    cluster.get({apiVersion: 'networking.istio.io/v1', kind: 'Gateway', namespace, name: names.crossNetworkGateway}),
  ])
  return {networkGateways, exposure}
}

async function readReader(cluster: Cluster, {systemNamespace: namespace}: ReadScope): Promise<ReaderFacts> {
  const [account, allowed, readsSecrets] = await Promise.all([
    cluster.get({apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: names.readerAccount}),
    readerMay(cluster, namespace, readerRights),
    readerMay(cluster, namespace, [{verb: 'list', group: '', resource: 'secrets'}]),
  ])
  return {account, allowed, readsSecrets}
}

type History = Pick<FederationFacts, 'created' | 'unrecorded' | 'record' | 'dnsConfig' | 'imports' | 'primaryRemote'>

/** Reads the results of earlier runs, and the facts that are needed only because of their record. */
async function readHistory(cluster: Cluster, where: ReadScope): Promise<History> {
  const {trustLabels = false} = where
  const {
    parent: record,
    objects: created,
    unrecorded,
  } = await readMembership(cluster, federationApplySet(where), {
    trustLabels,
  })
  const [dnsConfig, imports, primaryRemote] = await Promise.all([
    readDnsConfig(cluster, where, record),
    record ? readImports(cluster, where) : [],
    readIfPrimaryRemote(cluster, where, record),
  ])
  return {created, unrecorded, record, dnsConfig, imports, primaryRemote}
}

async function readDnsConfig(
  cluster: Cluster,
  where: ReadScope,
  record: KubernetesObject | undefined,
): Promise<KubernetesObject | undefined> {
  const dns = where.dns && where.dns !== 'istio' ? where.dns : readGatewaysRecord(record)?.dns
  return dns && dns !== 'istio' ? cluster.get(dnsPlace(dns).ref) : undefined
}

async function readIfPrimaryRemote(
  cluster: Cluster,
  where: ReadScope,
  record: KubernetesObject | undefined,
): Promise<PrimaryRemoteFacts | undefined> {
  const isPrimaryRemote = where.mode === 'primary-remote' || readRemoteRecord(record) !== undefined
  return isPrimaryRemote ? readPrimaryRemoteFacts(cluster, where) : undefined
}

async function isDefined(cluster: Cluster, name: string): Promise<boolean> {
  const definition = {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name}
  return (await cluster.get(definition)) !== undefined
}

/**
 * Reads all control planes of a namespace: each Deployment of istiod with its ConfigMaps.
 *
 * @throws ApiError, UnreachableError
 */
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
