import {isFromGit} from '../../../engine/kubernetes/manager.ts'
import {type KubernetesObject, nameOf, refOf} from '../../../engine/kubernetes/object.ts'
import type {Finding} from '../../../findings/check.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {hostObjectOf} from '../facts.ts'
import {holdersElsewhere} from '../istio-hosts.ts'
import {hasAddress, portsIn, selectorIn} from '../istio-workloads.ts'
import {entryName, selectorOf, vmAnchorName, vmLabels} from '../objects.ts'
import type {VmRegistration} from '../spec.ts'
import {clusterServiceOf} from '../spec-names.ts'
import type {VmCheck} from './subject.ts'

/**
 * Two entries with one address in one network are the same endpoint. Its health in istiod then alternates between the
 * two (istio issues 43950 and 44128).
 */
const addressFree: VmCheck = {
  id: 'address-free',
  about: 'no other WorkloadEntry has the address in the same network',
  run: ({facts, spec}) =>
    spec.addresses.flatMap(address =>
      facts.entries
        .filter(entry => !facts.owns(entry) && !isRendered(entry, address, spec))
        .filter(entry => hasAddress(entry, address, spec.network))
        .map(({metadata: {namespace, name}}) => ({
          message: `address ${address} is already registered as WorkloadEntry ${namespace}/${name}${spec.network ? ` in network ${spec.network}` : ''}`,
          hints: [`kubectl -n ${namespace} delete workloadentry ${name}, if it is not in use`],
        })),
    ),
}

/** Returns whether an engine has applied the entry of the VM that `mesh render` has written. The record does not list it before the next apply. */
function isRendered(entry: KubernetesObject, address: string, {name, namespace}: VmRegistration): boolean {
  const {metadata} = entry
  return metadata.namespace === namespace && metadata.name === entryName(name, address) && isFromGit(entry)
}

/** An existing Service or ServiceEntry of another owner is not changed. So it must already select the VM. */
const hosts: VmCheck = {
  id: 'hosts',
  about: 'existing Services and ServiceEntries for the hosts select the VM',
  run: ({facts, spec}) =>
    spec.hosts.flatMap(host => {
      const object = hostObjectOf(facts, host, spec.clusterDomain)
      return !object || facts.owns(object) ? [] : hostFindings(host, object, spec)
    }),
}

function hostFindings(host: string, object: KubernetesObject, spec: VmRegistration): Finding[] {
  const labels = vmLabels(spec.name, spec.labels)
  const selector = selectorIn(object)
  if (selector && Object.entries(selector).every(([key, value]) => labels[key] === value))
    return missingPortFindings(object, spec)
  const flags = Object.entries(selector ?? {}).map(([key, value]) => `--label ${shellWord(`${key}=${value}`)}`)
  const own = Object.entries(selectorOf(labels)).map(([key, value]) => `${key}=${value}`)
  return [
    {
      message: `host ${host} already exists as ${nameOf(refOf(object))}, which does not select ${own.join(',')}`,
      hints: [flags.length > 0 ? flags.join(' ') : 'specify another --host'],
    },
  ]
}

function missingPortFindings(object: KubernetesObject, spec: VmRegistration): Finding[] {
  const existing = portsIn(object)
  return spec.ports
    .filter(({name, number}) => !existing.some(port => port.name === name || port.number === number))
    .map(({name, number}) => ({
      level: 'warning',
      message: `${object.kind} ${object.metadata.name} has no port ${name} (${number}), so clients cannot reach it on the VM`,
      hints: [`existing ports: ${existing.map(port => `${port.name}:${port.number}`).join(', ')}`],
    }))
}

/** A refusal would enable the administrators of other namespaces to block registrations. */
const hostsElsewhere: VmCheck = {
  id: 'hosts-elsewhere',
  about: 'no other namespace has a ServiceEntry for the hosts',
  run: ({facts, spec}) =>
    spec.hosts.flatMap(host => {
      const {same, wildcard} = holdersElsewhere(host, facts, spec.revision)
      return [
        ...same.map(entry => otherHolder(host, entry, spec.namespace)),
        ...wildcard.map(({metadata}) => ({
          level: 'warning' as const,
          message: `ServiceEntry ${metadata.namespace}/${metadata.name} has a wildcard for host ${host}; the host of the VM takes precedence over it`,
          hints: [`to keep using that entry, specify another --host instead of ${host}`],
        })),
      ]
    }),
}

/** The finding that clients outside of the namespace of a VM may use another ServiceEntry for its host. */
export function otherHolder(host: string, {metadata}: KubernetesObject, namespace: string): Finding {
  return {
    level: 'warning',
    message: `ServiceEntry ${metadata.namespace}/${metadata.name} also has host ${host}: clients in namespace ${namespace} use the VM, all others the older entry`,
    hints: [
      'specify another --host',
      `or limit that entry to its namespace (exportTo: ["."]): kubectl -n ${metadata.namespace} edit serviceentry ${metadata.name}`,
    ],
  }
}

const tcpProtocols = ['TCP', 'MONGO', 'MYSQL', 'REDIS']

/** A ServiceEntry without an address has no IP to match. For a TCP port the sidecar then listens on every address (IST0134). */
const dnsCapture: VmCheck = {
  id: 'dns-capture',
  about: 'pods can resolve the hosts',
  run: ({facts, spec}) => {
    const external = spec.hosts.filter(host => clusterServiceOf(host, spec.clusterDomain) === undefined)
    if (external.length === 0 || spec.captureDns || facts.controlPlane?.capturesDns) return []
    const tcp = spec.ports.find(({protocol}) => tcpProtocols.includes(protocol))
    return [
      {
        level: 'warning',
        message:
          `without DNS capture, pods resolve ${external.join(', ')} only if your DNS servers do` +
          (tcp ? `, and traffic to port ${tcp.number} of every address goes to the VM` : ''),
        hints: ['omit --no-capture-dns, or use a host NAME.NS.svc.cluster.local'],
      },
    ]
  },
}

/** `vm remove` deletes only a Secret that kubectl-mesh created. The tokens of any other would stay valid. */
const anchor: VmCheck = {
  id: 'anchor',
  about: 'the Secret that the tokens of the VM are bound to does not exist, or kubectl-mesh created it',
  run: ({facts, spec: {name, namespace, systemNamespace}}) => {
    if (!facts.anchor || facts.owns(facts.anchor)) return []
    const secret = vmAnchorName(name)
    return [
      {
        message: `Secret ${namespace}/${secret} exists, and the record of the VM in namespace ${systemNamespace} does not list it: removing the VM would not revoke its tokens`,
        hints: [
          `if the VM is registered with another control plane: kubectl mesh vm remove ${name} -n ${namespace} --system-namespace NS`,
          `otherwise find out who created it, then: kubectl -n ${namespace} delete secret ${secret}`,
        ],
      },
    ]
  },
}

/** The checks of the address, the hosts and the tokens of a VM. */
export const workloadChecks: readonly VmCheck[] = [addressFree, hosts, hostsElsewhere, dnsCapture, anchor]
