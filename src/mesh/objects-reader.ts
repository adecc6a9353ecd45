import {type Apply, targetOf} from '../engine/kubernetes/change.ts'
import {managedByLabels, peerAnnotation} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectKind, ObjectRef} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {
  names,
  peerBoundTokenName,
  peerTokenName,
  type Reader,
  readerAccounts,
  readerRoleName,
  sharedBoundTokenName,
  sharedTokenName,
  type TokenSlot,
} from '../istio/names.ts'

/** The kinds that `buildReader` and `buildReaderToken` create. */
export const readerKinds: readonly ObjectKind[] = [
  {apiVersion: 'v1', kind: 'ServiceAccount'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding'},
  {apiVersion: 'v1', kind: 'Secret'},
]

const readVerbs = ['get', 'list', 'watch']

/**
 * The rights that another cluster's istiod needs. All are read-only except those for reviews and serviceexports.
 *
 * Source: istio manifests/charts/istio-control/istio-discovery/templates/reader-clusterrole.yaml (1.31; `configmaps`
 * since 1.29).
 */
function readerRules(readsSecrets: boolean): object[] {
  return [
    {
      apiGroups: [
        'config.istio.io',
        'security.istio.io',
        'networking.istio.io',
        'authentication.istio.io',
        'rbac.istio.io',
        'telemetry.istio.io',
        'extensions.istio.io',
      ],
      resources: ['*'],
      verbs: readVerbs,
    },
    {
      apiGroups: [''],
      resources: [
        'endpoints',
        'pods',
        'services',
        'nodes',
        'replicationcontrollers',
        'namespaces',
        ...(readsSecrets ? ['secrets'] : []),
        'configmaps',
      ],
      verbs: readVerbs,
    },
    {apiGroups: ['networking.x-k8s.io', 'gateway.networking.k8s.io'], resources: ['gateways'], verbs: readVerbs},
    {apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: readVerbs},
    {apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: readVerbs},
    {apiGroups: ['multicluster.x-k8s.io'], resources: ['serviceexports'], verbs: [...readVerbs, 'create', 'delete']},
    {apiGroups: ['multicluster.x-k8s.io'], resources: ['serviceimports'], verbs: readVerbs},
    {apiGroups: ['apps'], resources: ['replicasets'], verbs: readVerbs},
    {apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create']},
    {apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create']},
  ]
}

/** The rights to write root certificates, leases and the CA of webhooks in a remote (same template, istiodRemote). */
const leaderRules = [
  {apiGroups: [''], resources: ['configmaps'], verbs: ['create', ...readVerbs, 'update']},
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations'],
    verbs: [...readVerbs, 'update', 'patch'],
  },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['validatingwebhookconfigurations'],
    verbs: [...readVerbs, 'update'],
  },
]

/** The rights of the reader account that depend on who reads the cluster. */
export interface ReaderRights {
  /** The cluster is a remote: add the write access that the primary's istiod needs there. */
  writesAsLeader: boolean
  /** An istiod that reads the cluster also reads its Secrets (`ControlPlane.readsRemoteSecrets`). */
  readsSecrets: boolean
}

/** Returns the account that other clusters' istiods use to read a cluster, with its rights. */
export function buildReader(cluster: string, systemNamespace: string, rights: ReaderRights): Apply[] {
  const labels = {...managedByLabels, app: 'istio-reader'}
  const role = readerRoleName(systemNamespace)
  const apply = (object: KubernetesObject): Apply => ({action: 'apply', cluster, wave: waves.credentials, object})
  return [
    apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {name: names.readerAccount, namespace: systemNamespace, labels},
    }),
    apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: {name: role, labels},
      rules: [...readerRules(rights.readsSecrets), ...(rights.writesAsLeader ? leaderRules : [])],
    }),
    apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: {name: role, labels},
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role},
      subjects: [{kind: 'ServiceAccount', name: names.readerAccount, namespace: systemNamespace}],
    }),
  ]
}

/** The objects of the reader account, whatever its rights. */
export function readerRefs(systemNamespace: string): ObjectRef[] {
  return buildReader('', systemNamespace, {writesAsLeader: false, readsSecrets: false}).map(targetOf)
}

/** Settings of the Secret behind a token of the reader account. */
export interface ReaderToken {
  cluster: string
  systemNamespace: string
  /** The cluster whose istiod uses the token; undefined when all peers share one. */
  peer?: string
  /**
   * true: short-lived tokens are bound to the Secret, and deleting it revokes them (TokenRequest boundObjectRef).
   * false: Kubernetes adds a token that does not expire to the Secret (type service-account-token).
   */
  bound: boolean
  /** Default: the first. */
  slot?: TokenSlot
  /** What uses the token (default istiod). Kiali has a token for each peer. */
  reader?: Reader
}

/** What determines the name of the Secret behind a token. */
export type TokenNaming = Pick<ReaderToken, 'peer' | 'bound' | 'slot' | 'reader'>

/** Returns the name of the Secret behind a token. */
export function readerTokenName({peer, bound, slot = '', reader = 'istiod'}: TokenNaming): string {
  if (peer === undefined) return `${bound ? sharedBoundTokenName : sharedTokenName}${slot}`
  return bound ? peerBoundTokenName(peer, slot, reader) : peerTokenName(peer, slot, reader)
}

/**
 * Returns the first Secret for a token: the one that a rotation has not replaced yet.
 *
 * @param peer undefined for the Secret that all peers share
 */
export function firstTokenNaming(peer: string | undefined, bound: boolean, reader: Reader = 'istiod'): TokenNaming {
  return {...(peer === undefined ? {} : {peer}), ...(reader === 'istiod' ? {} : {reader}), bound, slot: ''}
}

/**
 * Returns which of our token Secrets has a name; undefined if it is none of a peer.
 *
 * @param peer undefined for the Secrets that all peers share
 */
export function tokenNamingIn(
  name: string,
  peer: string | undefined,
  reader: Reader = 'istiod',
): TokenNaming | undefined {
  const slot = (name.match(/-token(\d*)(?=-|$)/)?.[1] ?? '') as TokenSlot
  return [true, false]
    .map(bound => ({...firstTokenNaming(peer, bound, reader), slot}))
    .find(naming => readerTokenName(naming) === name)
}

/**
 * Returns the Secret for a token that replaces another one. Its number is higher than that of all former Secrets with tokens that do
 * not expire; one for short-lived tokens keeps the number.
 */
export function nextTokenNaming(current: TokenNaming, bound: boolean): TokenNaming {
  const {slot = ''} = current
  const keepsNumber = bound && !current.bound
  return {...current, bound, slot: keepsNumber ? slot : `${Number(slot || '1') + 1}`}
}

/** Returns the Secret behind a token of the reader account. Deleting the Secret revokes the token. */
export function buildReaderToken(token: ReaderToken): Apply {
  const {reader = 'istiod'} = token
  const annotations = {
    ...(token.peer === undefined ? {} : {[peerAnnotation]: token.peer}),
    ...(token.bound ? {} : {'kubernetes.io/service-account.name': readerAccounts[reader]}),
  }
  const metadata = {
    name: readerTokenName(token),
    namespace: token.systemNamespace,
    labels: {...managedByLabels, app: reader === 'istiod' ? 'istio-reader' : readerAccounts[reader]},
    ...(Object.keys(annotations).length > 0 ? {annotations} : {}),
  }
  const type = token.bound ? 'kubectl-mesh.io/bound-token' : 'kubernetes.io/service-account-token'
  return {
    action: 'apply',
    cluster: token.cluster,
    wave: waves.credentials,
    object: {apiVersion: 'v1', kind: 'Secret', metadata, type},
  }
}
