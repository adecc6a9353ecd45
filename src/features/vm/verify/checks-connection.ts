import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Finding} from '../../../findings/check.ts'
import {isReadBy} from '../../../istio/revision.ts'
import {matchesSelector} from '../../../istio/selectors.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import {isReachedByNodes} from '../../../mesh/gateways/endpoints.ts'
import {expiryText} from '../../../text/duration.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {type VmFacts, workloadsOf} from '../facts.ts'
import {canonicalIp, entrySpecOf, entryStatusOf, hasAddress} from '../istio-workloads.ts'
import {entriesOf, type VerifyCheck, type VmVerifySubject, workloadSpecsOf} from './subject.ts'

/** Warn when the token expires in less than this time, in milliseconds. */
const warnBelowMs = 600_000

const token: VerifyCheck = {
  id: 'token',
  about: 'the token in the bundle is valid, or the VM is already connected',
  run: subject => {
    const {tokenExpires, now, folder, vm} = subject
    if (entriesOf(subject).some(entry => entryStatusOf(entry).connected)) return []
    if (tokenExpires === undefined)
      return [
        {
          level: 'warning',
          message: `no bundle in ${folder}, so it is unknown when its token expires`,
          hints: ['specify the folder of the bundle with --output-dir DIR'],
        },
      ]
    const hints = [`kubectl mesh vm renew ${vm.name} -n ${vm.namespace}`]
    const left = tokenExpires.getTime() - now.getTime()
    const message = `the token in ${folder} ${expiryText(left)}`
    if (left <= 0) {
      // A connected VM renews its certificate without the token.
      return isConnectionUnknown(subject)
        ? [{level: 'warning', message: `${message}, and it is unknown whether the VM is connected`, hints}]
        : [{message: `${message}, and the VM is not connected`, hints}]
    }
    return left < warnBelowMs ? [{level: 'warning', message, hints}] : []
  },
}

/** Whether istiod does not record for any machine of the VM if it is connected. */
function isConnectionUnknown(subject: VmVerifySubject): boolean {
  const entries = entriesOf(subject)
  return entries.length > 0 && entries.every(entry => entryStatusOf(entry).connected === undefined)
}

const connected: VerifyCheck = {
  id: 'connected',
  about: 'the VM is connected, and its readiness probe, if any, succeeds',
  run: ({facts, vm, registration}) => {
    const {group, entries} = workloadsOf(facts, vm)
    if (group && entries.length === 0)
      return [
        {
          level: 'warning',
          message: 'no machine has registered itself yet',
          hints: ['on the machine: systemctl status istio; journalctl -u istio'],
        },
      ]
    return entries.flatMap(entry => entryFindings(entry, registration?.probe !== undefined))
  },
}

function entryFindings(entry: KubernetesObject, hasProbe: boolean): Finding[] {
  const {connected: isConnected, health} = entryStatusOf(entry)
  const name = `${entry.metadata.name} (${canonicalIp(entrySpecOf(entry).address ?? '')})`
  if (isConnected === undefined) {
    const reason = 'istiod records that only for machines that register themselves or have a readiness probe'
    return [
      {
        level: 'warning',
        message: `it is unknown whether ${name} is connected: ${reason}`,
        hints: ['on the machine: kubectl-mesh-vm check; or list the connected proxies: istioctl proxy-status'],
      },
    ]
  }
  if (!isConnected)
    return [
      {message: `${name} is not connected`, hints: ['on the machine: kubectl-mesh-vm check; journalctl -u istio']},
    ]
  if (health === 'unhealthy')
    return [{message: `${name} fails its readiness probe`, hints: ['check the service on the machine']}]
  return health === 'unknown' && hasProbe
    ? [
        {
          level: 'warning',
          message: `it is unknown whether ${name} is healthy: istiod has no result of its readiness probe`,
          hints: ['run the command again in a minute; on the machine: journalctl -u istio'],
        },
      ]
    : []
}

const network: VerifyCheck = {
  id: 'network',
  about: 'the VM is in the network of the pods, or a gateway leads to the pods',
  run: subject => {
    const networks = new Set(workloadSpecsOf(subject).map(spec => spec.network ?? ''))
    return [...networks].flatMap(vmNetwork => networkFindings(vmNetwork, subject.facts, subject.vm.revision))
  },
}

function networkFindings(vmNetwork: string, facts: VmFacts, revision: string | undefined): Finding[] {
  const podNetwork = facts.controlPlane?.network ?? ''
  if (vmNetwork === '' || vmNetwork === podNetwork) return []
  if (podNetwork === '')
    return [
      {
        level: 'warning',
        message: `the VM is in network ${vmNetwork}, but the cluster has no network: requests go directly to pod IPs`,
        hints: [
          'omit --network if the VM can reach pod IPs; otherwise set the network of the cluster (values.global.network)',
        ],
      },
    ]
  const gateways = facts.networkGateways.filter(({metadata}) => metadata.labels?.[networkLabel] === podNetwork)
  const reached = gateways.filter(gateway => addressesOf(gateway).length > 0 || isReachedByNodes(gateway))
  if (reached.length > 0) return listenerFindings(reached, facts, revision)
  const others = facts.otherGateways.filter(({metadata}) => metadata.labels?.[networkLabel] === podNetwork)
  return [
    {
      message: `the VM is in network ${vmNetwork} and the pods are in ${podNetwork}, but no gateway with an address leads into ${podNetwork}`,
      hints: [
        ...others.map(
          ({metadata: {namespace, name}}) =>
            `to use Service ${name} in namespace ${namespace}: kubectl mesh federate with --gateway ${shellWord(`CTX=existing=${namespace}/${name}`)}`,
        ),
        `such a gateway is a Service with the label ${networkLabel}=${podNetwork} and port 15443 (kubectl mesh federate creates one)`,
      ],
    },
  ]
}

/** Without such a Gateway, the pods of a gateway do not listen on port 15443: each request to a pod fails with 503. */
function listenerFindings(services: KubernetesObject[], facts: VmFacts, revision: string | undefined): Finding[] {
  const listeners = facts.passthrough.filter(gateway => isReadBy(gateway, revision))
  if (services.some(service => listeners.some(gateway => configures(gateway, service)))) return []
  const names = services.map(({metadata}) => `${metadata.namespace}/${metadata.name}`).join(', ')
  return [
    {
      message: `no Gateway with TLS mode AUTO_PASSTHROUGH selects the pods of Service ${names}, so the gateway rejects requests from the VM to pods`,
      hints: [
        'create one: samples/multicluster/expose-services.yaml of Istio (kubectl mesh federate creates it between clusters)',
      ],
    },
  ]
}

/** Whether a Gateway selects the pods behind a Service, as far as the Service shows their labels. */
function configures(gateway: KubernetesObject, {metadata, spec}: KubernetesObject): boolean {
  const {selector: matchLabels} = gateway.spec as {selector?: Record<string, string>}
  const {selector} = (spec ?? {}) as {selector?: Record<string, string>}
  return matchesSelector({matchLabels}, {...metadata.labels, ...selector})
}

const unique: VerifyCheck = {
  id: 'address-unique',
  about: 'the address of the VM is registered once in its network',
  run: subject =>
    entriesOf(subject).flatMap(entry => {
      const spec = entrySpecOf(entry)
      const address = spec.address ?? ''
      return subject.facts.entries
        .filter(other => other !== entry && hasAddress(other, address, spec.network))
        .map(({metadata}) => ({
          message: `address ${address} is also registered as WorkloadEntry ${metadata.namespace}/${metadata.name}${spec.network ? ` in network ${spec.network}` : ''}`,
          hints: ['delete one of the two, or specify --network for VMs in another network'],
        }))
    }),
}

/** The checks of the machines of a registered VM. */
export const connectionChecks: readonly VerifyCheck[] = [token, connected, network, unique]
