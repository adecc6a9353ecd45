import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import {applySetParent, applySetParentRemoval} from '../../engine/kubernetes/applyset-parent.ts'
import type {Apply, Change, Edit} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {removalOf} from '../../engine/plan/prune.ts'
import {resourceLabels} from '../../istio/revision.ts'
import type {Json} from '../../text/json.ts'
import type {ResolvedTarget} from './istio-target.ts'
import {type AuthzRecord, providersData, revisionsData, undoData} from './records/objects.ts'
import {authzApplySet, type CompleteAuthz} from './spec.ts'

/** The input of the builders. */
export interface Authorizer {
  cluster: string
  /** Its revision is resolved, not a tag. */
  spec: CompleteAuthz
  /** Full host of the service, or `namespace/host`. */
  host: string
  target: ResolvedTarget
  /** The control plane is a tenant, which reads only resources with the label of its revision. */
  isTenant: boolean
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
export function authzMetadata({spec, target, isTenant}: Authorizer): KubernetesObject['metadata'] {
  return {
    name: spec.name,
    namespace: target.namespace,
    labels: resourceLabels({isTenant, revision: spec.revision}),
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

/**
 * The record of an authorizer, which lists its policy and is read by later runs and by `detach`.
 *
 * @param settings the stored settings
 * @param revisions the revisions that get the provider
 * @param existing the record as it is
 * @param providers the mesh configs that had the provider before, and those from which it must be removed, and how to restore their texts
 */
export function buildAuthzRecord(
  {cluster, spec}: Pick<Authorizer, 'cluster' | 'spec'>,
  settings: Record<string, string>,
  revisions: readonly string[],
  existing: AuthzRecord | undefined,
  providers: Pick<AuthzRecord, 'existing' | 'former'> & Partial<Pick<AuthzRecord, 'undo'>> = {existing: [], former: []},
): Apply {
  const all = revisionsData([...(existing?.revisions ?? []), ...revisions])
  const ofMesh = {...providersData(providers), ...undoData(providers.undo ?? new Map())}
  const data = {cluster, name: spec.name, via: spec.via, ...all, ...ofMesh, ...settings}
  return applySetParent(existing?.set ?? authzApplySet(spec), cluster, data)
}

/**
 * The removal of an authorizer: its policies and filters, then its provider, then the record.
 *
 * @param sets the sets of its records, with the policies and filters of each
 * @param providers the edits that remove the provider from mesh configs
 */
export function buildDetach(
  cluster: string,
  sets: readonly {set: ApplySet; created: readonly KubernetesObject[]}[],
  providers: readonly Edit[],
): Change[] {
  return [
    ...sets.flatMap(({set, created}) =>
      created.map(object => ({...removalOf(cluster, object, waves.exposure), memberOf: set})),
    ),
    ...providers,
    ...sets.map(({set}) => applySetParentRemoval(set, cluster)),
  ]
}
