import type {Check, Finding} from '../../../findings/check.ts'
import type {MeshHost} from '../../../istio/mesh-host.ts'
import {formatLocality, type Locality, matchesLocality} from '../istio.ts'
import {endpointsOf, findService, nodeLocalities} from '../istio-endpoints.ts'
import type {LocalityFacts} from '../read.ts'
import type {LocalityBalance} from './spec.ts'

/** What `mesh locality balance` checks. */
export interface BalanceSubject {
  spec: LocalityBalance
  facts: LocalityFacts
  hosts: readonly MeshHost[]
  /** The field manager of this run. */
  manager: string
}

/** A check before hosts are balanced. */
export type BalanceCheck = Check<BalanceSubject>

/** A DestinationRule for a host that is not in the mesh has no effect. */
export const hostsExist: BalanceCheck = {
  id: 'hosts',
  about: 'every host is in the mesh',
  run: ({hosts, facts, spec}) =>
    hosts
      .filter(host => !findService(host, facts))
      .map(({host}) => ({
        message: `${host} is neither a Service nor a host of a ServiceEntry`,
        hints: [similarHost(host, facts, spec.clusterDomain) ?? 'kubectl get services,serviceentries -A'],
      })),
}

/** A hint for `NAME.NAMESPACE`, which lacks `.svc`. */
function similarHost(host: string, facts: LocalityFacts, clusterDomain: string): string | undefined {
  const [name, namespace] = host.split('.')
  const exists = facts.services.some(({metadata}) => metadata.name === name && metadata.namespace === namespace)
  return exists ? `did you mean ${name}.${namespace}.svc.${clusterDomain}?` : undefined
}

/** istiod accepts localities that do not exist, so a typing error would have no effect and no message. */
export const localitiesExist: BalanceCheck = {
  id: 'places',
  about: 'every specified locality has nodes or endpoints',
  run: subject => {
    const {failover, distribute} = subject.spec
    const known = knownLocalities(subject)
    const regions = new Set(known.map(({region}) => region).filter(region => region !== ''))
    const hints = [
      regions.size > 0
        ? `regions in this cluster: ${[...regions].sort().join(', ')}`
        : 'kubectl mesh locality label sets the regions of nodes',
    ]
    const unknownRegions = new Set(Object.entries(failover).flat()).difference(regions)
    const patterns = new Set(distribute.flatMap(({from, to}) => [from, ...Object.keys(to)]))
    const unmatched = [...patterns].filter(pattern => !known.some(locality => matchesLocality(locality, pattern)))
    return [
      ...[...unknownRegions].map(region => ({
        message: `--failover: no node or endpoint is in region ${region}`,
        hints,
      })),
      ...unmatched.map(pattern => ({message: `--distribute: no node or endpoint is in ${pattern}`, hints})),
    ]
  },
}

function knownLocalities({facts, hosts}: BalanceSubject): Locality[] {
  return [...nodeLocalities(facts).values(), ...hosts.flatMap(host => endpointLocalities(host, facts))]
}

function endpointLocalities(host: MeshHost, facts: LocalityFacts): Locality[] {
  const service = findService(host, facts)
  return service ? endpointsOf(service, facts).map(({locality}) => locality) : []
}

/** With `distribute`, Envoy never uses the localities that are not listed. */
export const nothingDropped: BalanceCheck = {
  id: 'dropped',
  about: '--distribute lists every locality that has endpoints',
  run: ({spec, facts, hosts}) =>
    hosts.flatMap(host => {
      const localities = endpointLocalities(host, facts)
      return spec.distribute.flatMap(({from, to}): Finding[] => {
        const dropped = localities.filter(one => !Object.keys(to).some(pattern => matchesLocality(one, pattern)))
        const names = [...new Set(dropped.map(formatLocality))]
        return names.length === 0 ? [] : [droppedFinding(host.host, from, names)]
      })
    }),
}

function droppedFinding(host: string, from: string, names: readonly string[]): Finding {
  return {
    level: 'warning',
    message: `${host}: clients in ${from} never use the endpoints in ${names.join(', ')}, even when all others are down`,
    hints: ['list them in --distribute with a small weight, or use --failover instead'],
  }
}
