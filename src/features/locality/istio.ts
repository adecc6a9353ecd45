/** A locality as Istio defines it. An empty string means that the part is unknown. */
export interface Locality {
  region: string
  zone: string
  subzone: string
}

/** The parts of a locality, from the largest to the smallest. */
export const localityParts = ['region', 'zone', 'subzone'] as const

/** Node labels that istiod reads (pilot/pkg/serviceregistry/kube/controller/controller.go, Istio 1.31). */
export const localityLabels = {
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
  subzone: 'topology.istio.io/subzone',
} as const satisfies Record<keyof Locality, string>

/** Node labels of Kubernetes before 1.17. istiod reads them where the current labels are missing (same file). */
export const deprecatedLocalityLabels = {
  region: 'failure-domain.beta.kubernetes.io/region',
  zone: 'failure-domain.beta.kubernetes.io/zone',
} as const

/** Pod labels that override the locality of the node, in order of precedence (pkg/model/proxy.go, Istio 1.29 and newer). */
const podLabels = ['topology.istio.io/locality', 'istio-locality']

/** The locality of a workload without any labels. */
export const unknownLocality: Locality = {region: '', zone: '', subzone: ''}

type Labels = Record<string, string> | undefined

/** The locality that istiod reads from the labels of a node. */
export function localityOfNode(labels: Labels = {}): Locality {
  return {
    region: labels[localityLabels.region] || labels[deprecatedLocalityLabels.region] || '',
    zone: labels[localityLabels.zone] || labels[deprecatedLocalityLabels.zone] || '',
    subzone: labels[localityLabels.subzone] || '',
  }
}

/** The locality in the labels of a pod, such as `shenzhen.sz-1.rack-7`. Undefined without such a label. */
export function localityOfPodLabels(labels: Labels = {}): Locality | undefined {
  const value = podLabels.map(label => labels[label]).find(text => text !== undefined && text !== '')
  return value === undefined ? undefined : parseLocality(value.includes('/') ? value : value.replaceAll('.', '/'))
}

/** The locality of a pod: from its labels, else from its node. */
export function localityOfPod(labels: Labels, node: Locality | undefined): Locality {
  return localityOfPodLabels(labels) ?? node ?? unknownLocality
}

/** Splits `region/zone/subzone`. Missing parts are empty. */
export function parseLocality(text: string): Locality {
  const [region = '', zone = '', subzone = ''] = text.split('/')
  return {region, zone, subzone}
}

/** Formats a locality as `region/zone`, without unknown parts at the end. `-` if all parts are unknown. */
export function formatLocality({region, zone, subzone}: Locality): string {
  return [region, zone, subzone].join('/').replace(/\/+$/, '') || '-'
}

/**
 * Whether a locality matches a pattern of `localityLbSetting` (util.LocalityMatch, Istio 1.31).
 *
 * @param pattern `shenzhen`, `shenzhen/*`, `shenzhen/sz-1/*` or `*`
 */
export function matchesLocality(locality: Locality, pattern: string): boolean {
  const wanted = parseLocality(pattern)
  return (
    (wanted.region === '*' || wanted.region === locality.region) &&
    (['', '*'].includes(wanted.zone) || wanted.zone === locality.zone) &&
    (['', '*'].includes(wanted.subzone) || wanted.subzone === locality.subzone)
  )
}
