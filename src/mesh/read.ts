import {isTenantOf} from '../control-plane/read.ts'
import {isDefined} from '../control-plane/read-definitions.ts'
import {readRevision} from '../control-plane/revision.ts'
import {hasSailOperator} from '../control-plane/sail.ts'
import type {Cluster} from '../engine/cluster/cluster.ts'
import {knownResource} from '../engine/cluster/resources.ts'
import {type Snapshot, snapshotOf} from '../engine/cluster/snapshot.ts'
import type {Right} from '../engine/kubernetes/access-rules.ts'
import {applySetParentRef} from '../engine/kubernetes/applyset.ts'
import {multiClusterLabel} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {readMembership} from '../engine/plan/membership.ts'
import {mergedRecord, readReplacedParents} from '../engine/plan/replaced-sets.ts'
import {type ControlPlane, readControlPlane} from '../istio/control-plane.ts'
import {names, revisioned, rotationRecord, tenantRecord} from '../istio/names.ts'
import {needsAmbient, readAmbientFacts} from './ambient/facts.ts'
import type {DataPlane} from './ambient/record.ts'
import {federationApplySet} from './applyset.ts'
import {readDns} from './dns/read.ts'
import type {FederationFacts, PrimaryRemoteFacts, ReaderFacts} from './facts.ts'
import {readGateways} from './gateways/read.ts'
import type {GatewaysByContext} from './gateways/spec.ts'
import type {GatewayType} from './gateways/spec-settings.ts'
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
  /** A run that creates a gateway of type NodePort needs the nodes. */
  gatewayServiceType?: GatewayType
  gateway?: GatewaysByContext
  controlPlane?: 'keep' | 'istioctl' | 'helm' | 'sail'
  /** A run that creates gateways of ambient mode needs more facts. */
  dataPlane?: DataPlane
  /** Also count objects as created that only carry the label: `--trust-labels`. */
  trustLabels?: boolean
}

/** A sample of the rights that istiod needs in a cluster that it reads. An account that has them can serve a federation. */
export const readerRights: readonly Right[] = [
  {verb: 'list', group: '', resource: 'services'},
  {verb: 'watch', group: '', resource: 'pods'},
  {verb: 'list', group: 'discovery.k8s.io', resource: 'endpointslices'},
  {verb: 'list', group: 'networking.istio.io', resource: 'workloadentries'},
]

/**
 * Reads the facts of one cluster, all groups in parallel. Each object is read once, and objects of the system namespace with one
 * LIST per kind. Writes nothing.
 *
 * @param snapshot earlier reads that still hold
 * @throws ApiError, UnreachableError
 */
export async function readFederationFacts(
  cluster: Cluster,
  where: ReadScope,
  snapshot: Snapshot = newSnapshot(cluster, where),
): Promise<FederationFacts> {
  const resolving = readRevision(snapshot, where.revision)
  const reading = readHistory(snapshot, where, resolving)
  const [revision, identity, {tenant, ...istio}, secrets, gateways, exposure, reader, history] = await Promise.all([
    resolving,
    readIdentity(snapshot),
    readIstio(snapshot, where),
    readSecrets(snapshot, where),
    readGateways(snapshot, where),
    readExposure(snapshot, where),
    // The history has read the roles of the account, if kubectl-mesh created it.
    reading.then(() => readReader(snapshot, where)),
    reading,
  ])
  const isTenant = isTenantOf(tenant, revision, istio.controlPlanes)
  const own = {...identity, ...istio, ...secrets, ...gateways, ...exposure}
  const ambient = needsAmbient(where.dataPlane, istio.controlPlanes, history.record)
    ? await readAmbientFacts(snapshot, where)
    : undefined
  return {cluster, snapshot, revision, isTenant, ...own, reader, ...history, ...(ambient ? {ambient} : {})}
}

function newSnapshot(cluster: Cluster, where: ReadScope): Snapshot {
  const {kinds} = federationApplySet(where)
  return snapshotOf(cluster, {
    namespace: where.systemNamespace,
    kinds: kinds.filter(kind => knownResource(kind)?.namespaced),
  })
}

async function readIdentity(cluster: Cluster): Promise<Pick<FederationFacts, 'kubernetes' | 'uid'>> {
  const [version, kubeSystem] = await Promise.all([
    cluster.read('/version') as Promise<{gitVersion?: string}>,
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: 'kube-system'}),
  ])
  return {kubernetes: version.gitVersion ?? '', uid: kubeSystem?.metadata.uid ?? ''}
}

type IstioFacts = Pick<FederationFacts, 'hasIstioCrds' | 'hasSailCrds' | 'namespace' | 'controlPlanes' | 'servedRoot'>

/** Also reads the record of `mesh tenant add`. */
async function readIstio(
  cluster: Cluster,
  where: ReadScope,
): Promise<IstioFacts & {tenant: KubernetesObject | undefined}> {
  const {systemNamespace: namespace} = where
  const configMap = (name: string) => cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name})
  const [hasIstioCrds, hasSailCrds, system, controlPlanes, rootMap, tenant] = await Promise.all([
    isDefined(cluster, 'gateways.networking.istio.io'),
    where.controlPlane === 'sail' ? hasSailOperator(cluster) : undefined,
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
    readControlPlanes(cluster, namespace),
    configMap('istio-ca-root-cert'),
    configMap(tenantRecord),
  ])
  const servedRoot = (rootMap?.data as Record<string, string> | undefined)?.['root-cert.pem']
  return {hasIstioCrds, hasSailCrds, namespace: system, controlPlanes, servedRoot, tenant}
}

async function readSecrets(
  cluster: Cluster,
  {systemNamespace: namespace}: ReadScope,
): Promise<Pick<FederationFacts, 'caSecret' | 'remoteSecrets' | 'tokenSecrets' | 'rotation' | 'clusterAuthority'>> {
  const [secrets, authority] = await Promise.all([
    cluster.list({apiVersion: 'v1', kind: 'Secret'}, {namespace}),
    cluster.get({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'kube-root-ca.crt'}),
  ])
  return {
    clusterAuthority: (authority?.data as Record<string, string> | undefined)?.['ca.crt'],
    caSecret: secrets.find(({metadata}) => metadata.name === names.caSecret),
    rotation: secrets.find(({metadata}) => metadata.name === rotationRecord),
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

async function readExposure(
  cluster: Cluster,
  {systemNamespace: namespace}: ReadScope,
): Promise<Pick<FederationFacts, 'exposure'>> {
  const name = names.crossNetworkGateway
  return {exposure: await cluster.get({apiVersion: 'networking.istio.io/v1', kind: 'Gateway', namespace, name})}
}

async function readReader(cluster: Cluster, {systemNamespace: namespace}: ReadScope): Promise<ReaderFacts> {
  const account = await cluster.get({apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: names.readerAccount})
  if (!account) return {account, allowed: false, readsSecrets: false}
  const [allowed, readsSecrets] = await Promise.all([
    readerMay(cluster, namespace, [...readerRights]),
    readerMay(cluster, namespace, [{verb: 'list', group: '', resource: 'secrets'}]),
  ])
  return {account, allowed, readsSecrets}
}

type History = Pick<
  FederationFacts,
  'created' | 'unrecorded' | 'record' | 'set' | 'replaced' | 'dns' | 'imports' | 'primaryRemote'
>

/**
 * Reads the results of earlier runs, and the facts that are needed only because of their record.
 *
 * @param resolving the revision that the requested revision or tag names
 */
async function readHistory(
  cluster: Cluster,
  where: ReadScope,
  resolving: Promise<string | undefined>,
): Promise<History> {
  const {trustLabels = false} = where
  const {
    parent,
    objects: created,
    unrecorded,
    set,
    replaced,
  } = await readMembership(cluster, federationApplySet(where), {trustLabels})
  const record = mergedRecord(parent, replaced)
  const [dns, imports, primaryRemote] = await Promise.all([
    readDns(cluster, [where.dns ?? 'istio', readGatewaysRecord(record)?.dns ?? 'istio']),
    record ? readImports(cluster, where) : [],
    readIfPrimaryRemote(cluster, {...where, revision: await resolving}, record),
  ])
  return {created, unrecorded, record, set, replaced, dns, imports, primaryRemote}
}

async function readIfPrimaryRemote(
  cluster: Cluster,
  where: ReadScope,
  record: KubernetesObject | undefined,
): Promise<PrimaryRemoteFacts | undefined> {
  const isPrimaryRemote = where.mode === 'primary-remote' || readRemoteRecord(record) !== undefined
  return isPrimaryRemote ? readPrimaryRemoteFacts(cluster, where) : undefined
}

/**
 * Reads all control planes of a namespace, or of the cluster: each Deployment of istiod with its ConfigMaps.
 *
 * @throws ApiError, UnreachableError
 */
export async function readControlPlanes(cluster: Cluster, namespace?: string): Promise<ControlPlane[]> {
  const deployments = await cluster.list(
    {apiVersion: 'apps/v1', kind: 'Deployment'},
    {...(namespace === undefined ? {} : {namespace}), labelSelector: 'app=istiod'},
  )
  return Promise.all(
    deployments.map(async deployment => {
      const {labels, namespace: where = ''} = deployment.metadata
      const configMap = (name: string) =>
        cluster.get({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          namespace: where,
          name: revisioned(name, labels?.['istio.io/rev']),
        })
      const [mesh, injector] = await Promise.all([configMap('istio'), configMap('istio-sidecar-injector')])
      return readControlPlane(deployment, mesh, injector)
    }),
  )
}

/**
 * Reads the record of a federation, for commands that need nothing else of it.
 *
 * @throws ApiError, UnreachableError
 */
export async function readFederationRecord(
  cluster: Cluster,
  where: {systemNamespace: string},
): Promise<KubernetesObject | undefined> {
  const set = federationApplySet(where)
  const [parent, replaced] = await Promise.all([cluster.get(applySetParentRef(set)), readReplacedParents(cluster, set)])
  return mergedRecord(parent, replaced)
}
