import {type ApplySet, applySetId, applySetParent, partOfLabel} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Change, Edit, Remove} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../../engine/kubernetes/labels.ts'
import {type KubernetesObject, type ObjectRef, refOf} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {revisioned} from '../../istio/names.ts'
import type {Json} from '../../text/json.ts'
import type {ResolvedTarget} from './istio-target.ts'
import type {AuthorizerRef, CompleteAuthz} from './spec.ts'

/** The ApplySet of one authorizer. Its record is in the namespace of istiod. */
export function authzApplySet(which: AuthorizerRef): ApplySet {
  return {
    name: revisioned(`kubectl-mesh-authz-${which.name}`, which.revision),
    namespace: which.systemNamespace,
    kinds: [
      {apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy'},
      {apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter'},
    ],
  }
}

/** Whether `mesh authz attach` created an object for this authorizer. */
export function isOfAuthorizer({metadata}: KubernetesObject, which: AuthorizerRef): boolean {
  return metadata.labels?.[partOfLabel] === applySetId(authzApplySet(which))
}

/** The input of the builders. */
export interface Authorizer {
  cluster: string
  spec: CompleteAuthz
  /** Full host of the service, or `namespace/host`. */
  host: string
  target: ResolvedTarget
}

/** An entry of `extensionProviders`. */
export type Provider = {[key: string]: Json; name: string}

/** The timeout of an authorizer. Protobuf's JSON format accepts durations in seconds only. */
export function timeoutOf({timeout}: Pick<CompleteAuthz, 'timeout'>): string {
  return `${timeout / 1000}s`
}

/** The provider of an authorizer (istio.io/api mesh/v1alpha1, MeshConfig.ExtensionProvider, Istio 1.31). */
export function buildProvider(spec: CompleteAuthz, host: string): Provider {
  const common = {
    service: host,
    port: spec.service.port,
    timeout: timeoutOf(spec),
    ...(spec.fail === 'open' ? {failOpen: true} : {}),
    ...(spec.includeBody === undefined
      ? {}
      : {includeRequestBodyInCheck: {maxRequestBytes: spec.includeBody, allowPartialMessage: true}}),
  }
  if (spec.type === 'grpc') return {name: spec.name, envoyExtAuthzGrpc: common}
  const headers = spec.headersToCheck.length > 0 ? {includeRequestHeadersInCheck: [...spec.headersToCheck]} : {}
  return {name: spec.name, envoyExtAuthzHttp: {...common, ...headers}}
}

/** The metadata of the policy or the EnvoyFilter of an authorizer. */
export function authzMetadata({spec, target}: Authorizer): KubernetesObject['metadata'] {
  return {
    name: spec.name,
    namespace: target.namespace,
    labels: {...managedByLabels, ...revisionLabels(spec.revision)},
  }
}

/** The AuthorizationPolicy that sends requests to the provider. */
export function buildPolicy(authorizer: Authorizer): Apply {
  const {cluster, spec, target} = authorizer
  return {
    action: 'apply',
    cluster,
    // Later than the provider: without its provider, a policy denies every request.
    wave: waves.exposure,
    object: {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: authzMetadata(authorizer),
      spec: {
        ...scopeOf(target),
        action: 'CUSTOM',
        provider: {name: spec.name},
        rules: [ruleOf(spec)],
      },
    },
  }
}

function scopeOf(target: ResolvedTarget): Record<string, unknown> {
  if (target.gateway !== undefined)
    return {targetRefs: [{group: 'gateway.networking.k8s.io', kind: 'Gateway', name: target.gateway}]}
  return Object.keys(target.labels).length > 0 ? {selector: {matchLabels: target.labels}} : {}
}

function ruleOf({paths, notPaths, methods}: CompleteAuthz): Record<string, unknown> {
  const operation = Object.fromEntries(Object.entries({paths, notPaths, methods}).filter(([, list]) => list.length > 0))
  return Object.keys(operation).length > 0 ? {to: [{operation}]} : {}
}

/** The record of an authorizer, which `list`, `verify` and `detach` read. */
export function buildAuthzRecord({cluster, spec}: Pick<Authorizer, 'cluster' | 'spec'>): Apply {
  return applySetParent(authzApplySet(spec), cluster, {cluster, name: spec.name, via: spec.via})
}

/**
 * The removal of an authorizer: its policies and filters, then its provider, then the record.
 *
 * @param created the policies and filters of the authorizer
 * @param providers the edits that remove the provider from mesh configs
 */
export function buildDetach(
  cluster: string,
  set: ApplySet,
  created: readonly KubernetesObject[],
  providers: readonly Edit[],
): Change[] {
  const record: ObjectRef = {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name}
  const remove = (target: ObjectRef, wave: Remove['wave']): Remove => ({action: 'remove', cluster, wave, target})
  return [
    ...created.map(object => remove(refOf(object), waves.exposure)),
    ...providers,
    remove(record, waves.namespaces),
  ]
}
