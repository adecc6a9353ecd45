import {gatewayNameLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'

/** An external authorizer in `extensionProviders` of the mesh config (istio.io/api mesh/v1alpha1, Istio 1.31). */
export interface ExtAuthz {
  name: string
  type: 'grpc' | 'http'
  /** A host, or `namespace/host`. */
  service: string
  port: number
  failOpen: boolean
  timeout: string | undefined
}

/** The external authorizers of a mesh config. Other providers, such as tracers and access logs, are left out. */
export function readExtAuthz(providers: readonly unknown[] | undefined): ExtAuthz[] {
  return (providers ?? []).flatMap(provider => {
    if (typeof provider !== 'object' || provider === null) return []
    const {name, envoyExtAuthzGrpc, envoyExtAuthzHttp} = provider as Record<string, unknown>
    const body = (envoyExtAuthzGrpc ?? envoyExtAuthzHttp) as Record<string, unknown> | undefined
    if (!body || typeof name !== 'string') return []
    const {service, port, failOpen, timeout} = body
    return [
      {
        name,
        type: envoyExtAuthzGrpc ? ('grpc' as const) : ('http' as const),
        // The types are those that whoever wrote the mesh config chose.
        service: typeof service === 'string' ? service : '',
        port: typeof port === 'number' || typeof port === 'string' ? Number(port) : 0,
        failOpen: failOpen === true,
        timeout: typeof timeout === 'string' ? timeout : undefined,
      },
    ]
  })
}

/** The namespace and the host of a provider's service, which is `host` or `namespace/host`. */
export function hostOfService(service: string): {namespace: string | undefined; host: string} {
  const slash = service.indexOf('/')
  return slash < 0
    ? {namespace: undefined, host: service}
    : {namespace: service.slice(0, slash), host: service.slice(slash + 1)}
}

/** The fields of an AuthorizationPolicy that matter for external authorizers. */
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

/** The name of the provider that a policy uses. */
export function providerOf(policy: KubernetesObject): string | undefined {
  return policySpecOf(policy).provider?.name
}

/** A policy in messages: `AuthorizationPolicy shop/ext`. */
export function policyTitle({metadata}: KubernetesObject): string {
  return `AuthorizationPolicy ${metadata.namespace}/${metadata.name}`
}

/** The policies that use an external authorizer. */
export function customPolicies(policies: readonly KubernetesObject[]): KubernetesObject[] {
  return policies.filter(policy => policySpecOf(policy).action === 'CUSTOM')
}

const refusedSources = ['namespaces', 'serviceAccounts', 'trustDomains', 'principals', 'requestPrincipals']
const refusedKeys = /^(source\.(namespace|serviceAccount|principal|trustDomain)|request\.auth\..*)$/

/**
 * The fields of a CUSTOM policy for which istiod rejects the whole policy
 * (pkg/config/validation, validateCustomRules, Istio 1.31).
 */
export function refusedFields(policy: KubernetesObject): string[] {
  const {rules = []} = policySpecOf(policy)
  return rules.flatMap(({from = [], when = []}) => [
    ...from.flatMap(({source = {}}) => Object.keys(source).filter(key => refusedSources.includes(positive(key)))),
    ...when.flatMap(({key = ''}) => (refusedKeys.test(key.replace(/\[.*$/, '')) ? [key] : [])),
  ])
}

/** The field that a negative one negates: `principals` for `notPrincipals`. */
function positive(key: string): string {
  return key.replace(/^not([A-Z])/, (_, letter: string) => letter.toLowerCase())
}

/**
 * Whether a policy applies to a pod: it is in the same namespace or in the root namespace, and its selector matches.
 * A policy with `targetRefs` applies to the pods of these Gateways of the Gateway API.
 */
export function appliesTo(policy: KubernetesObject, pod: KubernetesObject, rootNamespace: string): boolean {
  const {selector, targetRef, targetRefs = []} = policySpecOf(policy)
  const {namespace} = policy.metadata
  if (namespace !== pod.metadata.namespace && namespace !== rootNamespace) return false
  const labels = pod.metadata.labels ?? {}
  const refs = targetRef ? [targetRef, ...targetRefs] : targetRefs
  if (refs.length > 0) return refs.some(({kind, name}) => kind === 'Gateway' && labels[gatewayNameLabel] === name)
  return Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
}
