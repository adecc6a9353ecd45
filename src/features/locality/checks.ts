import {controlPlaneExists, meshConfigReadable} from '../../control-plane/checks.ts'
import type {Check} from '../../findings/check.ts'
import {isSelected} from '../../istio/selectors.ts'
import {namesInShort} from '../../text/short-names.ts'
import {formatLocality, type Locality} from './istio.ts'
import type {Effective} from './istio-balancing.ts'
import {endpointsOf, type LocalityFacts, nodePlaces, type PlacedEndpoint, podsWithOldPlace} from './read.ts'

/** What places are looked at with. */
export interface LocalitySubject {
  spec: {systemNamespace: string; revision: string | undefined}
  facts: LocalityFacts
  /** The host that was asked for. */
  host: {name: string; endpoints: readonly PlacedEndpoint[]; effective: Effective; hasRule: boolean} | undefined
}

type LocalityCheck = Check<LocalitySubject>

const unlabelledNodes: LocalityCheck = {
  id: 'unlabelled-nodes',
  about: 'every node has a region and a zone',
  run: ({facts}) => {
    const places = [...nodePlaces(facts)]
    const named = (part: 'region' | 'zone') => places.filter(([, place]) => place[part] === '').map(([name]) => name)
    const [region, zone] = [named('region'), named('zone').filter(name => !named('region').includes(name))]
    return [
      ...(region.length > 0
        ? [
            {
              level: 'warning' as const,
              message: `${count(region.length, 'node')} of ${places.length} without a region: ${namesInShort(region)}`,
              hints: ['kubectl mesh locality label NODE… --region R --zone Z'],
            },
          ]
        : []),
      ...(zone.length > 0
        ? [
            {
              level: 'warning' as const,
              message: `${count(zone.length, 'node')} of ${places.length} without a zone: ${namesInShort(zone)}`,
              hints: ['kubectl mesh locality label NODE… --region R --zone Z'],
            },
          ]
        : []),
    ]
  },
}

const oldLabels: LocalityCheck = {
  id: 'old-labels',
  about: 'no node has only the labels of old',
  run: ({facts}) => {
    const old = facts.nodes.filter(({metadata: {labels = {}}}) =>
      ['region', 'zone'].some(
        part => labels[`failure-domain.beta.kubernetes.io/${part}`] && !labels[`topology.kubernetes.io/${part}`],
      ),
    )
    return old.length === 0
      ? []
      : [
          {
            level: 'warning',
            message: `${count(old.length, 'node')} with failure-domain.beta.kubernetes.io labels only: ${namesInShort(old.map(({metadata}) => metadata.name))}`,
            hints: ['kubectl mesh locality label --all translates them'],
          },
        ]
  },
}

/** istiod knows a gateway as an endpoint by its Service; without one nothing leads to it, and its ports are not known. */
const gatewaysServed: LocalityCheck = {
  id: 'gateway-service',
  about: 'every gateway has a Service',
  run: ({facts}) => {
    const lonely = facts.pods.filter(
      ({metadata}) =>
        metadata.annotations?.['inject.istio.io/templates'] === 'gateway' &&
        !facts.services.some(
          service =>
            service.metadata.namespace === metadata.namespace &&
            isSelected((service.spec as {selector?: Record<string, string>}).selector, metadata.labels),
        ),
    )
    const groups = Map.groupBy(lonely, ({metadata}) => `${metadata.namespace}/${metadata.labels?.app ?? metadata.name}`)
    return [...groups].map(([name, pods]) => ({
      message: `gateway ${name} (${count(pods.length, 'pod')}) has no Service: istiod gives it no listeners by Service port, and its clients have no place`,
      hints: ['kubectl mesh ingress deploy makes a gateway with its Service'],
    }))
  },
}

/** The order that is shown is not the one that proxies have yet. */
export const placesTaken: LocalityCheck = {
  id: 'places-taken',
  about: 'istiod knows where every endpoint is now',
  run: ({facts, spec}) => {
    const old = podsWithOldPlace(facts, spec)
    return old.length === 0
      ? []
      : [
          {
            level: 'warning',
            message: `istiod does not know yet the place of ${count(old.length, 'pod')}: the labels of their nodes are newer than they and istiod are`,
            hints: [restartHint(spec)],
          },
        ]
  },
}

/** istiod takes all places anew when it starts; proxies stay connected to another replica, or reconnect. */
export function restartHint({systemNamespace}: {systemNamespace: string}): string {
  return `kubectl -n ${systemNamespace} rollout restart deployment -l app=istiod`
}

const meshSwitch: LocalityCheck = {
  id: 'mesh-wide',
  about: 'locality balancing is on in the mesh config',
  run: ({facts: {mesh, plane}}) => [
    ...(mesh.localityLbSetting?.enabled === false
      ? [
          {
            level: 'warning' as const,
            message: 'the mesh config has localityLbSetting.enabled: false',
            hints: ['kubectl mesh locality balance --mesh-wide on'],
          },
        ]
      : []),
    ...(plane.env.PILOT_ENABLE_LOCALITY_LOAD_BALANCING !== undefined
      ? [
          {
            level: 'warning' as const,
            message: "istiod's PILOT_ENABLE_LOCALITY_LOAD_BALANCING does nothing any more (since 1.5)",
            hints: ['the mesh config decides: localityLbSetting.enabled'],
          },
        ]
      : []),
  ],
}

const outliers: LocalityCheck = {
  id: 'outlier-detection',
  about: 'unhealthy endpoints of the host are found',
  run: ({host}) => {
    if (!host || host.effective.failsOver || host.effective.setting?.distribute || host.effective.zoneAware) return []
    const hints = [`kubectl mesh locality balance ${host.name}`]
    return host.effective.setting
      ? [
          {
            level: 'warning',
            message: `${host.name} has no outlier detection: its clients are served by all places alike`,
            hints,
          },
        ]
      : [{level: 'warning', message: `${host.name}: locality balancing is off (${host.effective.source})`, hints}]
  },
}

const distributes: LocalityCheck = {
  id: 'distribute',
  about: 'what is distributed reaches every place with endpoints',
  run: ({host}) => {
    if (!host?.effective.setting?.distribute) return []
    return [
      {
        level: 'warning',
        message: `${host.name} is distributed (${host.effective.source}): a place that is not listed gets nothing, also when all others are down`,
        hints: ['--failover in place of --distribute serves from near to far'],
      },
    ]
  },
}

const zoneAware: LocalityCheck = {
  id: 'zone-aware',
  about: 'the order can be worked out',
  run: ({host}) =>
    host?.effective.zoneAware
      ? [
          {
            level: 'warning',
            message: `${host.name}: zoneAwareLbSetting of ${host.effective.source} is Envoy's own affair; no order is shown`,
          },
        ]
      : [],
}

/** A place with clients and without endpoints is always served from elsewhere; one with all endpoints is not redundant. */
const oneSided: LocalityCheck = {
  id: 'one-sided',
  about: 'endpoints stand in more than one place, and where nodes are',
  run: ({facts, host}) => {
    if (!host || host.endpoints.length === 0)
      return host
        ? [{message: `${host.name} has no ready endpoint in this cluster`, hints: ['kubectl get endpointslices']}]
        : []
    const zones = (places: readonly Locality[]) => new Set(places.map(zoneOf).filter(zone => zone !== '-'))
    const nodes = zones([...nodePlaces(facts).values()])
    const served = zones(host.endpoints.map(({locality}) => locality))
    if (nodes.size < 2) return []
    const bare = [...nodes].filter(zone => !served.has(zone))
    if (served.size === 1)
      return [
        {
          level: 'warning',
          message: `${host.name}: all ${host.endpoints.length} endpoints are in ${[...served][0]}`,
          hints: ['spread it: topologySpreadConstraints with topology.kubernetes.io/zone'],
        },
      ]
    return bare.length === 0
      ? []
      : [{level: 'warning', message: `${host.name}: no endpoint in ${bare.sort().join(', ')}, where nodes are`}]
  },
}

function zoneOf({region, zone}: Locality): string {
  return formatLocality({region, zone, subzone: ''})
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** What may be wrong with the places of a cluster and of a host. */
export const localityChecks: readonly LocalityCheck[] = [
  {...controlPlaneExists, run: ({spec, facts}) => controlPlaneExists.run({spec, plane: facts.plane})},
  {...meshConfigReadable, run: ({spec, facts}) => meshConfigReadable.run({spec, plane: facts.plane})},
  unlabelledNodes,
  oldLabels,
  placesTaken,
  gatewaysServed,
  meshSwitch,
  outliers,
  distributes,
  zoneAware,
  oneSided,
]

/** Every ready endpoint of the cluster's Services, each address once. */
export function allEndpoints(facts: LocalityFacts): PlacedEndpoint[] {
  const all = facts.services.flatMap(service => endpointsOf(service, facts))
  return [...new Map(all.map(endpoint => [endpoint.address, endpoint])).values()]
}
