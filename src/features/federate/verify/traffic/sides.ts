import type {Cluster} from '../../../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../../../engine/kubernetes/object.ts'
import type {Problem} from '../../../../errors.ts'
import type {MeshMember} from '../../../../mesh/members.ts'
import {entryAddresses} from '../../../../mesh/services/addresses.ts'
import type {Exporter} from '../../../../mesh/services/objects.ts'
import {offersOf, type Refusal} from '../../../../mesh/services/offers.ts'
import type {ExportingCluster} from '../../../../mesh/services/read.ts'
import type {ObservedCluster} from '../read.ts'
import {type FederationVerify, sampleImages} from '../spec.ts'
import {buildHello, buildHelloImport, helloServer, helloUrl, helloVersion} from './objects.ts'

/** A cluster that takes part in `federate verify --traffic`. */
export interface TrafficSide {
  member: MeshMember
  cluster: Cluster
  /** Name of the server pod. */
  server: string
  /** All objects to create, in this order. */
  objects: KubernetesObject[]
  /** The URL that the client requests. */
  url: string
  /** `--resolve` of curl, where DNS does not resolve the host. */
  resolve: string | undefined
  /** The server pods that must answer, by cluster name. */
  expected: ReadonlyMap<string, string>
}

/** The clusters that take part, or the reasons why no request can be sent. */
export interface TrafficSides {
  sides: TrafficSide[]
  problems: Problem[]
}

/**
 * Plans the objects and requests of `--traffic` for every cluster.
 *
 * @param observed clusters that are reachable
 */
export function trafficSides(
  observed: readonly ObservedCluster[],
  namespace: string,
  spec: FederationVerify,
): TrafficSides {
  const servers = observed.map(({member}, at): [string, string] => [member.cluster, helloServer(at)])
  const sides = observed.map(({member}, at): TrafficSide => {
    const revision = member.controlPlane?.revision ?? spec.revision ?? 'default'
    const images = {
      client: spec.images.client ?? sampleImages.client,
      server: spec.images.server ?? sampleImages[helloVersion(at)],
    }
    return {
      member,
      cluster: member.facts!.cluster,
      server: helloServer(at),
      objects: buildHello({at, namespace, revision, images}),
      url: helloUrl(namespace),
      resolve: undefined,
      expected: new Map(servers),
    }
  })
  const exporting = observed.flatMap(one => one.exporting ?? [])
  return exporting.length === 0 ? {sides, problems: []} : importingSides(sides, exporting, namespace, spec)
}

/** Gateways mode: every cluster imports HelloWorld from the others, not from itself. */
function importingSides(
  sides: readonly TrafficSide[],
  exporting: readonly ExportingCluster[],
  namespace: string,
  {revision}: FederationVerify,
): TrafficSides {
  if (new Set(sides.map(({member}) => member.cluster)).size < 2)
    return {
      sides: [],
      problems: [
        {
          message: 'no request was sent: in gateways mode, --traffic needs at least two clusters',
          hints: ['--contexts ONE,OTHER'],
        },
      ],
    }
  const {exporters, refusals} = helloExporters(sides, exporting)
  const problems = refusals.map(({cluster, name, reason, hint}) => ({
    message: `no request was sent: ${name} of ${cluster} ${reason}`,
    hints: [hint],
  }))
  if (problems.length > 0) return {sides: [], problems}
  const importing = sides.map((side, at): TrafficSide => {
    const {cluster, facts} = side.member
    const others = Object.fromEntries(Object.entries(exporters).filter(([name]) => name !== cluster))
    const taken = new Set((facts?.imports ?? []).flatMap(entryAddresses))
    const {objects, resolve} = buildHelloImport({cluster, namespace, revision}, others, taken)
    return {
      ...side,
      objects: [...side.objects, ...objects],
      url: helloUrl(namespace, true),
      resolve: sidecarsResolve(exporting[at]!) ? undefined : resolve,
      expected: new Map([...side.expected].filter(([name]) => name !== cluster)),
    }
  })
  return {sides: importing, problems: []}
}

/** Whether the DNS proxy of sidecars resolves imported hosts. */
function sidecarsResolve({record, controlPlane}: ExportingCluster): boolean {
  return (record?.dns ?? 'istio') === 'istio' && (controlPlane?.capturesDns ?? false)
}

/** HelloWorld of each cluster as `mesh service export` would export it, by cluster name, and the refused exports. */
function helloExporters(
  sides: readonly TrafficSide[],
  exporting: readonly ExportingCluster[],
): {exporters: Record<string, Exporter>; refusals: Refusal[]} {
  const found = exporting.map((one, at) => {
    const {objects} = sides[at]!
    const services = objects.filter(({kind}) => kind === 'Service')
    const pods = objects.filter(({kind}) => kind === 'Pod')
    return offersOf({...one, services, pods, workloadEntries: []}, 'cluster.local', new Map())
  })
  return {
    exporters: Object.fromEntries(
      found.flatMap(({offers}) => offers.map(({cluster, exporter}) => [cluster, exporter] as const)),
    ),
    refusals: found.flatMap(({refusals}) => refusals),
  }
}
