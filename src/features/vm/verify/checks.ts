import {isIP} from 'node:net'
import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../../findings/check.ts'
import {fits, isDiscovered} from '../../../istio/selectors.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import {istiodHost} from '../../../mesh/objects-expose-istiod.ts'
import {formatDuration} from '../../../text/duration.ts'
import {sameEndpoint} from '../checks.ts'
import {entrySpecOf, gatewayAddressesOf, groupOfEntry, holderOf, isOwn, templateOf, type VmFacts} from '../read.ts'
import type {NamedVm} from '../read-bundle.ts'
import {entryRow} from '../read-rows.ts'
import type {TlsInspection} from './read-tls.ts'

/** What one VM is verified with. */
export interface VmVerifySubject {
  where: {name: string; namespace: string; systemNamespace: string; revision: string | undefined}
  /** What its registration said; undefined when it was not ours. */
  spec: NamedVm | undefined
  facts: VmFacts
  /** Where the VM dials, and what is there as seen from here; undefined without an address. */
  dialled: {address: string; look: TlsInspection} | undefined
  /** End of the token in the bundle; undefined where no bundle is here. */
  tokenEnds: Date | undefined
  /** Folder that was looked into. */
  folder: string
  now: Date
}

type VerifyCheck = Check<VmVerifySubject>

/** The WorkloadGroup, and the entries of the VM: its own, and those that its machines made. */
export function workloadsOf({facts, where}: Pick<VmVerifySubject, 'facts' | 'where'>): {
  group: KubernetesObject | undefined
  entries: KubernetesObject[]
} {
  return {
    group: facts.groups.find(({metadata}) => metadata.name === where.name),
    entries: facts.entries.filter(
      entry =>
        entry.metadata.namespace === where.namespace && (isOwn(entry, where) || groupOfEntry(entry) === where.name),
    ),
  }
}

const registered: VerifyCheck = {
  id: 'registered',
  about: 'the cluster knows it',
  run: subject => {
    const {group, entries} = workloadsOf(subject)
    if (group || entries.length > 0) return []
    const {name, namespace} = subject.where
    return [
      {
        message: `there is no WorkloadGroup ${namespace}/${name}, and no WorkloadEntry of it`,
        hints: [`kubectl mesh vm register ${name} -n ${namespace} …`, 'kubectl mesh vm list'],
      },
    ]
  },
}

const controlPlane: VerifyCheck = {
  id: 'control-plane',
  about: 'its control plane runs and reads its namespace',
  run: ({facts, where}) => {
    const which = where.revision ? `istiod of revision ${where.revision}` : 'istiod'
    if (!facts.plane)
      return [
        {
          message: `no ${which} in namespace ${where.systemNamespace}`,
          hints:
            facts.revisions.length > 0
              ? [`revisions there: ${facts.revisions.join(', ')} (--revision)`]
              : ['--system-namespace NS'],
        },
      ]
    if (facts.plane.ready === 0)
      return [{message: `${which} is not ready`, hints: [`kubectl -n ${where.systemNamespace} get pods -l app=istiod`]}]
    const labels = {'kubernetes.io/metadata.name': where.namespace, ...facts.namespace?.metadata.labels}
    if (isDiscovered(facts.plane.discoverySelectors, labels)) return []
    return [
      {
        message: `${which} does not read namespace ${where.namespace} (discoverySelectors)`,
        hints: ['label the namespace as they ask'],
      },
    ]
  },
}

const exposed: VerifyCheck = {
  id: 'istiod-exposed',
  about: 'the east-west gateway lets it through to istiod',
  run: ({facts, where, spec}) =>
    facts.exposed || spec?.gatewayAddress !== undefined
      ? []
      : [
          {
            message: 'no Gateway with port 15012 and VirtualService lead to istiod',
            hints: [`kubectl mesh vm register ${where.name} -n ${where.namespace} … makes them`],
          },
        ],
}

const reachable: VerifyCheck = {
  id: 'gateway-reachable',
  about: "istiod answers at the gateway's address, as seen from here",
  run: ({facts, dialled}) => {
    if (!dialled)
      return [
        {
          message: 'the gateway to istiod has no address',
          hints: [
            facts.gateways[0]
              ? `kubectl -n ${facts.gateways[0].metadata.namespace} describe service ${facts.gateways[0].metadata.name}`
              : '--gateway-address ADDRESS',
          ],
        },
      ]
    if (dialled.look.reached) return []
    return [
      {
        level: 'warning',
        message: `nobody answers at ${dialled.address}:15012 from here: ${dialled.look.error}`,
        hints: ['the VM may still reach it: try on the VM', 'else: firewall, or the pods of the gateway'],
      },
    ]
  },
}

const certificate: VerifyCheck = {
  id: 'istiod-certificate',
  about: "istiod's certificate covers the name that the VM dials",
  run: ({dialled, where}) => {
    if (!dialled?.look.reached || dialled.look.trusted) return []
    const host = istiodHost(where)
    const {names, error} = dialled.look
    if (!names.includes(host))
      return [
        {
          message: `the certificate at ${dialled.address}:15012 is for ${names.join(', ') || 'no name'}, and the VM dials ${host}`,
          hints: [
            'is that address the gateway of this control plane? (--gateway-address, --revision, --system-namespace)',
          ],
        },
      ]
    return [
      {
        message: `the certificate at ${dialled.address}:15012 is not of the root that the cluster hands out: ${error}`,
        hints: [`kubectl mesh vm renew ${where.name} -n ${where.namespace} brings the VM the root as it is now`],
      },
    ]
  },
}

const token: VerifyCheck = {
  id: 'token',
  about: 'the token in the bundle is good, or was used',
  run: subject => {
    const {tokenEnds, now, folder, where} = subject
    const wasUsed = workloadsOf(subject).entries.some(entry => entryRow(entry).connected)
    if (wasUsed) return []
    const hints = [`kubectl mesh vm renew ${where.name} -n ${where.namespace}`]
    if (tokenEnds === undefined)
      return [
        {
          level: 'warning',
          message: `no bundle in ${folder}: how long its token is good is not known`,
          hints: ['--output-dir DIR names the bundle'],
        },
      ]
    const left = tokenEnds.getTime() - now.getTime()
    if (left <= 0)
      return [
        {message: `the token in ${folder} ended ${formatDuration(-left)} ago, and the VM is not connected`, hints},
      ]
    return left < 600_000
      ? [{level: 'warning', message: `the token in ${folder} ends in ${formatDuration(left)}`, hints}]
      : []
  },
}

const connected: VerifyCheck = {
  id: 'connected',
  about: 'it is connected and well',
  run: subject => {
    const {group, entries} = workloadsOf(subject)
    const rows = entries.map(entryRow)
    if (group && rows.length === 0)
      return [
        {
          level: 'warning',
          message: 'no machine has registered itself yet',
          hints: ['on the machine: systemctl status istio; journalctl -u istio'],
        },
      ]
    return rows.flatMap((row): Finding[] => {
      if (row.connected === false)
        return [
          {
            message: `${row.entry} (${row.address}) is not connected`,
            hints: ['on the machine: kubectl-mesh-vm check; journalctl -u istio'],
          },
        ]
      if (row.health === 'unhealthy')
        return [
          {message: `${row.entry} (${row.address}) fails its probe`, hints: ['look at the service on the machine']},
        ]
      return []
    })
  },
}

const network: VerifyCheck = {
  id: 'network',
  about: 'it shares the network of the pods, or a gateway leads there',
  run: subject => {
    const {facts} = subject
    const {group, entries} = workloadsOf(subject)
    const theirs = new Set(
      [...(group ? [templateOf(group)] : []), ...entries.map(entrySpecOf)].map(spec => spec.network ?? ''),
    )
    const pods = facts.plane?.network ?? ''
    return [...theirs].flatMap((own): Finding[] => {
      if (own === '' || own === pods) return []
      if (pods === '')
        return [
          {
            level: 'warning',
            message: `the VM is in network ${own}, and the cluster has none: calls go straight to pod addresses`,
            hints: [
              'leave --network out if the VM reaches them, else give the cluster a network (values.global.network)',
            ],
          },
        ]
      const gateways = facts.networkGateways.filter(({metadata}) => metadata.labels?.[networkLabel] === pods)
      if (gateways.some(gateway => addressesOf(gateway).length > 0)) return []
      return [
        {
          message: `the VM is in network ${own}, the pods are in ${pods}, and no gateway with an address leads into ${pods}`,
          hints: [
            `a Service labelled ${networkLabel}=${pods} with port 15443 is such a gateway (kubectl mesh federate makes it)`,
          ],
        },
      ]
    })
  },
}

const unique: VerifyCheck = {
  id: 'address-unique',
  about: 'its address is registered once in its network',
  run: subject =>
    workloadsOf(subject).entries.flatMap(entry => {
      const {address = '', network} = entrySpecOf(entry)
      return subject.facts.entries
        .filter(other => other !== entry && sameEndpoint(entrySpecOf(other), address, network))
        .map(({metadata}) => ({
          message: `${address} is also WorkloadEntry ${metadata.namespace}/${metadata.name}${network ? ` in network ${network}` : ''}`,
          hints: ['delete one of the two, or give machines of another network a --network'],
        }))
    }),
}

const selected: VerifyCheck = {
  id: 'selected',
  about: 'its hosts select it',
  run: subject => {
    const {spec, facts} = subject
    if (!spec) return []
    return spec.hosts.flatMap((host): Finding[] => {
      const holder = holderOf(facts, host, spec.clusterDomain)
      const again = `kubectl mesh vm register ${spec.name} -n ${spec.namespace} … --host ${host}`
      if (!holder) return [{message: `nothing has the host ${host}`, hints: [again]}]
      const labels = labelsOf(subject)
      const wanted = selectorIn(holder)
      if (wanted && labels.every(own => fits({matchLabels: wanted}, own))) return []
      return [{message: `${holder.kind} ${holder.metadata.name} (${host}) does not select it`, hints: [again]}]
    })
  },
}

/** The labels of the group and of each entry. */
function labelsOf(subject: VmVerifySubject): Record<string, string>[] {
  const {group, entries} = workloadsOf(subject)
  return [...(group ? [templateOf(group)] : []), ...entries.map(entrySpecOf)].map(({labels}) => labels ?? {})
}

function selectorIn(holder: KubernetesObject): Record<string, string> | undefined {
  const {selector, workloadSelector} = holder.spec as {
    selector?: Record<string, string>
    workloadSelector?: {labels?: Record<string, string>}
  }
  return holder.kind === 'Service' ? selector : workloadSelector?.labels
}

/** A port that a host offers leads to the port of the same name on the VM, else to its target, else to the same number. */
const portsAgree: VerifyCheck = {
  id: 'ports',
  about: 'the ports of its hosts lead to ports that it serves',
  run: subject => {
    const {spec, facts} = subject
    const {group, entries} = workloadsOf(subject)
    const served = [...(group ? [templateOf(group)] : []), ...entries.map(entrySpecOf)].map(({ports = {}}) => ports)
    return (spec?.hosts ?? []).flatMap(host => {
      const holder = holderOf(facts, host, spec!.clusterDomain)
      const offered = (holder?.spec as {ports?: OfferedPort[]} | undefined)?.ports ?? []
      return offered.flatMap(({name = '', port, number, targetPort}) =>
        served
          .filter(ports => Object.keys(ports).length > 0)
          .filter(
            ports => ports[name] === undefined && !Object.values(ports).includes(Number(targetPort ?? number ?? port)),
          )
          .slice(0, 1)
          .map(ports => ({
            message: `${host} port ${name} (${port ?? number}) leads to ${targetPort ?? number ?? port}, and the VM serves ${Object.entries(
              ports,
            )
              .map(([key, value]) => `${key}:${value}`)
              .join(', ')}`,
            hints: ['register again with the same --port names'],
          })),
      )
    })
  },
}

interface OfferedPort {
  name?: string
  port?: number
  number?: number
  targetPort?: number | string
}

/** What can be told of a VM that nobody registered. */
const ofTheCluster: readonly VerifyCheck[] = [registered, controlPlane, exposed, reachable, certificate]

/** All of `mesh vm verify`, in the order in which a VM joins. */
export const vmVerifyChecks: readonly VerifyCheck[] = [
  ...ofTheCluster,
  token,
  connected,
  network,
  unique,
  selected,
  portsAgree,
]

/** The checks that say something about this VM: without a registration nothing is connected or
 * selected, and nobody who does not answer shows a certificate. */
export function checksFor(subject: VmVerifySubject): readonly VerifyCheck[] {
  const {group, entries} = workloadsOf(subject)
  const all = group || entries.length > 0 ? vmVerifyChecks : ofTheCluster
  return subject.dialled?.look.reached ? all : all.filter(check => check !== certificate)
}

/** The address that the VM dials first: what was said, else the gateway's. */
export function dialledAddress(facts: VmFacts, said: string | undefined): string | undefined {
  const all = said === undefined ? gatewayAddressesOf(facts) : [said]
  return all.find(address => isIP(address)) ?? all[0]
}
