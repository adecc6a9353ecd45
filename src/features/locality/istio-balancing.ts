import {networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {minorOf} from '../../istio/control-plane.ts'
import {coversHost, hostOfRule, type MeshHost} from '../../istio/mesh-host.ts'
import {localityLabels} from './istio.ts'
import {findService} from './istio-endpoints.ts'
import type {Balancing, LocalitySetting} from './istio-serve.ts'
import type {LocalityFacts} from './read.ts'

/** The fields of a DestinationRule's traffic policy that affect locality load balancing. */
export interface TrafficPolicy {
  loadBalancer?: {localityLbSetting?: LocalitySetting; zoneAwareLbSetting?: object}
  outlierDetection?: object
  portLevelSettings?: {port?: {number?: number}; loadBalancer?: object; outlierDetection?: object}[]
}

/** The traffic policy of a DestinationRule. Empty without a rule. */
export function policyOf(rule: KubernetesObject | undefined): TrafficPolicy {
  return (rule?.spec as {trafficPolicy?: TrafficPolicy} | undefined)?.trafficPolicy ?? {}
}

/** A DestinationRule in messages: `DestinationRule sample/helloworld`. */
export function ruleTitle({metadata}: KubernetesObject): string {
  return `DestinationRule ${metadata.namespace}/${metadata.name}`
}

/** Where istiod looks for the DestinationRule of a host. */
export interface RuleScope {
  /** Namespace of the service. */
  namespace: string
  rootNamespace: string
  clusterDomain: string
}

/** The scope of a host. A host that is not in the cluster is looked up in the namespace of istiod. */
export function scopeOf(
  host: MeshHost,
  facts: LocalityFacts,
  spec: {systemNamespace: string; clusterDomain: string},
): RuleScope {
  const service = findService(host, facts)
  return {
    namespace: service?.metadata.namespace ?? host.service?.namespace ?? spec.systemNamespace,
    rootNamespace: facts.mesh.rootNamespace ?? spec.systemNamespace,
    clusterDomain: spec.clusterDomain,
  }
}

/**
 * The DestinationRule that applies to clients whose namespace has none for the host. istiod prefers the namespace of the
 * service to the root namespace, then the most specific host, then the oldest rule
 * (pilot/pkg/model/push_context.go, destinationRule, Istio 1.31).
 */
export function ruleOf(
  host: string,
  rules: readonly KubernetesObject[],
  scope: RuleScope,
): KubernetesObject | undefined {
  const covering = rules.filter(rule => coversHost(hostOfRule(rule, scope.clusterDomain), host))
  for (const namespace of [scope.namespace, scope.rootNamespace]) {
    const [found] = covering
      .filter(({metadata}) => metadata.namespace === namespace)
      .sort((a, b) => specificity(b, host, scope) - specificity(a, host, scope) || createdAt(a) - createdAt(b))
    if (found) return found
  }
  return undefined
}

/** The DestinationRule for exactly this host in the namespace of its service. Of two such rules, only one has an effect. */
export function exactRule(
  host: MeshHost,
  rules: readonly KubernetesObject[],
  scope: RuleScope,
): KubernetesObject | undefined {
  const exact = rules.filter(
    rule => rule.metadata.namespace === scope.namespace && hostOfRule(rule, scope.clusterDomain) === host.host,
  )
  return ruleOf(host.host, exact, scope)
}

function specificity(rule: KubernetesObject, host: string, {clusterDomain}: RuleScope): number {
  const ruleHost = hostOfRule(rule, clusterDomain)
  return ruleHost === host ? Number.MAX_SAFE_INTEGER : ruleHost.length
}

function createdAt({metadata}: KubernetesObject): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0
}

/** How a host is balanced, and which object sets it. */
export interface Effective extends Balancing {
  /** For the user: `DestinationRule sample/helloworld`. */
  source: string
  /** The rule sets `zoneAwareLbSetting`. Envoy evaluates it at run time, so no order can be computed. */
  zoneAware: boolean
}

/** The settings that can determine how a host is balanced. */
export interface BalancingSources {
  rule: KubernetesObject | undefined
  /** `PreferClose`, `PreferSameZone` or `PreferSameNode`. Undefined if this Istio reads none. */
  trafficDistribution: string | undefined
  /** `localityLbSetting` of the mesh config. Undefined for istiod's default, which is on. */
  mesh: LocalitySetting | undefined
}

/**
 * How a host is balanced. A DestinationRule takes precedence over traffic distribution, which takes precedence over the
 * mesh config (GetEffectiveLbSetting, Istio 1.31).
 */
export function effectiveBalancing({rule, trafficDistribution, mesh}: BalancingSources): Effective {
  const {loadBalancer = {}, outlierDetection} = policyOf(rule)
  const {localityLbSetting, zoneAwareLbSetting} = loadBalancer
  const source = rule ? ruleTitle(rule) : 'no DestinationRule'
  const failsOver = outlierDetection !== undefined
  if (zoneAwareLbSetting) return {setting: undefined, failsOver, source, zoneAware: true}
  if (localityLbSetting) return {setting: unlessOff(localityLbSetting), failsOver, source, zoneAware: false}
  const labels = distributionLabels(trafficDistribution)
  if (labels)
    return {
      setting: {failoverPriority: labels},
      failsOver: true,
      source: `trafficDistribution ${trafficDistribution}`,
      zoneAware: false,
    }
  return {
    setting: unlessOff(mesh ?? {}),
    failsOver,
    source: mesh ? 'the mesh config' : "Istio's default",
    zoneAware: false,
  }
}

function unlessOff(setting: LocalitySetting): LocalitySetting | undefined {
  return setting.enabled === false ? undefined : setting
}

/** The `failoverPriority` to which istiod translates a traffic distribution. */
function distributionLabels(distribution: string | undefined): string[] | undefined {
  const zone = [networkLabel, localityLabels.region, localityLabels.zone]
  if (distribution === 'PreferClose' || distribution === 'PreferSameZone') return zone
  if (distribution === 'PreferSameNode') return [...zone, localityLabels.subzone, 'kubernetes.io/hostname']
  return undefined
}

/**
 * The traffic distribution of a Service: from its field, its annotation or the annotation of its namespace. Undefined for
 * Istio before 1.25, which does not read it for sidecars.
 */
export function trafficDistributionOf(service: KubernetesObject | undefined, facts: LocalityFacts): string | undefined {
  if (service?.kind !== 'Service' || (minorOf(facts.controlPlane.controlPlane?.version) ?? 1025) < 1025)
    return undefined
  const annotation = 'networking.istio.io/traffic-distribution'
  const namespace = facts.namespaces.find(({metadata}) => metadata.name === service.metadata.namespace)
  return (
    (service.spec as {trafficDistribution?: string} | undefined)?.trafficDistribution ??
    service.metadata.annotations?.[annotation] ??
    namespace?.metadata.annotations?.[annotation]
  )
}
