import {networkLabel} from '../../engine/kubernetes/labels.ts'
import {type Locality, localityLabels, localityParts, matchesLocality} from './istio.ts'

/** `localityLbSetting` of a DestinationRule or of the mesh config (istio.io/api networking/v1, Istio 1.31). */
export interface LocalitySetting {
  enabled?: boolean
  distribute?: {from: string; to: Record<string, number>}[]
  failover?: {from: string; to: string}[]
  /** `label` or `label=value`. */
  failoverPriority?: string[]
}

/** Endpoints that no client can distinguish. */
export interface EndpointGroup {
  locality: Locality
  /** The workload labels that `failoverPriority` compares. */
  labels: Record<string, string>
  count: number
}

/** One group of endpoints as a client uses it. */
export interface Served {
  group: EndpointGroup
  /** Envoy's priority, from 0. A priority is used only when the lower ones do not have enough healthy endpoints. */
  priority: number
  /** Percent of all requests. Undefined without `distribute`. */
  share?: number
  /** Why the group has this priority or share, for the user. */
  why: string
}

/** How the requests to a host are balanced. */
export interface Balancing {
  /** Undefined if locality load balancing is off: all endpoints have equal priority. */
  setting: LocalitySetting | undefined
  /** Unhealthy endpoints are detected, by `outlierDetection` or because traffic distribution is set. */
  failsOver: boolean
}

/** The properties of a client that determine which endpoints it uses. */
export interface Client {
  locality: Locality
  labels: Record<string, string>
}

/**
 * The endpoint groups that a client uses, sorted by priority, as istiod computes them
 * (pilot/pkg/networking/core/loadbalancer/loadbalancer.go, Istio 1.31). Groups that `distribute` excludes are missing.
 */
export function serve(client: Client, groups: readonly EndpointGroup[], balancing: Balancing): Served[] {
  const {setting, failsOver} = balancing
  if (setting?.distribute) return distributed(client.locality, groups, setting.distribute)
  if (!setting) return equalPriority(groups, 'locality load balancing is off: all endpoints have equal priority')
  if (!failsOver) return equalPriority(groups, 'no outlier detection: all endpoints have equal priority')
  return prioritized(client, groups, setting)
}

function equalPriority(groups: readonly EndpointGroup[], why: string): Served[] {
  return groups.map(group => ({group, priority: 0, why}))
}

interface Rank {
  rank: number
  why: string
}

/** The number of ranks that `localityRank` returns. */
const localityRanks = 5

function prioritized(client: Client, groups: readonly EndpointGroup[], setting: LocalitySetting): Served[] {
  const {failover = [], failoverPriority = []} = setting
  const labels = failoverPriority.map(text => wantedLabel(text, client))
  const usesLabels = labels.length > 0
  const usesLocality = !usesLabels || failover.length > 0
  const ranked = groups.map(group => {
    const byLabels = usesLabels ? labelRank(group, labels) : undefined
    const byLocality = usesLocality ? localityRank(group.locality, client.locality, failover) : undefined
    return {
      group,
      rank: (byLabels?.rank ?? 0) * localityRanks + (byLocality?.rank ?? 0),
      why: [byLabels?.why, byLocality?.why].filter(Boolean).join('; '),
    }
  })
  // Envoy requires priorities without gaps.
  const ranks = [...new Set(ranked.map(({rank}) => rank))].sort((a, b) => a - b)
  return ranked
    .map(({group, rank, why}) => ({group, priority: ranks.indexOf(rank), why}))
    .sort((a, b) => a.priority - b.priority)
}

function localityRank(endpoint: Locality, client: Locality, failover: readonly {from: string; to: string}[]): Rank {
  if (endpoint.region === client.region) {
    if (endpoint.zone !== client.zone) return {rank: 2, why: 'same region'}
    return endpoint.subzone === client.subzone ? {rank: 0, why: 'same locality'} : {rank: 1, why: 'same zone'}
  }
  const rule = failover.find(({from}) => from === client.region)
  if (!rule) return {rank: 3, why: 'another region'}
  return rule.to === endpoint.region
    ? {rank: 3, why: `failover ${rule.from} → ${rule.to}`}
    : {rank: 4, why: 'another region, not the failover target'}
}

interface WantedLabel {
  label: string
  value: string
}

/** @param text `label=value`, or `label` for the value that the client has */
function wantedLabel(text: string, client: Client): WantedLabel {
  const [label = '', value] = text.split('=')
  return {label, value: value ?? labelValueOf(client, label)}
}

/**
 * The rank by `failoverPriority`: the later the first label that differs, the lower the rank. Another network, as the
 * first label, only adds to the rank, since endpoints in it are reachable too (Istio 1.31).
 */
function labelRank(group: EndpointGroup, wanted: readonly WantedLabel[]): Rank {
  const differs = wanted.map(({label, value}) => value !== labelValueOf(group, label))
  const otherNetwork = wanted[0]?.label === networkLabel && differs[0] === true
  const added = otherNetwork ? wanted.length : 0
  const first = differs.indexOf(true, otherNetwork ? 1 : 0)
  if (first >= 0) return {rank: wanted.length - first + added, why: `differs in ${wanted[first]!.label}`}
  return {rank: added, why: otherNetwork ? `differs in ${networkLabel}` : 'all labels of failoverPriority match'}
}

/** The value of a label. istiod adds the labels of the locality to every workload. */
function labelValueOf({locality, labels}: Client, label: string): string {
  const part = localityParts.find(one => localityLabels[one] === label && locality[one] !== '')
  return (part ? locality[part] : labels[label]) ?? ''
}

function distributed(
  client: Locality,
  groups: readonly EndpointGroup[],
  distribute: NonNullable<LocalitySetting['distribute']>,
): Served[] {
  const rule = distribute.find(({from}) => matchesLocality(client, from))
  if (!rule) return equalPriority(groups, 'no distribution for this locality: all endpoints have equal priority')
  // An endpoint that matches several entries gets the weight of the first.
  const taken = new Set<EndpointGroup>()
  const shares = Object.entries(rule.to).flatMap(([to, weight]) => {
    const matching = groups.filter(group => !taken.has(group) && matchesLocality(group.locality, to))
    const total = matching.reduce((sum, {count}) => sum + count, 0)
    return matching.map(group => {
      taken.add(group)
      return {group, weight: (weight * group.count) / total, why: `${weight}% from ${rule.from} to ${to}`}
    })
  })
  const all = shares.reduce((sum, {weight}) => sum + weight, 0)
  return shares
    .map(({group, weight, why}) => ({group, priority: 0, share: Math.round((weight / all) * 100), why}))
    .sort((a, b) => b.share - a.share)
}
