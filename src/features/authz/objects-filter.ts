import type {Apply} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import type {ExtAuthz} from './istio.ts'
import {labelsOfTarget} from './istio-target.ts'
import {type Authorizer, authzMetadata, timeoutOf} from './objects.ts'
import type {CompleteAuthz} from './spec.ts'

/** Names of Envoy's filters, as istiod generates them (Envoy 1.40, Istio 1.31). */
const filters = {
  connectionManager: 'envoy.filters.network.http_connection_manager',
  router: 'envoy.filters.http.router',
  extAuthz: 'envoy.filters.http.ext_authz',
}

/**
 * The EnvoyFilter that adds the ext_authz filter before the router, for meshes whose mesh config must not be changed. It
 * applies to every request, and depends on names that Envoy may change.
 */
export function buildAuthzFilter(authorizer: Authorizer): Apply {
  const {cluster, spec, host, target} = authorizer
  const labels = labelsOfTarget(target)
  return {
    action: 'apply',
    cluster,
    wave: waves.exposure,
    object: {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: authzMetadata(authorizer),
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

/** The configuration of the ext_authz filter (Envoy, extensions/filters/http/ext_authz/v3). */
interface FilterConfig {
  '@type'?: string
  transport_api_version?: string
  failure_mode_allow?: boolean
  with_request_body?: {max_request_bytes: number; allow_partial_message: boolean}
  http_service?: {server_uri?: {uri: string; cluster: string; timeout: string}}
  grpc_service?: {envoy_grpc?: {cluster_name: string; authority: string}; timeout?: string}
}

function filterConfig(spec: CompleteAuthz, host: string): FilterConfig {
  return {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
    transport_api_version: 'V3',
    failure_mode_allow: spec.fail === 'open',
    ...(spec.includeBody === undefined
      ? {}
      : {with_request_body: {max_request_bytes: spec.includeBody, allow_partial_message: true}}),
    ...serverConfig(spec, host.slice(host.indexOf('/') + 1)),
  }
}

function serverConfig(spec: CompleteAuthz, host: string) {
  const cluster = `outbound|${spec.service.port}||${host}`
  const timeout = timeoutOf(spec)
  if (spec.type === 'grpc') return {grpc_service: {envoy_grpc: {cluster_name: cluster, authority: host}, timeout}}
  const patterns = spec.headersToCheck.map(matcherOf)
  return {
    http_service: {server_uri: {uri: `http://${host}`, cluster, timeout}},
    ...(patterns.length > 0 ? {allowed_headers: {patterns}} : {}),
  }
}

function matcherOf(header: string): Record<string, unknown> {
  if (header.endsWith('*')) return {prefix: header.slice(0, -1), ignore_case: true}
  return header.startsWith('*') ? {suffix: header.slice(1), ignore_case: true} : {exact: header, ignore_case: true}
}

/** The authorizer that an EnvoyFilter of `buildAuthzFilter` uses. */
export function readFilter(filter: KubernetesObject): ExtAuthz {
  const {configPatches = []} = filter.spec as {configPatches?: {patch?: {value?: {typed_config?: FilterConfig}}}[]}
  const config = configPatches[0]?.patch?.value?.typed_config ?? {}
  const {cluster, ...server} = serverOf(config)
  // outbound|PORT|SUBSET|HOST
  const [, port = '0', , host = ''] = cluster.split('|')
  return {
    ...server,
    name: filter.metadata.name,
    service: host,
    port: Number(port),
    failOpen: config.failure_mode_allow === true,
  }
}

function serverOf({http_service, grpc_service = {}}: FilterConfig): Pick<ExtAuthz, 'type' | 'timeout'> & {
  cluster: string
} {
  const uri = http_service?.server_uri
  return uri
    ? {type: 'http', cluster: uri.cluster, timeout: uri.timeout}
    : {type: 'grpc', cluster: grpc_service.envoy_grpc?.cluster_name ?? '', timeout: grpc_service.timeout}
}
