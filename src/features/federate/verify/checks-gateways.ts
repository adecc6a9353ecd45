import {networkLabel, revisionLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {names} from '../../../istio/names.ts'
import {isReadBy} from '../../../istio/revision.ts'
import {gatewaysInto, trustedGatewaysOf} from '../../../mesh/gateway-services.ts'
import {gatewayEndpointsOf} from '../../../mesh/gateways/endpoints.ts'
import {addressProblems} from '../../../mesh/gateways/problems.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {ObservedCluster} from './read.ts'
import type {IstiodState} from './read-istiods.ts'
import {
  type CurrentFinding,
  forEachPeer,
  fromApiServer,
  fromDebugPages,
  hasIstiodState,
  isReachable,
  kubectl,
  kubectlInSystem,
  needsGateway,
  needsSidecarGateway,
  remotesOf,
  type VerifySubject,
  verifyCheck,
} from './subject.ts'

export const networkLabelled = verifyCheck({
  id: 'network-label',
  about: 'system namespace has its network label',
  applies: needsGateway,
  from: fromApiServer,
  run: subject => {
    const {facts, network} = subject.current.member
    const found = facts?.namespace?.metadata.labels?.[networkLabel]
    if (found !== undefined && found === network) return []
    const namespace = `namespace ${subject.systemNamespace}`
    return [
      {
        message:
          found === undefined
            ? `${namespace} has no label ${networkLabel}; expected ${network}. Other clusters bypass its gateway`
            : `${namespace} is labelled ${networkLabel}=${found}; expected ${network}`,
        hints: [
          `${kubectl(subject)} label namespace ${subject.systemNamespace} ${shellWord(`${networkLabel}=${network}`)} --overwrite`,
          `or ${subject.repairCommand}`,
        ],
      },
    ]
  },
})

export const gatewayAddress = verifyCheck({
  id: 'gateway-address',
  about: 'east-west gateway has an address',
  applies: needsSidecarGateway,
  from: fromApiServer,
  run: subject => {
    const {member} = subject.current
    const services = trustedGatewaysOf(member)
    if (services.length === 0)
      return [
        {
          message: `no east-west gateway: no Service with port 15443 is labelled ${networkLabel}=${member.network}`,
          hints: [subject.repairCommand],
        },
      ]
    return services.flatMap(service => addressProblems(service, member, !subject.gateways))
  },
})

export const gatewayReachable = verifyCheck({
  id: 'gateway-reachable',
  about: 'east-west gateway accepts TCP connections',
  applies: subject => needsGateway(subject) && subject.current.addresses.length > 0,
  from: () => 'from this machine (mesh traffic may take another path)',
  run: ({current}) =>
    current.addresses
      .filter(({error}) => error !== undefined)
      .map(({address, port, error}) => ({
        level: 'warning' as const,
        message: `cannot connect to ${address} port ${port} from this machine (${error})`,
        hints: [`try from a pod in another cluster: nc -vz ${shellWord(address)} ${port}`],
      })),
})

interface GatewayServer {
  port?: {number?: number; protocol?: string}
  tls?: {mode?: string}
}

export const exposed = verifyCheck({
  id: 'exposure',
  about: `Gateway ${names.crossNetworkGateway} accepts cross-network traffic`,
  applies: needsSidecarGateway,
  from: fromApiServer,
  run: subject => {
    const facts = configurationOf(subject)?.member.facts
    if (!facts) return []
    const gateway = `Gateway ${subject.systemNamespace}/${names.crossNetworkGateway}`
    const hints = [subject.repairCommand]
    if (!facts.exposure)
      return [{message: `${gateway} is missing: the east-west gateway accepts no cross-network traffic`, hints}]
    const label = facts.exposure.metadata.labels?.[revisionLabel]
    if (!isReadBy(facts.exposure, facts.revision))
      return [
        {
          message: `${gateway} is labelled ${revisionLabel}=${label}: istiod of revision ${facts.revision ?? 'default'} does not read it`,
          hints,
        },
      ]
    const {servers = []} = (facts.exposure.spec ?? {}) as {servers?: GatewayServer[]}
    return servers.some(({port, tls}) => port?.number === 15443 && tls?.mode === 'AUTO_PASSTHROUGH')
      ? []
      : [{message: `${gateway} has no server with TLS mode AUTO_PASSTHROUGH on port 15443`, hints}]
  },
})

/** The cluster with the Istio configuration of the current one: of a remote cluster its primary, if that is verified too. */
function configurationOf({current, all}: VerifySubject): ObservedCluster | undefined {
  const {primary} = current.member
  return primary === undefined ? current : all.find(({member}) => member.context === primary)
}

export const istiodExposed = verifyCheck({
  id: 'istiod-exposed',
  about: 'east-west gateway exposes istiod to the remote clusters',
  applies: subject => isReachable(subject) && remotesOf(subject).length > 0,
  from: fromApiServer,
  run: subject =>
    subject.current.member.facts?.primaryRemote?.istiodExposed
      ? []
      : [
          {
            message: `no Gateway and VirtualService in ${subject.systemNamespace} route port 15012 to istiod, so proxies in remote clusters cannot connect to it`,
            hints: [subject.repairCommand],
          },
        ],
})

export const networksKnown = verifyCheck({
  id: 'networks-known',
  about: 'istiod knows the current gateway addresses of the other networks',
  applies: subject => hasIstiodState(subject) && needsSidecarGateway(subject) && !subject.gateways,
  from: fromDebugPages,
  run: forEachPeer(gatewayDifferences),
})

function gatewayDifferences(
  subject: VerifySubject,
  {pod, gateways}: IstiodState,
  {member}: ObservedCluster,
): CurrentFinding[] {
  if (!member.facts || member.network === subject.current.member.network) return []
  const addressesIn = (services: KubernetesObject[]) =>
    services.flatMap(service => gatewayEndpointsOf(service, member.facts?.nodes)).map(({address}) => address)
  const addresses = addressesIn(trustedGatewaysOf(member))
  // The check of the other cluster's gateway reports this.
  if (addresses.length === 0) return []
  // A gateway of ambient mode has no port for mTLS.
  const inNetwork = gateways.filter(({network, port}) => network === member.network && port !== 0)
  const ofCluster = inNetwork.filter(({cluster}) => cluster === member.cluster)
  // A gateway from `meshNetworks` of the mesh config belongs to no cluster.
  const known = [...ofCluster, ...inNetwork.filter(({cluster}) => cluster === '')].map(({address}) => address)
  const hints = [`${kubectlInSystem(subject)} logs ${pod} | grep ${shellWord(member.cluster)}`]
  if (known.length === 0)
    return [{message: `${pod} has no gateway for network ${member.network} (cluster ${member.cluster})`, hints}]
  if (!addresses.every(isIpAddress)) return []
  const missing = addresses.filter(address => !known.includes(address))
  // istiod also uses Services that are not trusted, which another check reports.
  const all = addressesIn(gatewaysInto(member))
  const outdated = ofCluster.map(({address}) => address).filter(address => !all.includes(address))
  return [
    ...missing.map(address => ({
      message: `${pod} does not use ${address}, a gateway address of ${member.cluster}`,
      hints,
    })),
    ...outdated.map(address => ({
      message: `${pod} still uses ${address}, which is no longer a gateway address of ${member.cluster}`,
      hints,
    })),
  ]
}

/** istiod resolves host names, so that only IP addresses can be compared. */
function isIpAddress(address: string): boolean {
  return /^[0-9.]+$|:/.test(address)
}
