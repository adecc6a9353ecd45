import {nameOf} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {dnsPlace, hasDnsConfig} from '../../mesh/dns/facts.ts'
import {untrustedGatewayText} from '../../mesh/gateway-services.ts'
import type {Offer, Refusal} from '../../mesh/services/offers.ts'
import type {ImportPlan} from '../../mesh/services/plan-imports.ts'
import type {ExportingCluster, ImportingCluster, ServiceCluster} from '../../mesh/services/read.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'
import {type ImportSubject, importChecks} from './checks-imports.ts'
import {missingControlPlanes, missingServices, refusedServices, sharedClusterNames} from './checks-selection.ts'

/** Input of the checks that run before services are exported. */
export interface ServiceExportSubject extends ImportSubject {
  exporting: readonly ExportingCluster[]
  systemNamespace: string
  offers: readonly Offer[]
  /** Services that cannot be exported or imported. */
  refusals: readonly Refusal[]
  notes: ImportPlan['notes']
  /** The Service that was requested by name. A problem with it is an error instead of a warning. */
  named: {name: string; namespace: string} | undefined
}

type ServiceCheck = Check<ServiceExportSubject>

/** Exporting and importing clusters, each once. */
function clustersOf({exporting, importing}: ServiceExportSubject): ServiceCluster[] {
  return [...new Map([...exporting, ...importing].map((one): [string, ServiceCluster] => [one.context, one])).values()]
}

const serviceExists: ServiceCheck = {
  id: 'service-found',
  about: 'the Service exists in the exporting clusters',
  run: ({exporting, named}) => missingServices(named, exporting, ({services}) => services.length > 0),
}

const namesDiffer: ServiceCheck = {
  id: 'cluster-names',
  about: 'every cluster has a different name',
  run: subject => sharedClusterNames(clustersOf(subject), 'kubectl mesh federate --mode gateways'),
}

const exportable: ServiceCheck = {
  id: 'service-exportable',
  about: 'the selected Services can be exported and imported',
  run: ({refusals, named}) => refusedServices(refusals, named !== undefined),
}

const complete: ServiceCheck = {
  id: 'service-whole',
  about: 'all ports and pods of the Services are exported',
  run: ({offers, notes}) => {
    const ofOffers = offers.flatMap(({cluster, namespace, name, notes: texts}) =>
      texts.map((text): Finding => ({level: 'warning', cluster, message: `Service ${namespace}/${name}: ${text}`})),
    )
    // Several importing clusters have the same notes.
    const messages = new Set(notes.map(({namespace, name, text}) => `Service ${namespace}/${name}: ${text}`))
    return [...ofOffers, ...[...messages].map((message): Finding => ({level: 'warning', message}))]
  },
}

const controlPlane: ServiceCheck = {
  id: 'control-plane',
  about: 'every cluster has a control plane of the revision',
  run: subject => missingControlPlanes(clustersOf(subject)),
}

/** Every Service of these clusters keeps its name in all of them, with the pods of all. */
const notShared: ServiceCheck = {
  id: 'not-shared',
  about: 'the clusters do not already share all Services',
  run: subject => {
    const sharing = sharingClusters(subject)
    if (sharing.length === 0) return []
    const [service] = subject.named ? [subject.named] : subject.offers
    const host = service ? `${service.name}.${service.namespace}.svc.cluster.local` : 'NAME.NAMESPACE.svc.cluster.local'
    return [
      {
        level: 'warning',
        message: `${sharing.map(({name}) => name).join(', ')} already share all Services: clients in each cluster reach them as ${host}`,
        hints: ['service export is for clusters that joined with federate --mode gateways'],
      },
    ]
  },
}

/** The clusters, if all of them share endpoints. */
function sharingClusters(subject: ServiceExportSubject): ServiceCluster[] {
  const all = clustersOf(subject)
  return all.every(({sharesEndpoints}) => sharesEndpoints) ? all : []
}

/** The command that joins the clusters again with further flags. */
function federateAgain(subject: ServiceExportSubject, flags: string): string {
  const contexts = clustersOf(subject).map(({context}) => context)
  return `kubectl mesh federate --mode gateways --contexts ${shellWord(contexts.join(','))} ${flags}`
}

const namesResolve: ServiceCheck = {
  id: 'names-resolve',
  about: 'names under .global resolve in the importing clusters',
  run: subject => subject.importing.flatMap(one => resolutionFindings(one, subject)),
}

function resolutionFindings(
  {name: cluster, record, controlPlane: plane, context}: ImportingCluster,
  subject: ServiceExportSubject,
): Finding[] {
  const dns = record?.dns ?? 'istio'
  if (dns === 'istio' && plane && !plane.capturesDns)
    return [
      {
        level: 'warning',
        cluster,
        message: 'DNS capture is off: names under .global do not resolve in pods',
        // Clusters in another mode need no names under .global.
        hints: record ? [federateAgain(subject, '--capture-dns')] : [],
      },
    ]
  if (dns === 'kube-dns')
    return [
      {
        level: 'warning',
        cluster,
        message: `kube-dns forwards .global to ${record!.dnsForward.join(', ')}; add the names to those DNS servers`,
        hints: [
          `kubectl ${contextFlags(context)} get serviceentries -A -o custom-columns=HOST:.spec.hosts,IP:.spec.addresses`,
        ],
      },
    ]
  return []
}

const dnsConfigExists: ServiceCheck = {
  id: 'dns-config',
  about: 'the DNS servers that resolve .global have their ConfigMap',
  run: subject =>
    subject.importing.flatMap(({name, record, dns: found}) => {
      const dns = record?.dns ?? 'istio'
      if (dns === 'istio' || hasDnsConfig(found, dns)) return []
      const {ref} = dnsPlace(dns)
      return [
        {
          cluster: name,
          message: `${nameOf(ref)} of ${dns} does not exist; it is required to resolve .global`,
          hints: [`to use the DNS proxy of the sidecars: ${federateAgain(subject, '--dns istio --capture-dns')}`],
        },
      ]
    }),
}

const nodesReadable: ServiceCheck = {
  id: 'nodes',
  about: 'the localities of the exporting clusters are known',
  run: ({exporting}) =>
    exporting
      .filter(one => one.nodes === undefined && one.services.length > 0)
      .map(({name}) => ({
        level: 'warning',
        cluster: name,
        message: 'no permission to list nodes: the endpoints have no locality',
      })),
}

/** Anyone who can create Services in the namespace of a gateway could redirect the exported services of the cluster. */
const gatewaysTrusted: ServiceCheck = {
  id: 'gateway-namespace',
  about: 'the gateways of exporting clusters are in the system namespace, or named',
  run: ({exporting}) =>
    exporting.flatMap(({name: cluster, context, network, otherGateways}) =>
      otherGateways.map(service => ({
        level: 'warning' as const,
        cluster,
        message: untrustedGatewayText(service, network),
        hints: [
          `to use it: kubectl mesh federate with --gateway ${shellWord(`${context}=existing=${service.metadata.namespace}/${service.metadata.name}`)}`,
        ],
      })),
    ),
}

/** The checks that run before services are exported. */
export const serviceExportChecks: readonly ServiceCheck[] = [
  namesDiffer,
  controlPlane,
  notShared,
  serviceExists,
  exportable,
  complete,
  namesResolve,
  dnsConfigExists,
  nodesReadable,
  gatewaysTrusted,
  ...importChecks,
]
