/** Where something runs: region, zone and subzone; an empty text is "not said". */
export interface Locality {
  region: string
  zone: string
  subzone: string
}

/** Labels of a node that istiod reads (pilot/pkg/serviceregistry/kube/controller/controller.go, 1.31). */
export const localityLabels = {
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
  subzone: 'topology.istio.io/subzone',
} as const satisfies Record<keyof Locality, string>

/** Labels of Kubernetes before 1.17; istiod takes them where the new ones are missing (same file). */
export const oldLocalityLabels = {
  region: 'failure-domain.beta.kubernetes.io/region',
  zone: 'failure-domain.beta.kubernetes.io/zone',
} as const

/** Labels of a pod that say its locality, the first before the second (pkg/model/proxy.go, 1.29+). */
const podLabels = ['topology.istio.io/locality', 'istio-locality']

export const nowhere: Locality = {region: '', zone: '', subzone: ''}

type Labels = Record<string, string> | undefined

/** The locality of a node as istiod reads it. */
export function localityOfNode(labels: Labels = {}): Locality {
  return {
    region: labels[localityLabels.region] || labels[oldLocalityLabels.region] || '',
    zone: labels[localityLabels.zone] || labels[oldLocalityLabels.zone] || '',
    subzone: labels[localityLabels.subzone] || '',
  }
}

/** The locality of a pod: its own label (`shenzhen.sz-1.rack-7`), else its node's. */
export function localityOfPod(labels: Labels = {}, node: Locality | undefined): Locality {
  const own = podLabels.map(label => labels[label]).find(value => value !== undefined && value !== '')
  if (own !== undefined) return parseLocality(own.includes('/') ? own : own.replaceAll('.', '/'))
  return node ?? nowhere
}

/** `region/zone/subzone` → its parts; what is missing is empty. */
export function parseLocality(text: string): Locality {
  const [region = '', zone = '', subzone = ''] = text.split('/')
  return {region, zone, subzone}
}

/** `region/zone`, without what is not said at the end; `-` when nothing is. */
export function formatLocality({region, zone, subzone}: Locality): string {
  return [region, zone, subzone].join('/').replace(/\/+$/, '') || '-'
}

/** Whether a locality fits one of a rule: `shenzhen`, `shenzhen/*`, `shenzhen/sz-1/*`, `*` (util.LocalityMatch, 1.31). */
export function fitsLocality(locality: Locality, rule: string): boolean {
  const wanted = parseLocality(rule)
  return (
    (wanted.region === '*' || wanted.region === locality.region) &&
    (['', '*'].includes(wanted.zone) || wanted.zone === locality.zone) &&
    (['', '*'].includes(wanted.subzone) || wanted.subzone === locality.subzone)
  )
}

/** `localityLbSetting` of a DestinationRule or the mesh config (istio.io/api networking/v1, 1.31). */
export interface LocalitySetting {
  enabled?: boolean
  distribute?: {from: string; to: Record<string, number>}[]
  failover?: {from: string; to: string}[]
  /** `label` or `label=value`. */
  failoverPriority?: string[]
}

/** Endpoints that a proxy would see in one group. */
export interface EndpointGroup {
  locality: Locality
  /** Labels of the workloads, as far as `failoverPriority` may ask for them. */
  labels: Record<string, string>
  count: number
}

/** Some endpoints in the order in which a client is served. */
export interface Served {
  group: EndpointGroup
  /** 0 is served first; the next only as far as those before it are not healthy. */
  priority: number
  /** Percent of all requests, where they are distributed. */
  share?: number
  /** In words. */
  why: string
}

/** How a host is balanced. */
export interface Balancing {
  /** Undefined: not at all, all endpoints are alike. */
  setting: LocalitySetting | undefined
  /** Unhealthy endpoints are found: by `outlierDetection`, or the setting does without (traffic distribution). */
  failsOver: boolean
}

/** A client as far as it decides who serves it. */
export interface Client {
  locality: Locality
  labels: Record<string, string>
}

/**
 * Who serves a client and in which order, as istiod works it out (pilot/pkg/networking/core/loadbalancer/loadbalancer.go,
 * 1.31). Groups that are left out by `distribute` are missing in the answer. Sorted by priority.
 */
export function serve(client: Client, groups: readonly EndpointGroup[], balancing: Balancing): Served[] {
  const {setting, failsOver} = balancing
  if (setting?.distribute) return distributed(client.locality, groups, setting.distribute)
  if (!setting || !failsOver) {
    const why = setting ? 'no outlier detection: all endpoints alike' : 'locality balancing is off: all endpoints alike'
    return groups.map(group => ({group, priority: 0, why}))
  }
  const byLabels = setting.failoverPriority?.length
    ? labelPriorities(client, groups, setting.failoverPriority)
    : undefined
  const byPlace = byLabels && !setting.failover?.length ? undefined : placePriorities(client.locality, groups, setting)
  const ranked = groups.map((group, at) => ({
    group,
    rank: (byLabels?.[at]?.rank ?? 0) * 5 + (byPlace?.[at]?.rank ?? 0),
    why: [byLabels?.[at]?.why, byPlace?.[at]?.why].filter(Boolean).join('; '),
  }))
  const ranks = [...new Set(ranked.map(({rank}) => rank))].sort((a, b) => a - b)
  return ranked
    .map(({group, rank, why}) => ({group, priority: ranks.indexOf(rank), why}))
    .sort((a, b) => a.priority - b.priority)
}

interface Rank {
  rank: number
  why: string
}

function placePriorities(client: Locality, groups: readonly EndpointGroup[], {failover = []}: LocalitySetting): Rank[] {
  return groups.map(({locality}) => {
    if (locality.region === client.region) {
      if (locality.zone !== client.zone) return {rank: 2, why: 'same region'}
      return locality.subzone === client.subzone ? {rank: 0, why: 'same place'} : {rank: 1, why: 'same zone'}
    }
    const rule = failover.find(({from}) => from === client.region)
    if (!rule) return {rank: 3, why: 'another region'}
    return rule.to === locality.region
      ? {rank: 3, why: `failover ${rule.from} → ${rule.to}`}
      : {rank: 4, why: 'another region, not the failover target'}
  })
}

const networkLabel = 'topology.istio.io/network'

/** The more labels match, from the first on, the earlier; the network is preferred, not required (1.31). */
function labelPriorities(client: Client, groups: readonly EndpointGroup[], priorities: readonly string[]): Rank[] {
  const wanted = priorities.map(text => {
    const [label = '', value] = text.split('=')
    return {label, value: value ?? clientLabel(client, label)}
  })
  return groups.map(group => {
    let adjust = 0
    for (const [at, {label, value}] of wanted.entries()) {
      if (value === groupLabel(group, label)) continue
      if (at === 0 && label === networkLabel) {
        adjust = wanted.length
        continue
      }
      return {rank: wanted.length - at + adjust, why: `differs in ${label}`}
    }
    return {rank: adjust, why: adjust ? `differs in ${networkLabel}` : 'all labels of failoverPriority fit'}
  })
}

function clientLabel({locality, labels}: Client, label: string): string {
  return placeLabel(locality, label) ?? labels[label] ?? ''
}

function groupLabel({locality, labels}: EndpointGroup, label: string): string {
  return placeLabel(locality, label) ?? labels[label] ?? ''
}

/** istiod gives every workload the labels of its place. */
function placeLabel(locality: Locality, label: string): string | undefined {
  for (const part of ['region', 'zone', 'subzone'] as const)
    if (label === localityLabels[part] && locality[part] !== '') return locality[part]
  return undefined
}

function distributed(
  client: Locality,
  groups: readonly EndpointGroup[],
  distribute: NonNullable<LocalitySetting['distribute']>,
): Served[] {
  const rule = distribute.find(({from}) => fitsLocality(client, from))
  if (!rule) return groups.map(group => ({group, priority: 0, why: 'no distribution from here: all endpoints alike'}))
  const taken = new Set<EndpointGroup>()
  const shares = Object.entries(rule.to).flatMap(([to, weight]) => {
    const fitting = groups.filter(group => !taken.has(group) && fitsLocality(group.locality, to))
    const total = fitting.reduce((sum, {count}) => sum + count, 0)
    return fitting.map(group => {
      taken.add(group)
      return {group, weight: (weight * group.count) / total, why: `${weight} % from ${rule.from} to ${to}`}
    })
  })
  const all = shares.reduce((sum, {weight}) => sum + weight, 0)
  return shares
    .map(({group, weight, why}) => ({group, priority: 0, share: Math.round((weight / all) * 100), why}))
    .sort((a, b) => b.share - a.share)
}
