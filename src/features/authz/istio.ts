import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** An external authorizer as the mesh config names it (`extensionProviders`, istio.io/api mesh/v1alpha1). */
export interface ExtAuthz {
  name: string
  type: 'grpc' | 'http'
  /** Host, or `namespace/host`. */
  service: string
  port: number
  failOpen: boolean
  timeout: string | undefined
}

interface ProviderBody {
  service?: string
  port?: number
  failOpen?: boolean
  timeout?: string
}

/** The external authorizers of a mesh config; other providers (tracers, access logs) are passed over. */
export function readExtAuthz(providers: readonly unknown[] | undefined): ExtAuthz[] {
  return (providers ?? []).flatMap(provider => {
    if (typeof provider !== 'object' || provider === null) return []
    const {name, envoyExtAuthzGrpc, envoyExtAuthzHttp} = provider as Record<string, unknown>
    const body = (envoyExtAuthzGrpc ?? envoyExtAuthzHttp) as ProviderBody | undefined
    if (!body || typeof name !== 'string') return []
    return [
      {
        name,
        type: envoyExtAuthzGrpc ? ('grpc' as const) : ('http' as const),
        service: body.service ?? '',
        port: Number(body.port ?? 0),
        failOpen: body.failOpen === true,
        timeout: body.timeout,
      },
    ]
  })
}

/** What is read of an AuthorizationPolicy. */
export interface PolicySpec {
  action?: string
  provider?: {name?: string}
  selector?: {matchLabels?: Record<string, string>}
  targetRef?: TargetRef
  targetRefs?: TargetRef[]
  rules?: PolicyRule[]
}

interface TargetRef {
  group?: string
  kind: string
  name: string
}

interface PolicyRule {
  from?: {source?: Record<string, unknown>}[]
  to?: {operation?: Record<string, unknown>}[]
  when?: {key?: string}[]
}

/** The spec of an AuthorizationPolicy. */
export function policySpecOf(policy: KubernetesObject): PolicySpec {
  return (policy.spec ?? {}) as PolicySpec
}

/** The policies that ask an external authorizer. */
export function customPolicies(policies: readonly KubernetesObject[]): KubernetesObject[] {
  return policies.filter(policy => policySpecOf(policy).action === 'CUSTOM')
}

const refusedSources = ['namespaces', 'serviceAccounts', 'trustDomains', 'principals', 'requestPrincipals']
const refusedKeys = /^(source\.(namespace|serviceAccount|principal|trustDomain)|request\.auth\..*)$/

/** Fields of a CUSTOM policy that istiod refuses (pkg/config/validation, validateCustomRules, 1.31). */
export function refusedFields(policy: KubernetesObject): string[] {
  const {rules = []} = policySpecOf(policy)
  return rules.flatMap(({from = [], when = []}) => [
    ...from.flatMap(({source = {}}) => Object.keys(source).filter(key => refusedSources.includes(plainKey(key)))),
    ...when.flatMap(({key = ''}) => (refusedKeys.test(key.replace(/\[.*$/, '')) ? [key] : [])),
  ])
}

/** `notPrincipals` → `principals`. */
function plainKey(key: string): string {
  return key.replace(/^not([A-Z])/, (_, letter: string) => letter.toLowerCase())
}

/**
 * Whether a policy reaches a workload: its namespace or the root namespace, and a selector that fits. A policy with
 * `targetRefs` reaches the pods of a Gateway of the Gateway API, which carry its name as a label.
 */
export function reaches(policy: KubernetesObject, pod: KubernetesObject, rootNamespace: string): boolean {
  const {selector, targetRef, targetRefs = []} = policySpecOf(policy)
  const {namespace} = policy.metadata
  if (namespace !== pod.metadata.namespace && namespace !== rootNamespace) return false
  const labels = pod.metadata.labels ?? {}
  const refs = targetRef ? [targetRef, ...targetRefs] : targetRefs
  if (refs.length > 0)
    return refs.some(({kind, name}) => kind === 'Gateway' && labels['gateway.networking.k8s.io/gateway-name'] === name)
  return Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
}

/** `host` of a provider's service, which may be `namespace/host`. */
export function hostOfService(service: string): {namespace: string | undefined; host: string} {
  const slash = service.indexOf('/')
  return slash < 0
    ? {namespace: undefined, host: service}
    : {namespace: service.slice(0, slash), host: service.slice(slash + 1)}
}

interface FilterConfig {
  failure_mode_allow?: boolean
  http_service?: {server_uri?: {cluster?: string; timeout?: string}}
  grpc_service?: {envoy_grpc?: {cluster_name?: string}; timeout?: string}
}

/** The authorizer that an EnvoyFilter of ours asks (`buildAuthzFilter`). */
export function readFilter(filter: KubernetesObject): ExtAuthz {
  const {configPatches = []} = filter.spec as {configPatches?: {patch?: {value?: {typed_config?: FilterConfig}}}[]}
  const config = configPatches[0]?.patch?.value?.typed_config ?? {}
  const http = config.http_service?.server_uri
  const [, port = '0', , host = ''] = (http?.cluster ?? config.grpc_service?.envoy_grpc?.cluster_name ?? '').split('|')
  return {
    name: filter.metadata.name,
    type: http ? 'http' : 'grpc',
    service: host,
    port: Number(port),
    failOpen: config.failure_mode_allow === true,
    timeout: http?.timeout ?? config.grpc_service?.timeout,
  }
}
