import {type KubernetesObject, nameOf, refOf} from '../../../engine/kubernetes/object.ts'
import type {Finding} from '../../../findings/check.ts'
import {minorOf} from '../../../istio/control-plane.ts'
import {coversHost, hostOfRule} from '../../../istio/mesh-host.ts'
import {exactRule, policyOf, ruleOf, ruleTitle, scopeOf} from '../istio-balancing.ts'
import type {BalanceCheck, BalanceSubject} from './checks-hosts.ts'

/** Settings in an existing DestinationRule that conflict with, replace or override the requested ones. */
export const ruleAllowsSettings: BalanceCheck = {
  id: 'rule',
  about: 'the existing DestinationRule of the host allows the settings',
  run: subject => {
    const {spec, facts, hosts} = subject
    return hosts.flatMap((host): Finding[] => {
      const scope = scopeOf(host, facts, spec)
      const rule = exactRule(host, facts.rules, scope)
      const covering = rule ?? ruleOf(host.host, facts.rules, scope)
      if (!covering) return []
      return [
        ...(spec.preferClose ? takesPrecedence(covering) : []),
        ...(rule ? [...conflicts(rule, host.host, subject), ...portSettings(rule, host.host)] : []),
        ...(!rule && !spec.preferClose ? [replaced(covering, host.host, spec.clusterDomain)] : []),
      ]
    })
  },
}

/** For `--prefer-close`: locality settings of a DestinationRule take precedence over traffic distribution. */
function takesPrecedence(rule: KubernetesObject): Finding[] {
  const {localityLbSetting, zoneAwareLbSetting} = policyOf(rule).loadBalancer ?? {}
  return localityLbSetting || zoneAwareLbSetting
    ? [
        {
          message: `${ruleTitle(rule)} has locality settings, which take precedence over trafficDistribution of the Service`,
          hints: [`remove them from the rule first: ${editCommand(rule)}`],
        },
      ]
    : []
}

/**
 * istiod rejects a rule with both `distribute` and `failover`. A setting that this manager has written is replaced as a
 * whole, so it cannot conflict.
 */
function conflicts(rule: KubernetesObject, host: string, {spec, manager}: BalanceSubject): Finding[] {
  const isOurs = rule.metadata.managedFields?.some(entry => entry.manager === manager) ?? false
  if (isOurs || spec.preferClose) return []
  const {distribute, failover, failoverPriority} = policyOf(rule).loadBalancer?.localityLbSetting ?? {}
  const distributes = spec.distribute.length > 0
  const [existing, requested] = distributes ? ['failover', 'distribute'] : ['distribute', 'failover']
  const conflicting = distributes ? (failover ?? failoverPriority) : distribute
  return conflicting
    ? [
        {
          message: `${host}: ${ruleTitle(rule)} has ${existing}, which conflicts with ${requested}`,
          hints: [`remove it from the rule first: ${editCommand(rule)}`],
        },
      ]
    : []
}

function portSettings(rule: KubernetesObject, host: string): Finding[] {
  const ports = (policyOf(rule).portLevelSettings ?? [])
    .filter(({loadBalancer, outlierDetection}) => loadBalancer || outlierDetection)
    .map(({port}) => port?.number)
  return ports.length === 0
    ? []
    : [
        {
          level: 'warning',
          message: `${host}: ${ruleTitle(rule)} has port-level settings for port ${ports.join(', ')}, which override the new settings there`,
        },
      ]
}

function replaced(rule: KubernetesObject, host: string, clusterDomain: string): Finding {
  return {
    level: 'warning',
    message: `${host}: ${ruleTitle(rule)} (${hostOfRule(rule, clusterDomain)}) no longer applies: a rule for the exact host replaces it as a whole`,
  }
}

function editCommand(rule: KubernetesObject): string {
  return `kubectl -n ${rule.metadata.namespace} edit ${nameOf(refOf(rule))}`
}

/** Rules in the namespaces of clients take precedence there over the rule of the service's namespace. */
export const noClientRules: BalanceCheck = {
  id: 'client-rules',
  about: 'no client namespace has a DestinationRule for the host',
  run: ({spec, facts, hosts}) =>
    hosts.flatMap(host => {
      const {namespace, rootNamespace} = scopeOf(host, facts, spec)
      return facts.rules
        .filter(rule => ![namespace, rootNamespace].includes(rule.metadata.namespace ?? ''))
        .filter(rule => coversHost(hostOfRule(rule, spec.clusterDomain), host.host))
        .map(rule => ({
          level: 'warning' as const,
          message: `${host.host}: clients in namespace ${rule.metadata.namespace} use ${ruleTitle(rule)} instead`,
        }))
    }),
}

/** istiod reads `trafficDistribution` for sidecars since Istio 1.25. */
export const preferCloseSupported: BalanceCheck = {
  id: 'prefer-close',
  about: 'this version of Istio reads trafficDistribution',
  run: ({spec, facts, hosts}) => {
    if (!spec.preferClose) return []
    const version = facts.controlPlane.controlPlane?.version
    const findings: Finding[] = hosts
      .filter(({service}) => !service)
      .map(({host}) => ({message: `--prefer-close: ${host} is not a Service of the cluster`}))
    if ((minorOf(version) ?? 1025) < 1025)
      findings.unshift({
        message: `Istio ${version} does not read trafficDistribution for sidecars; Istio 1.25 or newer does`,
        hints: ['--failover-priority topology.kubernetes.io/region,topology.kubernetes.io/zone has the same effect'],
      })
    return findings
  },
}
