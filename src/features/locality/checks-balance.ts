import {controlPlaneExists, meshConfigReadable} from '../../control-plane/checks.ts'
import {nameOf, refOf} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {minorOf} from '../../istio/control-plane.ts'
import {coversHost, hostOfRule, type MeshHost} from '../../istio/mesh-host.ts'
import {placesTaken} from './checks.ts'
import {fitsLocality, formatLocality, type Locality, nowhere} from './istio.ts'
import {policyOf, ruleOf} from './istio-balancing.ts'
import {endpointsOf, holderOfHost, type LocalityFacts, nodePlaces} from './read.ts'
import type {LocalityBalance} from './spec-balance.ts'

/** What balancing is checked with. */
export interface BalanceSubject {
  spec: LocalityBalance
  facts: LocalityFacts
  hosts: readonly MeshHost[]
  /** Name under which we write. */
  manager: string
}

type BalanceCheck = Check<BalanceSubject>

const hostsThere: BalanceCheck = {
  id: 'hosts',
  about: 'every host is one of the mesh',
  run: ({hosts, facts, spec}) =>
    hosts.flatMap(host => {
      if (holderOfHost(host, facts)) return []
      const [name, namespace] = host.host.split('.')
      const meant = facts.services.find(({metadata}) => metadata.name === name && metadata.namespace === namespace)
      return [
        {
          message: `${host.host} is neither a Service nor a host of a ServiceEntry`,
          hints: [meant ? `${name}.${namespace}.svc.${spec.clusterDomain}?` : 'kubectl get services,serviceentries -A'],
        },
      ]
    }),
}

/** A place that nobody has is a slip of the pen, and would be taken without a word. */
const placesKnown: BalanceCheck = {
  id: 'places',
  about: 'every place that is named has nodes or endpoints',
  run: subject => {
    const {spec} = subject
    const known = placesOf(subject)
    const regions = [...new Set(known.map(({region}) => region).filter(region => region !== ''))].sort()
    const hints = [
      regions.length > 0 ? `regions here: ${regions.join(', ')}` : 'kubectl mesh locality label says where nodes are',
    ]
    const wrong: Finding[] = Object.entries(spec.failover)
      .flat()
      .filter((region, at, all) => all.indexOf(region) === at && !regions.includes(region))
      .map(region => ({message: `--failover: no node and no endpoint is in region ${region}`, hints}))
    const named = spec.distribute.flatMap(({from, to}) => [from, ...Object.keys(to)])
    const empty = [...new Set(named)].filter(rule => !known.some(place => fitsLocality(place, rule)))
    return [...wrong, ...empty.map(place => ({message: `--distribute: no node and no endpoint is in ${place}`, hints}))]
  },
}

/** All places that nodes and the hosts' endpoints are in. */
function placesOf({facts, hosts}: BalanceSubject): Locality[] {
  const endpoints = hosts.flatMap(host => {
    const holder = holderOfHost(host, facts)
    return holder ? endpointsOf(holder, facts) : []
  })
  return [...nodePlaces(facts).values(), ...endpoints.map(({locality}) => locality)]
}

/** `distribute` takes away what is not listed. */
const nothingDropped: BalanceCheck = {
  id: 'dropped',
  about: '--distribute lists every place that has endpoints',
  run: ({spec, facts, hosts}) =>
    hosts.flatMap(host => {
      const holder = holderOfHost(host, facts)
      const places = holder ? endpointsOf(holder, facts).map(({locality}) => locality) : []
      return spec.distribute.flatMap(distribution => {
        const dropped = places.filter(place => !Object.keys(distribution.to).some(rule => fitsLocality(place, rule)))
        const names = [...new Set(dropped.map(formatLocality))]
        return names.length === 0
          ? []
          : [
              {
                level: 'warning' as const,
                message: `${host.host}: clients in ${distribution.from} will never be served by ${names.join(', ')}, also when all else is down`,
                hints: ['list it with a small weight, or say --failover in place of --distribute'],
              },
            ]
      })
    }),
}

/** Two settings of one rule exclude each other, and what others said is not ours to take away. */
const rulesAgree: BalanceCheck = {
  id: 'rule',
  about: 'a DestinationRule that serves the host says nothing against it',
  run: ({spec, facts, hosts, manager}) =>
    hosts.flatMap((host): Finding[] => {
      const scope = scopeOf(host, facts, spec)
      const rule = existingRule(host, facts, spec)
      const covering = ruleOf(host.host, facts.rules, scope)
      if (!rule) {
        if (!covering || spec.preferClose) return spec.preferClose ? closeTroubles(covering) : []
        return [
          {
            level: 'warning',
            message: `${host.host}: clients follow ${placeOf(covering)} (${hostOfRule(covering, spec.clusterDomain)}) no more: a rule for the one host takes its place as a whole`,
          },
        ]
      }
      const policy = policyOf(rule)
      const own = rule.metadata.managedFields?.some(entry => entry.manager === manager) ?? false
      const said = policy.loadBalancer?.localityLbSetting
      const wants = spec.distribute.length > 0 ? 'distribute' : 'failover'
      const clash = wants === 'distribute' ? (said?.failover ?? said?.failoverPriority) : said?.distribute
      const ports = (policy.portLevelSettings ?? []).filter(port => port.loadBalancer || port.outlierDetection)
      return [
        ...(spec.preferClose ? closeTroubles(rule) : []),
        ...(clash && !own && !spec.preferClose
          ? [
              {
                message: `${host.host}: ${placeOf(rule)} has ${wants === 'distribute' ? 'failover' : 'distribute'}, which excludes ${wants}`,
                hints: [
                  `take it out of the rule first: kubectl -n ${rule.metadata.namespace} edit ${nameOf(refOf(rule))}`,
                ],
              },
            ]
          : []),
        ...(ports.length > 0
          ? [
              {
                level: 'warning' as const,
                message: `${host.host}: ${placeOf(rule)} has settings of its own for port ${ports.map(({port}) => port?.number).join(', ')}: they replace these there`,
              },
            ]
          : []),
      ]
    }),
}

/** A DestinationRule with locality settings goes before traffic distribution. */
function closeTroubles(rule: Parameters<typeof policyOf>[0]): Finding[] {
  const said = policyOf(rule).loadBalancer
  return rule && (said?.localityLbSetting || said?.zoneAwareLbSetting)
    ? [
        {
          message: `${placeOf(rule)} has locality settings, which go before the Service's trafficDistribution`,
          hints: [`take them out of the rule first: kubectl -n ${rule.metadata.namespace} edit ${nameOf(refOf(rule))}`],
        },
      ]
    : []
}

function placeOf(rule: {metadata: {name: string; namespace?: string}}): string {
  return `DestinationRule ${rule.metadata.namespace}/${rule.metadata.name}`
}

const closeIsKnown: BalanceCheck = {
  id: 'prefer-close',
  about: 'this Istio reads trafficDistribution',
  run: ({spec, facts, hosts}) => {
    if (!spec.preferClose) return []
    const version = facts.plane.plane?.version
    const foreign = hosts.filter(({service}) => !service)
    return [
      ...((minorOf(version) ?? 1025) < 1025
        ? [
            {
              message: `Istio ${version} does not read trafficDistribution for sidecars (1.25 does)`,
              hints: ['--failover-priority topology.kubernetes.io/region,topology.kubernetes.io/zone does the same'],
            },
          ]
        : []),
      ...foreign.map(({host}) => ({message: `--prefer-close: ${host} is no Service of the cluster`})),
    ]
  },
}

/** Shown since they once decided, or still do. */
const meshSwitches: BalanceCheck = {
  id: 'mesh-wide',
  about: 'locality balancing is on in the mesh config',
  run: ({facts: {mesh, plane}, spec}) => [
    ...(mesh.localityLbSetting?.enabled === false && spec.meshWide !== 'on'
      ? [
          {
            level: 'warning' as const,
            message:
              'the mesh config has localityLbSetting.enabled: false; only hosts with a rule of their own are balanced',
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

const nodesLabelled: BalanceCheck = {
  id: 'nodes-labelled',
  about: 'all nodes have a region',
  run: ({facts}) => {
    const without = [...nodePlaces(facts).values()].filter(({region}) => region === nowhere.region).length
    return without === 0
      ? []
      : [
          {
            level: 'warning',
            message: `${without} of ${facts.nodes.length} nodes have no region: clients there are served by all alike`,
            hints: ['kubectl mesh locality label'],
          },
        ]
  },
}

/** Where rules for a host are looked for. */
export function scopeOf(host: MeshHost, facts: LocalityFacts, spec: {systemNamespace: string; clusterDomain: string}) {
  const holder = holderOfHost(host, facts)
  return {
    namespace: holder?.metadata.namespace ?? host.service?.namespace ?? spec.systemNamespace,
    rootNamespace: facts.mesh.rootNamespace ?? spec.systemNamespace,
    clusterDomain: spec.clusterDomain,
  }
}

/** The rule for exactly this host in its service's namespace: it is added to, since of two rules only one counts. */
export function existingRule(
  host: MeshHost,
  facts: LocalityFacts,
  spec: {systemNamespace: string; clusterDomain: string},
) {
  const scope = scopeOf(host, facts, spec)
  const rules = facts.rules.filter(
    rule => rule.metadata.namespace === scope.namespace && hostOfRule(rule, spec.clusterDomain) === host.host,
  )
  return ruleOf(host.host, rules, scope)
}

/** Rules elsewhere that clients of those namespaces follow instead. */
const otherNamespaces: BalanceCheck = {
  id: 'client-rules',
  about: 'no namespace has a rule of its own for the host',
  run: ({spec, facts, hosts}) =>
    hosts.flatMap(host => {
      const {namespace, rootNamespace} = scopeOf(host, facts, spec)
      const others = facts.rules.filter(
        rule =>
          ![namespace, rootNamespace].includes(rule.metadata.namespace ?? '') &&
          coversHost(hostOfRule(rule, spec.clusterDomain), host.host),
      )
      return others.map(rule => ({
        level: 'warning' as const,
        message: `${host.host}: clients in ${rule.metadata.namespace} follow ${placeOf(rule)} instead`,
      }))
    }),
}

/** All checks before hosts are balanced. */
export const balanceChecks: readonly BalanceCheck[] = [
  {...controlPlaneExists, run: ({spec, facts}) => controlPlaneExists.run({spec, plane: facts.plane})},
  {...meshConfigReadable, run: ({spec, facts}) => meshConfigReadable.run({spec, plane: facts.plane})},
  hostsThere,
  placesKnown,
  nothingDropped,
  rulesAgree,
  otherNamespaces,
  closeIsKnown,
  meshSwitches,
  nodesLabelled,
  {...placesTaken, run: ({spec, facts}) => placesTaken.run({spec, facts, host: undefined})},
]
