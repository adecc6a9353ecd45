import type {Apply} from '../engine/kubernetes/change.ts'
import {managedByLabels, peerAnnotation} from '../engine/kubernetes/labels.ts'
import type {KubernetesObject, ObjectKind} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {
  names,
  peerBoundTokenName,
  peerTokenName,
  readerRoleName,
  sharedBoundTokenName,
  sharedTokenName,
} from '../istio/names.ts'

/** The kinds of `buildReader` and `buildReaderToken`. */
export const readerKinds: readonly ObjectKind[] = [
  {apiVersion: 'v1', kind: 'ServiceAccount'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole'},
  {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding'},
  {apiVersion: 'v1', kind: 'Secret'},
]

const look = ['get', 'list', 'watch']

/**
 * What another cluster's istiod reads (istio manifests/charts/istio-control/istio-discovery/templates/
 * reader-clusterrole.yaml, 1.31; `configmaps` since 1.29). All of it is reading but for the reviews and serviceexports.
 */
export const readerRules = [
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
    verbs: look,
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
      'secrets',
      'configmaps',
    ],
    verbs: look,
  },
  {apiGroups: ['networking.x-k8s.io', 'gateway.networking.k8s.io'], resources: ['gateways'], verbs: look},
  {apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: look},
  {apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: look},
  {apiGroups: ['multicluster.x-k8s.io'], resources: ['serviceexports'], verbs: [...look, 'create', 'delete']},
  {apiGroups: ['multicluster.x-k8s.io'], resources: ['serviceimports'], verbs: look},
  {apiGroups: ['apps'], resources: ['replicasets'], verbs: look},
  {apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create']},
  {apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create']},
]

/** What the primary's istiod writes in a remote: roots, its leases, and its authority into webhooks (the same template, istiodRemote). */
const leaderRules = [
  {apiGroups: [''], resources: ['configmaps'], verbs: ['create', ...look, 'update']},
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations'],
    verbs: [...look, 'update', 'patch'],
  },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['validatingwebhookconfigurations'],
    verbs: [...look, 'update'],
  },
]

/** The account by which the other clusters' istiods read this cluster, with its rights; in a remote they also write. */
export function buildReader(cluster: string, systemNamespace: string, isRemote = false): Apply[] {
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
      rules: isRemote ? [...readerRules, ...leaderRules] : readerRules,
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

/** What a token of the reader account hangs on. */
export interface ReaderToken {
  cluster: string
  systemNamespace: string
  /** The cluster whose istiod uses the token; undefined when all peers share one. */
  peer?: string
  /**
   * true: a Secret that short-lived tokens are bound to, so that deleting it ends them (TokenRequest boundObjectRef).
   * false: a Secret that Kubernetes fills with a token without an end (type service-account-token).
   */
  bound: boolean
}

/** Name of the Secret that a peer's token hangs on. */
export function readerTokenName({peer, bound}: Pick<ReaderToken, 'peer' | 'bound'>): string {
  if (bound) return peer === undefined ? sharedBoundTokenName : peerBoundTokenName(peer)
  return peer === undefined ? sharedTokenName : peerTokenName(peer)
}

/** The Secret that a token of the reader account hangs on: deleting it revokes the token. */
export function buildReaderToken(token: ReaderToken): Apply {
  const annotations = {
    ...(token.peer === undefined ? {} : {[peerAnnotation]: token.peer}),
    ...(token.bound ? {} : {'kubernetes.io/service-account.name': names.readerAccount}),
  }
  const metadata = {
    name: readerTokenName(token),
    namespace: token.systemNamespace,
    labels: {...managedByLabels, app: 'istio-reader'},
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
