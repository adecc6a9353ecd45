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
export function exposureRisk(before: readonly string[], after: readonly string[]): string | undefined {
  if (before.length === 0) return undefined
  if (after.length === 0)
    return `all Services become reachable from the other clusters, instead of ${before.join(', ')}`
  const wider = after.filter(host => !before.some(other => covers(other, host)))
  if (wider.length === 0) return undefined
  return `${wider.join(', ')} ${wider.length === 1 ? 'becomes' : 'become'} reachable from the other clusters, in addition to ${before.join(', ')}`
}

/** Whether all hosts that `other` stands for are hosts that `host` stands for. Without a namespace, a host is of any. */
function covers(host: string, other: string): boolean {
  const [outer, inner] = [host, other].map(text => {
    const slash = text.indexOf('/')
    return {scope: slash < 0 ? '*' : text.slice(0, slash), name: text.slice(slash + 1)}
  }) as [Host, Host]
  if (outer.scope !== '*' && outer.scope !== inner.scope) return false
  if (outer.name === '*' || outer.name === inner.name) return true
  return outer.name.startsWith('*.') && inner.name.endsWith(outer.name.slice(1))
}

interface Host {
  /** `*` for any namespace. */
  scope: string
  name: string
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

/** Describes a change of `--dns`. */
export function dnsRisk(before: DnsServer, after: DnsServer): string | undefined {
  if (before === after) return undefined
  const effect =
    after === 'istio'
      ? 'names under .global resolve only in pods with a sidecar that captures DNS'
      : `${after} resolves names under .global`
  return `the DNS server changes from ${before} to ${after}: ${effect}`
}
