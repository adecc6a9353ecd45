import type {Check, Finding} from '../../../findings/check.ts'
import {namesInShort} from '../../../text/short-names.ts'
import {controlPlaneChecks, count, localitiesCurrent, localityBalancingOn, type MeshSubject} from '../checks-mesh.ts'
import {deprecatedLocalityLabels, localityLabels} from '../istio.ts'
import {nodeLocalities} from '../istio-endpoints.ts'
import {hasService} from '../istio-stale-pods.ts'
import {type HostSubject, hostChecks} from './checks-host.ts'

/** What `mesh locality status` checks. */
export interface LocalitySubject extends MeshSubject {
  /** The host that the user specified. */
  host: HostSubject['host'] | undefined
}

const nodesLabelled: Check<MeshSubject> = {
  id: 'unlabelled-nodes',
  about: 'every node has a region and a zone',
  run: ({facts}) => {
    const nodes = [...nodeLocalities(facts)]
    const withoutRegion = nodes.filter(([, {region}]) => region === '')
    const withoutZone = nodes.filter(([, {region, zone}]) => region !== '' && zone === '')
    const names = (some: typeof nodes) => some.map(([name]) => name)
    return [
      ...missingPart('region', names(withoutRegion), nodes.length),
      ...missingPart('zone', names(withoutZone), nodes.length),
    ]
  },
}

function missingPart(part: 'region' | 'zone', names: readonly string[], total: number): Finding[] {
  return names.length === 0
    ? []
    : [
        {
          level: 'warning',
          message: `${names.length} of ${count(total, 'node')} without a ${part}: ${namesInShort(names)}`,
          hints: ['kubectl mesh locality label NODE… --region R --zone Z'],
        },
      ]
}

const currentLabels: Check<MeshSubject> = {
  id: 'old-labels',
  about: 'no node has only deprecated locality labels',
  run: ({facts}) => {
    const outdated = facts.nodes.filter(({metadata: {labels = {}}}) =>
      (['region', 'zone'] as const).some(
        part => labels[deprecatedLocalityLabels[part]] && !labels[localityLabels[part]],
      ),
    )
    return outdated.length === 0
      ? []
      : [
          {
            level: 'warning',
            message: `${count(outdated.length, 'node')} with only the deprecated failure-domain.beta.kubernetes.io labels: ${namesInShort(outdated.map(({metadata}) => metadata.name))}`,
            hints: ['kubectl mesh locality label --all adds the current labels'],
          },
        ]
  },
}

/** istiod finds the ports and the locality of a gateway through its Service. */
const gatewaysHaveService: Check<MeshSubject> = {
  id: 'gateway-service',
  about: 'every gateway has a Service',
  run: ({facts}) => {
    const alone = facts.pods.filter(
      pod => pod.metadata.annotations?.['inject.istio.io/templates'] === 'gateway' && !hasService(pod, facts),
    )
    const gateways = Map.groupBy(
      alone,
      ({metadata: {namespace, name, labels}}) => `${namespace}/${labels?.app ?? name}`,
    )
    return [...gateways].map(([name, pods]) => ({
      message: `gateway ${name} (${count(pods.length, 'pod')}) has no Service: istiod configures no listeners for Service ports, and its requests have no locality`,
      hints: ['kubectl mesh ingress deploy creates a gateway with a Service'],
    }))
  },
}

/** The checks of `mesh locality status`. */
export const statusChecks: readonly Check<LocalitySubject>[] = [
  ...controlPlaneChecks,
  nodesLabelled,
  currentLabels,
  localitiesCurrent,
  gatewaysHaveService,
  localityBalancingOn,
  ...hostChecks.map(check => ({
    ...check,
    run: ({facts, host}: LocalitySubject) => (host ? check.run({facts, host}) : []),
  })),
]
