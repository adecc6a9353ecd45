import type {Cluster} from '../../cluster/cluster.ts'
import type {Problem} from '../../errors.ts'
import {helloExporters} from '../../facts/federation-traffic.ts'
import type {SeenCluster} from '../../facts/federation-verify.ts'
import type {Joining} from '../../facts/members.ts'
import {entryAddresses} from '../../facts/service-plan.ts'
import type {ExportingCluster} from '../../facts/services.ts'
import {buildHello, buildHelloImport, helloServer, helloUrl, helloVersion} from '../../manifests/federation-traffic.ts'
import type {KubernetesObject} from '../../manifests/object.ts'
import {type FederationVerify, sampleImages} from '../../specs/federation-verify.ts'

/** A cluster that takes part in `federate verify --traffic`. */
export interface TrafficSide {
  joining: Joining
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
  const servers = seen.map(({joining}, at): [string, string] => [joining.cluster, helloServer(at)])
  const sides = seen.map(({joining}, at): TrafficSide => {
    const revision = joining.controlPlane?.revision ?? spec.revision ?? 'default'
    const images = {
      client: spec.images.client ?? sampleImages.client,
      server: spec.images.server ?? sampleImages[helloVersion(at)],
    }
    return {
      joining,
      cluster: joining.facts!.cluster,
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
  if (new Set(sides.map(({joining}) => joining.cluster)).size < 2)
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
    const {cluster, facts} = side.joining
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
