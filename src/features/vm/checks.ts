import type {Right} from '../../engine/cluster/rights.ts'
import {nameOf, refOf} from '../../engine/kubernetes/object.ts'
import type {Check, Finding} from '../../findings/check.ts'
import {isDiscovered} from '../../istio/selectors.ts'
import {canonicalIp, registersItself, selectorOf, vmLabels} from './objects.ts'
import {gatewayAddressesOf, holderOf, isOwn, type VmFacts} from './read.ts'
import {clusterServiceOf, type VmRegister} from './spec.ts'

/** What a registration is checked with. */
export interface VmSubject {
  spec: VmRegister & {name: string; namespace: string; serviceAccount: string}
  facts: VmFacts
  /** Rights that we lack. */
  denied: readonly Right[]
}

type VmCheck = Check<VmSubject>

/** What a registration may write. */
export function vmRights(namespace: string, systemNamespace: string): Right[] {
  const networking = 'networking.istio.io'
  return [
    {verb: 'patch', group: networking, resource: 'workloadgroups', namespace},
    {verb: 'patch', group: networking, resource: 'workloadentries', namespace},
    {verb: 'patch', group: networking, resource: 'serviceentries', namespace},
    {verb: 'patch', group: '', resource: 'secrets', namespace},
    {verb: 'create', group: '', resource: 'serviceaccounts/token', namespace},
    {verb: 'patch', group: networking, resource: 'gateways', namespace: systemNamespace},
  ]
}

const istioCrds: VmCheck = {
  id: 'istio-crds',
  about: "Istio's resource definitions are there",
  run: ({facts}) =>
    facts.hasIstioCrds
      ? []
      : [{message: "Istio's resource definitions (CRDs) are missing", hints: ['install Istio in this cluster first']}],
}

const controlPlane: VmCheck = {
  id: 'control-plane',
  about: 'a control plane of the revision runs',
  run: ({facts, spec}) => {
    if (facts.plane?.ready) return []
    if (facts.plane)
      return [
        {
          level: 'warning',
          message: `istiod is not ready (0 of ${facts.plane.replicas})`,
          hints: [`kubectl -n ${spec.systemNamespace} get pods -l app=istiod`],
        },
      ]
    const which = spec.revision ? `istiod of revision ${spec.revision}` : 'istiod without a revision'
    return [
      {
        message: `no ${which} in namespace ${spec.systemNamespace}`,
        hints:
          facts.revisions.length > 0
            ? [`revisions there: ${facts.revisions.join(', ')} (--revision)`]
            : ['--system-namespace NS'],
      },
    ]
  },
}

/** istiod reads nothing of a namespace that its discovery selectors leave out, and puts no root there. */
const discovered: VmCheck = {
  id: 'discovered',
  about: 'the control plane reads the namespace',
  run: ({facts, spec}) => {
    const selectors = facts.plane?.discoverySelectors ?? []
    const labels = {'kubernetes.io/metadata.name': spec.namespace, ...facts.namespace?.metadata.labels}
    if (isDiscovered(selectors, labels)) return []
    const wanted = Object.entries(selectors[0]?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
    return [
      {
        message: `istiod's discoverySelectors leave the namespace ${spec.namespace} out`,
        hints: [
          ...(facts.namespace ? [] : [`kubectl create namespace ${spec.namespace}`]),
          `kubectl label namespace ${spec.namespace} ${wanted.join(' ') || '…'}`,
        ],
      },
    ]
  },
}

const autoRegistration: VmCheck = {
  id: 'auto-registration',
  about: 'istiod lets machines register themselves',
  run: ({facts, spec}) => {
    const {plane} = facts
    const troubles: Finding[] = []
    const hint = (name: string) =>
      `kubectl -n ${spec.systemNamespace} set env deployment/${plane?.revision === 'default' ? 'istiod' : `istiod-${plane?.revision}`} ${name}=true, and the same in the values of your install (pilot.env.${name})`
    if (plane && !plane.autoRegistration && registersItself(spec))
      troubles.push({
        message: 'auto-registration is switched off in istiod (PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION=false)',
        hints: [
          hint('PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION'),
          'or name the address of the machine with --address',
        ],
      })
    if (plane && !plane.healthChecks && spec.probe)
      troubles.push({
        level: 'warning',
        message: 'istiod does not listen to probes of machines (PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS=false)',
        hints: [hint('PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS')],
      })
    return troubles
  },
}

const clusterName: VmCheck = {
  id: 'cluster-name',
  about: 'the VM calls the cluster as istiod does',
  run: ({facts, spec}) => {
    const found = facts.plane?.cluster ?? 'Kubernetes'
    if (!facts.plane || spec.clusterName === undefined || spec.clusterName === found) return []
    return [
      {
        message: `istiod calls its cluster ${found}, and --cluster-name says ${spec.clusterName}`,
        hints: ['leave --cluster-name out'],
      },
    ]
  },
}

const gateway: VmCheck = {
  id: 'gateway',
  about: 'a gateway leads to istiod',
  run: ({facts, spec}) => {
    if (!facts.plane || spec.gatewayAddress !== undefined) return []
    if (facts.gateways.length === 0)
      return [
        {
          message: 'there is no east-west gateway with port 15012 through which a VM would reach istiod',
          hints: [
            'kubectl mesh federate makes one where clusters are joined; alone: samples/multicluster/gen-eastwest-gateway.sh --single-cluster of Istio',
            'or --gateway-address ADDRESS, where something else leads to istiod',
          ],
        },
      ]
    if (gatewayAddressesOf(facts).length > 0) return []
    const {metadata} = facts.gateways[0]!
    return [
      {
        message: `the gateway ${metadata.namespace}/${metadata.name} has no address yet`,
        hints: [`kubectl -n ${metadata.namespace} describe service ${metadata.name}`, 'or --gateway-address ADDRESS'],
      },
    ]
  },
}

/** Two entries of one address in one network are one endpoint twice, and istiod's health of it flaps (issues 43950, 44128). */
const addressFree: VmCheck = {
  id: 'address-free',
  about: 'no other entry has the address in the same network',
  run: ({facts, spec}) =>
    spec.addresses.flatMap(address =>
      facts.entries
        .filter(
          entry =>
            !isOwn(entry, spec) &&
            sameEndpoint(entry.spec as {address?: string; network?: string}, address, spec.network),
        )
        .map(({metadata}) => ({
          message: `${address} is registered already as WorkloadEntry ${metadata.namespace}/${metadata.name}${spec.network ? ` in network ${spec.network}` : ''}`,
          hints: [`kubectl -n ${metadata.namespace} delete workloadentry ${metadata.name}, if that is not in use`],
        })),
    ),
}

/** Whether an entry is this address in this network. */
export function sameEndpoint(
  entry: {address?: string; network?: string},
  address: string,
  network: string | undefined,
): boolean {
  return canonicalIp(entry.address ?? '') === canonicalIp(address) && (entry.network ?? '') === (network ?? '')
}

/** A group or entry of the same name that others made has other fields than ours, and would be fought over. */
const hosts: VmCheck = {
  id: 'hosts',
  about: 'what has the hosts already leads to the VM',
  run: ({facts, spec}) => {
    const labels = vmLabels(spec.name, spec.labels)
    return spec.hosts.flatMap((host): Finding[] => {
      const holder = holderOf(facts, host, spec.clusterDomain)
      if (!holder || isOwn(holder, spec)) return []
      const {selector, workloadSelector} = holder.spec as {
        selector?: Record<string, string>
        workloadSelector?: {labels?: Record<string, string>}
      }
      const wanted = holder.kind === 'Service' ? selector : workloadSelector?.labels
      if (wanted && Object.entries(wanted).every(([key, value]) => labels[key] === value))
        return portTroubles(holder, spec)
      const missing = Object.entries(wanted ?? {}).map(([key, value]) => `--label ${key}=${value}`)
      return [
        {
          message: `${host} is ${nameOf(refOf(holder))} already, and that does not select ${Object.entries(
            selectorOf(labels),
          )
            .map(pair => pair.join('='))
            .join(',')}`,
          hints: [missing.length > 0 ? missing.join(' ') : 'take another --host'],
        },
      ]
    })
  },
}

/** Ports of a host that was there before: what callers use must be what the VM serves. */
function portTroubles(holder: {kind: string; spec?: unknown; metadata: {name: string}}, spec: VmRegister): Finding[] {
  const there = (holder.spec as {ports?: {name?: string; port?: number; number?: number}[]}).ports ?? []
  return spec.ports
    .filter(({name, number}) => !there.some(port => port.name === name || (port.port ?? port.number) === number))
    .map(({name, number}) => ({
      level: 'warning' as const,
      message: `${holder.kind} ${holder.metadata.name} has no port ${name} (${number}): callers do not reach it`,
      hints: [`ports there: ${there.map(port => `${port.name ?? ''}:${port.port ?? port.number}`).join(', ')}`],
    }))
}

/** Without an address of its own, a TCP port of a ServiceEntry is listened for on every address (IST0134). */
const dnsCapture: VmCheck = {
  id: 'dns-capture',
  about: 'pods can resolve the hosts',
  run: ({facts, spec}) => {
    const names = spec.hosts.filter(host => clusterServiceOf(host, spec.clusterDomain) === undefined)
    if (names.length === 0 || spec.captureDns || facts.plane?.capturesDns) return []
    const tcp = spec.ports.filter(({protocol}) => ['TCP', 'MONGO', 'MYSQL', 'REDIS'].includes(protocol))
    return [
      {
        level: 'warning',
        message:
          `without DNS capture pods resolve ${names.join(', ')} only if your DNS has it` +
          (tcp.length > 0 ? `, and port ${tcp[0]!.number} of every address would lead to the VM` : ''),
        hints: ['leave --no-capture-dns out, or take a host NAME.NS.svc.cluster.local'],
      },
    ]
  },
}

const rights: VmCheck = {
  id: 'rights',
  about: 'you may write what is needed',
  run: ({denied}) =>
    denied.map(({verb, group, resource, namespace}) => ({
      message: `you may not ${verb} ${resource}${group ? `.${group}` : ''}${namespace ? ` in ${namespace}` : ''}`,
    })),
}

/** The preflight of `mesh vm register`: nothing is written if one of these finds an error. */
export const vmChecks: readonly VmCheck[] = [
  istioCrds,
  controlPlane,
  discovered,
  autoRegistration,
  clusterName,
  gateway,
  addressFree,
  hosts,
  dnsCapture,
  rights,
]
