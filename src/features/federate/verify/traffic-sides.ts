import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Problem} from '../../../errors.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {entryAddresses} from '../../../mesh/services/exports.ts'
import type {ExportingCluster} from '../../../mesh/services/read.ts'
import {buildHello, buildHelloImport, helloServer, helloUrl, helloVersion} from './objects-traffic.ts'
import type {SeenCluster} from './read.ts'
import {helloExporters} from './read-traffic.ts'
import {type FederationVerify, sampleImages} from './spec.ts'

/** A cluster that takes part in `federate verify --traffic`. */
export interface TrafficSide {
  member: MeshMember
  cluster: Cluster
  /** Name of the pod that answers here. */
  server: string
  /** All that is made here, in this order. */
  made: KubernetesObject[]
  /** What its client asks for. */
  url: string
  /** Curl's `--resolve`, where nobody else answers for the name. */
  resolve: string | undefined
  /** The pods that are to answer, by cluster name. */
  answering: ReadonlyMap<string, string>
}

/** What is made and asked in each cluster, or why it can't be; pure. All of them have answered. */
export function trafficSides(
  seen: readonly SeenCluster[],
  namespace: string,
  spec: FederationVerify,
): {sides: TrafficSide[]; problems: Problem[]} {
  const servers = seen.map(({member}, at): [string, string] => [member.cluster, helloServer(at)])
  const sides = seen.map(({member}, at): TrafficSide => {
    const revision = member.controlPlane?.revision ?? spec.revision ?? 'default'
    const images = {
      client: spec.images.client ?? sampleImages.client,
      server: spec.images.server ?? sampleImages[helloVersion(at)],
    }
    return {
      member,
      cluster: member.facts!.cluster,
      server: helloServer(at),
      made: buildHello({at, namespace, revision, images}),
      url: helloUrl(namespace),
      resolve: undefined,
      answering: new Map(servers),
    }
  })
  const exporting = seen.flatMap(one => one.exporting ?? [])
  return exporting.length === 0 ? {sides, problems: []} : importingSides(sides, exporting, namespace, spec)
}

/** In gateways mode a name is a service of the others: each cluster imports theirs, and none its own. */
function importingSides(
  sides: readonly TrafficSide[],
  exporting: readonly ExportingCluster[],
  namespace: string,
  {revision}: FederationVerify,
): {sides: TrafficSide[]; problems: Problem[]} {
  if (new Set(sides.map(({member}) => member.cluster)).size < 2)
    return {
      sides: [],
      problems: [
        {
          message: 'no request was sent: in gateways mode a cluster asks the others, and there is no other',
          hints: ['--contexts ONE,OTHER'],
        },
      ],
    }
  const {exporters, refusals} = helloExporters(exporting.map((one, at) => ({exporting: one, made: sides[at]!.made})))
  const problems = refusals.map(({cluster, name, reason, hint}) => ({
    message: `no request was sent: ${name} of ${cluster} ${reason}`,
    hints: [hint],
  }))
  if (problems.length > 0) return {sides: [], problems}
  const importing = sides.map((side, at): TrafficSide => {
    const {cluster, facts} = side.member
    const {record, controlPlane} = exporting[at]!
    const others = Object.fromEntries(Object.entries(exporters).filter(([name]) => name !== cluster))
    const taken = new Set((facts?.imports ?? []).flatMap(entryAddresses))
    const {objects, resolve} = buildHelloImport({cluster, namespace, revision}, others, taken)
    const answersDns = (record?.dns ?? 'istio') === 'istio' && controlPlane?.capturesDns
    return {
      ...side,
      made: [...side.made, ...objects],
      url: helloUrl(namespace, true),
      resolve: answersDns ? undefined : resolve,
      answering: new Map([...side.answering].filter(([name]) => name !== cluster)),
    }
  })
  return {sides: importing, problems: []}
}
