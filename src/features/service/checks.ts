import type {Check, Finding} from '../../findings/check.ts'
import {dnsPlace} from '../../mesh/dns/objects-stub.ts'
import type {Wanted} from '../../mesh/services/exports.ts'
import type {Offer, Refusal} from '../../mesh/services/offers.ts'
import type {ExportingCluster, ImportingCluster, ServiceCluster} from '../../mesh/services/read.ts'
import {shellWord} from '../../spec/read.ts'

/** What the preflight of an export looks at; all of it was read and worked out before. */
export interface ServiceExportSubject {
  exporting: readonly ExportingCluster[]
  importing: readonly ImportingCluster[]
  offers: readonly Offer[]
  /** Of exporters and importers. */
  refusals: readonly Refusal[]
  notes: Wanted['notes']
  /** The one Service that was named; it is an error when it can't be exported. */
  named: {name: string; namespace: string} | undefined
}

type ServiceCheck = Check<ServiceExportSubject>

const found: ServiceCheck = {
  id: 'service-found',
  about: 'the Service is there',
  run: ({exporting, named}) => {
    if (!named) return []
    const without = exporting.filter(({services}) => services.length === 0)
    if (without.length < exporting.length)
      return without.map(({name, context}) => ({
        level: 'warning',
        cluster: name,
        message: `no Service ${named.namespace}/${named.name} there: it exports nothing`,
        hints: [`kubectl --context ${shellWord(context)} -n ${named.namespace} get services`],
      }))
    return [
      {
        message: `no Service ${named.namespace}/${named.name} in ${exporting.map(({name}) => name).join(', ')}`,
        hints: [`kubectl --context ${shellWord(exporting[0]!.context)} -n ${named.namespace} get services`],
      },
    ]
  },
}

/** Who imports is told from who exports by name alone. */
const distinct: ServiceCheck = {
  id: 'cluster-names',
  about: 'each cluster has a name of its own',
  run: ({exporting, importing}) => {
    const all = [...new Map([...exporting, ...importing].map(one => [one.context, one])).values()]
    return all.flatMap((one, at) => {
      const same = all.slice(0, at).find(({name}) => name === one.name)
      return same
        ? [
            {
              message: `contexts ${same.context} and ${one.context} both have the cluster name ${one.name}`,
              hints: [
                `kubectl mesh federate --mode gateways gives each a name of its own (--cluster-name ${shellWord(`${one.context}=NAME`)})`,
              ],
            },
          ]
        : []
    })
  },
}

const exportable: ServiceCheck = {
  id: 'service-exportable',
  about: 'the Services can be exported, and known in the other clusters',
  run: ({refusals, named}) =>
    refusals.map(({cluster, namespace, name, reason, hint}) => ({
      level: named ? 'error' : 'warning',
      cluster,
      message: `Service ${namespace}/${name} ${reason}`,
      hints: [hint],
    })),
}

const whole: ServiceCheck = {
  id: 'service-whole',
  about: 'all of the Services is exported',
  run: ({offers, notes}) => [
    ...offers.flatMap(({cluster, namespace, name, notes: texts}) =>
      texts.map((text): Finding => ({level: 'warning', cluster, message: `Service ${namespace}/${name}: ${text}`})),
    ),
    ...new Map(
      notes.map(({namespace, name, text}): [string, Finding] => {
        const message = `Service ${namespace}/${name}: ${text}`
        return [message, {level: 'warning', message}]
      }),
    ).values(),
  ],
}

const controlPlane: ServiceCheck = {
  id: 'control-plane',
  about: 'a control plane of the revision is there',
  run: ({exporting, importing}) =>
    [...new Map([...exporting, ...importing].map((one): [string, ServiceCluster] => [one.context, one])).values()]
      .filter(one => !one.controlPlane)
      .map(({name, context}) => ({
        cluster: name,
        message: 'no istiod of this revision in the system namespace',
        hints: [
          `--revision and --system-namespace say which: kubectl --context ${shellWord(context)} get deployments -A -l app=istiod`,
        ],
      })),
}

const resolvable: ServiceCheck = {
  id: 'names-resolve',
  about: 'names under .global resolve where they are imported',
  run: ({importing}) =>
    importing.flatMap(({name, record, controlPlane: plane, context}): Finding[] => {
      const dns = record?.dns ?? 'istio'
      if (dns === 'istio') {
        if (!plane || plane.capturesDns) return []
        return [
          {
            level: 'warning',
            cluster: name,
            message: "its sidecars don't answer DNS queries: names under .global resolve in no pod there",
            hints: ['kubectl mesh federate --mode gateways … --capture-dns'],
          },
        ]
      }
      if (dns === 'kube-dns')
        return [
          {
            level: 'warning',
            cluster: name,
            message: `its kube-dns forwards .global to ${record!.dnsForward.join(', ')}: those have to be told the names`,
            hints: [
              `kubectl --context ${shellWord(context)} get serviceentries -A -o custom-columns=HOST:.spec.hosts,IP:.spec.addresses`,
            ],
          },
        ]
      return []
    }),
}

const dnsConfig: ServiceCheck = {
  id: 'dns-config',
  about: "the clusters' DNS can be told the names",
  run: ({importing}) =>
    importing.flatMap(({name, record, dnsConfig: config}) => {
      const dns = record?.dns ?? 'istio'
      if (dns === 'istio' || config) return []
      const {ref} = dnsPlace(dns)
      return [
        {
          cluster: name,
          message: `the ConfigMap ${ref.namespace}/${ref.name} of its DNS is gone`,
          hints: ['kubectl mesh federate --mode gateways with another --dns'],
        },
      ]
    }),
}

const nodes: ServiceCheck = {
  id: 'nodes',
  about: 'the localities of the exporting clusters are known',
  run: ({exporting}) =>
    exporting
      .filter(one => one.nodes === undefined && one.services.length > 0)
      .map(({name}) => ({
        level: 'warning',
        cluster: name,
        message: 'you may not list its nodes: its endpoints get no locality',
      })),
}

/** The preflight of `mesh service export`: nothing is written if one of these finds an error. */
export const serviceExportChecks: readonly ServiceCheck[] = [
  distinct,
  controlPlane,
  found,
  exportable,
  whole,
  resolvable,
  dnsConfig,
  nodes,
]
