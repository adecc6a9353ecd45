import {type ApplySet, applySetParent} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Change, Edit, Remove} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../../engine/kubernetes/labels.ts'
import {type KubernetesObject, type ObjectRef, refOf} from '../../engine/kubernetes/object.ts'
import {waveOf, waves} from '../../engine/kubernetes/waves.ts'
import {revisioned} from '../../istio/names.ts'
import type {Json} from '../../text/json.ts'
import type {NamedAuthz} from './spec.ts'

/** The ApplySet of one authorizer; its record lies beside istiod. */
export function authzApplySet(which: {name: string; systemNamespace: string; revision: string | undefined}): ApplySet {
  return {
    name: revisioned(`kubectl-mesh-authz-${which.name}`, which.revision),
    namespace: which.systemNamespace,
    kinds: [
      {apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy'},
      {apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter'},
    ],
  }
}

/** What a policy or an EnvoyFilter stands in front of. */
export interface ResolvedTarget {
  namespace: string
  /** Labels of the workloads; empty: all of the namespace. */
  labels: Record<string, string>
  /** A Gateway of the Gateway API, which is pointed at by its name. */
  gateway?: string | undefined
  /** Proxies there are gateways. */
  isGateway: boolean
}

/** An authorizer as the builders need it. */
export interface Authorizer {
  cluster: string
  spec: NamedAuthz
  /** Host of the service in full, or `namespace/host`. */
  host: string
  target: ResolvedTarget
}

/** An entry of `extensionProviders`. */
export type Provider = {[key: string]: Json; name: string}

/** The authorizer as a provider (istio.io/api mesh/v1alpha1, MeshConfig.ExtensionProvider, 1.31). */
export function buildProvider(spec: NamedAuthz, host: string): Provider {
  const common = {
    service: host,
    port: spec.service.port,
    // the mesh config is protobuf: seconds only
    timeout: `${spec.timeout / 1000}s`,
    ...(spec.fail === 'open' ? {failOpen: true} : {}),
    ...(spec.includeBody === undefined
      ? {}
      : {includeRequestBodyInCheck: {maxRequestBytes: spec.includeBody, allowPartialMessage: true}}),
  }
  if (spec.type === 'grpc') return {name: spec.name, envoyExtAuthzGrpc: common}
  const headers = spec.headersToCheck.length > 0 ? {includeRequestHeadersInCheck: [...spec.headersToCheck]} : {}
  return {name: spec.name, envoyExtAuthzHttp: {...common, ...headers}}
}

/** The policy that sends requests to the provider, as a member of the authorizer's set. */
export function buildPolicy({cluster, spec, target}: Authorizer): Apply {
  return {
    action: 'apply',
    cluster,
    // after the provider: a policy whose provider is not there denies everything
    wave: waves.exposure,
    object: {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: {
        name: spec.name,
        namespace: target.namespace,
        labels: {...managedByLabels, ...revisionLabels(spec.revision)},
      },
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

function ruleOf({paths, notPaths, methods}: NamedAuthz): Record<string, unknown> {
  const operation = {
    ...(paths.length > 0 ? {paths: [...paths]} : {}),
    ...(notPaths.length > 0 ? {notPaths: [...notPaths]} : {}),
    ...(methods.length > 0 ? {methods: [...methods]} : {}),
  }
  return Object.keys(operation).length > 0 ? {to: [{operation}]} : {}
}

/** The record of an authorizer, for `list`, `verify` and `detach`. */
export function buildAuthzRecord({cluster, spec}: Pick<Authorizer, 'cluster' | 'spec'>): Apply {
  return applySetParent(authzApplySet(spec), cluster, {cluster, name: spec.name, via: spec.via})
}

/** How the proxy's own filter is called, by which istiod's reader finds it (Envoy 1.40, Istio 1.31). */
const filters = {
  connectionManager: 'envoy.filters.network.http_connection_manager',
  router: 'envoy.filters.http.router',
  extAuthz: 'envoy.filters.http.ext_authz',
}

/**
 * The authorizer as a filter of the proxies themselves, right before their router, for meshes whose mesh config is not
 * to be touched. It is asked for every request, and its names are Envoy's, which change with Envoy.
 */
export function buildAuthzFilter({cluster, spec, host, target}: Authorizer): Apply {
  const labels =
    target.gateway === undefined ? target.labels : {'gateway.networking.k8s.io/gateway-name': target.gateway}
  return {
    action: 'apply',
    cluster,
    wave: waves.exposure,
    object: {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: {
        name: spec.name,
        namespace: target.namespace,
        labels: {...managedByLabels, ...revisionLabels(spec.revision)},
      },
      spec: {
        ...(Object.keys(labels).length > 0 ? {workloadSelector: {labels}} : {}),
        configPatches: [
          {
            applyTo: 'HTTP_FILTER',
            match: {
              context: target.isGateway ? 'GATEWAY' : 'SIDECAR_INBOUND',
              listener: {filterChain: {filter: {name: filters.connectionManager, subFilter: {name: filters.router}}}},
            },
            patch: {
              operation: 'INSERT_BEFORE',
              value: {name: filters.extAuthz, typed_config: filterConfig(spec, host)},
            },
          },
        ],
      },
    },
  }
}

function filterConfig(spec: NamedAuthz, host: string): Record<string, unknown> {
  const name = host.slice(host.indexOf('/') + 1)
  const upstream = `outbound|${spec.service.port}||${name}`
  const timeout = `${spec.timeout / 1000}s`
  const server =
    spec.type === 'grpc'
      ? {grpc_service: {envoy_grpc: {cluster_name: upstream, authority: name}, timeout}}
      : {
          http_service: {server_uri: {uri: `http://${name}`, cluster: upstream, timeout}},
          ...(spec.headersToCheck.length > 0 ? {allowed_headers: {patterns: spec.headersToCheck.map(matcherOf)}} : {}),
        }
  return {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
    transport_api_version: 'V3',
    failure_mode_allow: spec.fail === 'open',
    ...(spec.includeBody === undefined
      ? {}
      : {with_request_body: {max_request_bytes: spec.includeBody, allow_partial_message: true}}),
    ...server,
  }
}

function matcherOf(header: string): Record<string, unknown> {
  if (header.endsWith('*')) return {prefix: header.slice(0, -1), ignore_case: true}
  return header.startsWith('*') ? {suffix: header.slice(1), ignore_case: true} : {exact: header, ignore_case: true}
}

/** What goes with an authorizer: its policies and filters first, its provider, then the record. */
export function buildDetach(
  cluster: string,
  set: ApplySet,
  made: readonly KubernetesObject[],
  providers: readonly Edit[],
): Change[] {
  const record: ObjectRef = {apiVersion: 'v1', kind: 'ConfigMap', namespace: set.namespace, name: set.name}
  const remove = (target: ObjectRef, wave: Remove['wave']): Remove => ({action: 'remove', cluster, wave, target})
  return [
    ...made.map(object => remove(refOf(object), object.kind === 'ConfigMap' ? waveOf(object) : waves.exposure)),
    ...providers,
    remove(record, waves.namespaces),
  ]
}
