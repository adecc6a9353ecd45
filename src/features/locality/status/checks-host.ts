import {revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {formatLocality, type Locality} from '../istio.ts'
import {type Effective, ruleTitle} from '../istio-balancing.ts'
import {type LocalEndpoint, nodeLocalities} from '../istio-endpoints.ts'
import type {LocalityFacts} from '../read.ts'

/** What is checked for one host. */
export interface HostSubject {
  facts: LocalityFacts
  host: {
    name: string
    endpoints: readonly LocalEndpoint[]
    effective: Effective
    /** DestinationRules for the host with the label of another revision. */
    unread: readonly KubernetesObject[]
  }
}

/** After a canary upgrade, a rule with the label of the old revision has no effect. */
const rulesRead: Check<HostSubject> = {
  id: 'read',
  about: 'the istiod of the revision reads all DestinationRules for the host',
  run: ({facts, host: {name, unread}}) =>
    unread.map(rule => ({
      level: 'warning',
      message: `${ruleTitle(rule)} for ${name} is labelled istio.io/rev=${rule.metadata.labels?.[revisionLabel]}; revision ${facts.revision ?? 'default'} does not read it`,
      hints: [
        `kubectl mesh locality balance ${shellWord(name)} removes the label from a rule that it created`,
        `otherwise: kubectl -n ${rule.metadata.namespace} label destinationrule ${rule.metadata.name} istio.io/rev-`,
      ],
    })),
}

const detectsOutliers: Check<HostSubject> = {
  id: 'outlier-detection',
  about: 'unhealthy endpoints of the host are detected',
  run: ({host: {name, effective}}) => {
    const {setting, failsOver, zoneAware, source} = effective
    if (failsOver || setting?.distribute || zoneAware) return []
    const hints = [`kubectl mesh locality balance ${shellWord(name)}`]
    return setting
      ? [
          {
            level: 'warning',
            message: `${name} has no outlier detection: clients use the endpoints of all localities equally`,
            hints,
          },
        ]
      : [{level: 'warning', message: `${name}: locality load balancing is off (${source})`, hints}]
  },
}

const failsOverEverywhere: Check<HostSubject> = {
  id: 'distribute',
  about: 'requests to the host can reach every locality with endpoints',
  run: ({host: {name, effective}}) =>
    effective.setting?.distribute
      ? [
          {
            level: 'warning',
            message: `${name}: distribute is set (${effective.source}); a locality that it does not list gets no requests, even when all others are down`,
            hints: ['use --failover instead of --distribute to prefer near localities'],
          },
        ]
      : [],
}

const orderKnown: Check<HostSubject> = {
  id: 'zone-aware',
  about: 'the order of the endpoints can be computed',
  run: ({host: {name, effective}}) =>
    effective.zoneAware
      ? [
          {
            level: 'warning',
            message: `${name}: ${effective.source} sets zoneAwareLbSetting, which Envoy evaluates at run time; no order is shown`,
          },
        ]
      : [],
}

/** A locality with clients but without endpoints is always served remotely; endpoints in one locality are not redundant. */
const endpointsSpread: Check<HostSubject> = {
  id: 'one-sided',
  about: 'the host has endpoints in more than one zone, and in every zone with nodes',
  run: ({facts, host: {name, endpoints}}) => {
    if (endpoints.length === 0)
      return [{message: `${name} has no ready endpoint in this cluster`, hints: ['kubectl get endpointslices']}]
    const nodeZones = zonesOf([...nodeLocalities(facts).values()])
    const endpointZones = zonesOf(endpoints.map(({locality}) => locality))
    if (nodeZones.size < 2) return []
    return endpointZones.size === 1
      ? [inOneZone(name, endpoints.length, [...endpointZones][0]!)]
      : missingZones(name, [...nodeZones.difference(endpointZones)])
  },
}

function inOneZone(name: string, endpoints: number, zone: string): Finding {
  return {
    level: 'warning',
    message: `${name}: all ${endpoints} endpoints are in ${zone}`,
    hints: ['spread the pods: topologySpreadConstraints with topologyKey topology.kubernetes.io/zone'],
  }
}

function missingZones(name: string, zones: readonly string[]): Finding[] {
  return zones.length === 0
    ? []
    : [
        {
          level: 'warning',
          message: `${name}: no endpoint in ${[...zones].sort().join(', ')}, where the cluster has nodes`,
        },
      ]
}

/** The known zones, with their regions. */
function zonesOf(localities: readonly Locality[]): Set<string> {
  const zones = localities.map(({region, zone}) => formatLocality({region, zone, subzone: ''}))
  return new Set(zones.filter(zone => zone !== '-'))
}

/** The checks of one host, in the order of the output. */
export const hostChecks: readonly Check<HostSubject>[] = [
  rulesRead,
  detectsOutliers,
  failsOverEverywhere,
  orderKnown,
  endpointsSpread,
]
