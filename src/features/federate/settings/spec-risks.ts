import {coversHost, exposedHost, exposedHosts, type HostScope} from '../../../istio/exposed-hosts.ts'
import type {GatewaysByContext} from '../../../mesh/gateways/spec.ts'
import type {DnsServer} from '../../../mesh/record.ts'
import {goDuration} from '../../../spec/durations.ts'

// Each function describes a change of one setting that widens access or extends the life of a credential, as a sentence
// without a full stop. Undefined for any other change.

type Mode = 'multi-primary' | 'primary-remote' | 'gateways'
type ServiceType = 'LoadBalancer' | 'NodePort' | 'ClusterIP'

/** Describes a change of `--mode`. */
export function modeRisk(before: Mode, after: Mode): string | undefined {
  if (before === after) return undefined
  const effects = {
    'multi-primary':
      'every cluster gets credentials for the API servers of all others, and its Services are exposed to them',
    'primary-remote': 'the control plane of one cluster gets write access to the other clusters',
    gateways: 'the clusters lose their credentials for each other, and share only exported services',
  }
  return `the mode changes from ${before} to ${after}: ${effects[after]}`
}

/** Describes a change of `--expose`. Without hosts, all Services are exposed. */
export function exposureRisk(
  before: readonly string[],
  after: readonly string[],
  scope: HostScope,
): string | undefined {
  if (before.length === 0) return undefined
  if (after.length === 0)
    return `all Services become reachable from the other clusters, instead of ${before.join(', ')}`
  const known = exposedHosts(before, scope)
  const wider = after.filter(entry => !known.some(host => coversHost(host, exposedHost(entry, scope) ?? entry)))
  if (wider.length === 0) return undefined
  return `${wider.join(', ')} ${wider.length === 1 ? 'becomes' : 'become'} reachable from the other clusters, in addition to ${before.join(', ')}`
}

/** Describes a change of `--credential-duration`, in milliseconds. Without a duration, tokens do not expire. */
export function lifetimeRisk(before: number | undefined, after: number | undefined): string | undefined {
  if (before === undefined || before === after) return undefined
  if (after === undefined) return `tokens no longer expire, instead of after ${goDuration(before)}`
  return after > before ? `tokens expire after ${goDuration(after)}, instead of ${goDuration(before)}` : undefined
}

const serviceTypes: readonly ServiceType[] = ['ClusterIP', 'NodePort', 'LoadBalancer']

/** Describes a change of `--gateway-service-type`. */
export function serviceTypeRisk(before: ServiceType, after: ServiceType): string | undefined {
  if (serviceTypes.indexOf(after) <= serviceTypes.indexOf(before)) return undefined
  const effect =
    after === 'LoadBalancer' ? 'it gets an address outside the cluster' : 'it becomes reachable on every node'
  return `the east-west gateway changes from ${before} to ${after}: ${effect}`
}

/** Describes changes of `--gateway`. A gateway without source ranges accepts connections from any address. */
export function gatewayRisk(before: GatewaysByContext, after: GatewaysByContext): string | undefined {
  const texts = Object.entries(before).flatMap(([context, {type: former, sourceRanges: allowed}]) => {
    const {type, sourceRanges} = after[context] ?? {}
    const typeText = former !== undefined && type !== undefined ? serviceTypeRisk(former, type) : undefined
    return [
      ...(typeText === undefined ? [] : [`${context}: ${typeText}`]),
      ...rangeTexts(context, allowed, sourceRanges),
    ]
  })
  return texts.length === 0 ? undefined : texts.join('; ')
}

function rangeTexts(context: string, before: readonly string[] | undefined, after: readonly string[] | undefined) {
  if (before === undefined) return []
  const accepts = `${context}: the load balancer of the east-west gateway accepts connections from`
  if (after === undefined) return [`${accepts} any address, instead of ${before.join(', ')}`]
  const wider = after.filter(range => !before.includes(range))
  return wider.length === 0 ? [] : [`${accepts} ${wider.join(', ')}; before: ${before.join(', ')}`]
}

/** Describes a change of `--dns`. */
export function dnsRisk(before: DnsServer, after: DnsServer): string | undefined {
  if (before === after) return undefined
  const effect =
    after === 'istio'
      ? 'names under .global resolve only in pods with a sidecar that captures DNS'
      : `${after} resolves names under .global`
  return `the DNS server changes from ${before} to ${after}: ${effect}`
}
