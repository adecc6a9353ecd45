import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {coversHost, hostOfRule} from '../../istio/mesh-host.ts'
import {type Balancing, type LocalitySetting, localityLabels} from './istio.ts'

/** What is read of a traffic policy. */
export interface TrafficPolicy {
  loadBalancer?: {localityLbSetting?: LocalitySetting; zoneAwareLbSetting?: object}
  outlierDetection?: object
  portLevelSettings?: {port?: {number?: number}; loadBalancer?: object; outlierDetection?: object}[]
}

/** The traffic policy of a DestinationRule. */
export function policyOf(rule: KubernetesObject | undefined): TrafficPolicy {
  return (rule?.spec as {trafficPolicy?: TrafficPolicy} | undefined)?.trafficPolicy ?? {}
}

/** Where DestinationRules are looked for. */
export interface RuleScope {
  /** Namespace of the service. */
  namespace: string
  rootNamespace: string
  clusterDomain: string
}

/**
 * The DestinationRule that clients follow which have none in their own namespace: of the service's namespace, else of the
 * root namespace; the most exact host, the oldest of equals (pilot/pkg/model/push_context.go, destinationRule, 1.31).
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
      .sort((a, b) => exactness(b, host, scope) - exactness(a, host, scope) || age(a) - age(b))
    if (found) return found
  }
  return undefined
}

function exactness(rule: KubernetesObject, host: string, {clusterDomain}: RuleScope): number {
  const said = hostOfRule(rule, clusterDomain)
  return said === host ? Number.MAX_SAFE_INTEGER : said.length
}

function age({metadata}: KubernetesObject): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0
}

/** Where a setting comes from, and how a host is balanced by it. */
export interface Effective extends Balancing {
  /** In words: `DestinationRule sample/helloworld`. */
  source: string
  /** `zoneAwareLbSetting` decides, which is not worked out here. */
  zoneAware: boolean
}

/** What decides how a host is balanced. */
export interface BalancingSources {
  rule: KubernetesObject | undefined
  /** `PreferClose`, `PreferSameZone`, `PreferSameNode` of the Service or its namespace; undefined: none that is read. */
  trafficDistribution: string | undefined
  /** `localityLbSetting` of the mesh config; undefined: istiod's default, which is on. */
  mesh: LocalitySetting | undefined
}

/** DestinationRule before traffic distribution before mesh config (GetEffectiveLbSetting, 1.31). */
export function effectiveBalancing({rule, trafficDistribution, mesh}: BalancingSources): Effective {
  const policy = policyOf(rule)
  const named = rule ? `DestinationRule ${rule.metadata.namespace}/${rule.metadata.name}` : 'no DestinationRule'
  const failsOver = policy.outlierDetection !== undefined
  const own = policy.loadBalancer?.localityLbSetting
  const zoneAware = policy.loadBalancer?.zoneAwareLbSetting !== undefined
  if (zoneAware) return {setting: undefined, failsOver, source: named, zoneAware}
  if (own) return {setting: own.enabled === false ? undefined : own, failsOver, source: named, zoneAware}
  const labels = distributionLabels(trafficDistribution)
  if (labels)
    return {
      setting: {failoverPriority: labels},
      failsOver: true,
      source: `trafficDistribution ${trafficDistribution}`,
      zoneAware,
    }
  const setting = mesh?.enabled === false ? undefined : (mesh ?? {})
  return {setting, failsOver, source: mesh ? 'the mesh config' : "Istio's default", zoneAware}
}

const networkLabel = 'topology.istio.io/network'

/** What traffic distribution means to istiod, as labels. */
function distributionLabels(distribution: string | undefined): string[] | undefined {
  const zone = [networkLabel, localityLabels.region, localityLabels.zone]
  if (distribution === 'PreferClose' || distribution === 'PreferSameZone') return zone
  if (distribution === 'PreferSameNode') return [...zone, localityLabels.subzone, 'kubernetes.io/hostname']
  return undefined
}
