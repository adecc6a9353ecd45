import {globalServiceLabel} from '../../../istio/ambient.ts'
import {ambientGatewaysOf, ignoredBecause, statusAddresses} from '../../../mesh/ambient/gateways.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {ObservedCluster, ObservedService} from '../verify/read.ts'
import type {IstiodState} from '../verify/read-istiods.ts'
import {
  type CurrentFinding,
  forEachPeer,
  fromApiServers,
  fromDebugPages,
  hasIstiodState,
  isReachable,
  istiodStates,
  kubectl,
  kubectlInSystem,
  needsGateway,
  othersOf,
  type VerifySubject,
  verifyCheck,
} from '../verify/subject.ts'
import {ambientServicesCurrent} from './checks-services.ts'
import {servesAmbient} from './spec.ts'

export const ambientGatewaysKnown = verifyCheck({
  id: 'ambient-gateways-known',
  about: 'istiod sends ztunnels the current gateway addresses of the other networks',
  applies: subject => servesAmbient(subject) && hasIstiodState(subject) && needsGateway(subject),
  from: fromDebugPages,
  run: forEachPeer(gatewayDifferences),
})

function gatewayDifferences(
  subject: VerifySubject,
  {pod, ambient}: IstiodState,
  {member}: ObservedCluster,
): CurrentFinding[] {
  const {network, cluster} = member
  if (!ambient || network === subject.current.member.network) return []
  const addresses = addressesOf(member)
  // The check of the other cluster's gateway reports that.
  if (addresses.length === 0) return []
  const known = ambient.gateways.get(network) ?? new Set()
  const hints = [`${kubectlInSystem(subject)} logs ${pod} | grep ${shellWord(cluster)}`]
  return [
    ...addresses
      .filter(address => !known.has(address))
      .map(address => ({
        message: `${pod} does not know ${address}, the gateway of ${cluster} for ambient mode`,
        hints,
      })),
    ...[...known]
      .filter(address => !addresses.includes(address))
      .map(address => ({
        message: `${pod} still uses ${address}, which is no gateway of ${cluster} for ambient mode any more`,
        hints,
      })),
  ]
}

function addressesOf(member: ObservedCluster['member']): string[] {
  return ambientGatewaysOf(member)
    .filter(gateway => ignoredBecause(gateway).length === 0)
    .flatMap(statusAddresses)
}

export const ambientServices = verifyCheck({
  id: 'ambient-services',
  about: `Services with the label ${globalServiceLabel}=true have it in all clusters`,
  applies: subject => servesAmbient(subject) && isReachable(subject),
  from: fromApiServers,
  run: subject => {
    const own = new Map(subject.current.services.map(service => [nameOf(service), service]))
    const known = new Set<string>()
    return othersOf(subject).flatMap(({services, member}) =>
      services
        .filter(service => service.isGlobal && own.has(nameOf(service)) && !own.get(nameOf(service))!.isGlobal)
        .flatMap((service): CurrentFinding[] => {
          const name = nameOf(service)
          if (known.has(name)) return []
          known.add(name)
          const share = `label service ${shellWord(service.name)} ${globalServiceLabel}=true`
          return [
            {
              level: 'warning',
              message: `Service ${name} is shared in ${member.cluster}, but not here: it has no label ${globalServiceLabel}=true, so pods here use only endpoints of this cluster`,
              hints: [`${kubectl(subject)} -n ${shellWord(service.namespace)} ${share}`],
            },
          ]
        }),
    )
  },
})

export const ambientServicesKnown = verifyCheck({
  id: 'ambient-services-known',
  about: 'istiod sends ztunnels the shared Services of the other networks',
  applies: subject => servesAmbient(subject) && hasIstiodState(subject) && needsGateway(subject),
  from: subject => `${fromDebugPages(subject)}, compared with the Services of the other clusters`,
  run: forEachPeer(missingServices),
})

function missingServices(
  subject: VerifySubject,
  {pod, ambient}: IstiodState,
  other: ObservedCluster,
): CurrentFinding[] {
  const {network, cluster} = other.member
  if (!ambient || network === subject.current.member.network || addressesOf(other.member).length === 0) return []
  const known = ambient.services.get(network) ?? new Set()
  const own = new Set(subject.current.services.filter(({isGlobal}) => isGlobal).map(nameOf))
  const missing = other.services
    .filter(service => service.isGlobal && own.has(nameOf(service)) && hasEndpoints(service, other))
    .filter(({namespace, name}) => ![...known].some(one => one.startsWith(`${namespace}/${name}.${namespace}.svc.`)))
    .map(nameOf)
    .sort()
  if (missing.length === 0) return []
  return [
    {
      message: `${pod} knows no workloads in ${cluster} for ${missing.join(', ')}: ztunnels here send no requests there`,
      hints: [`${kubectlInSystem(subject)} logs ${pod} | grep ${shellWord(cluster)}`],
    },
  ]
}

/** Whether the istiod of a cluster knows pods of this cluster behind a Service. */
function hasEndpoints({namespace, name}: ObservedService, cluster: ObservedCluster): boolean {
  const prefix = `${name}.${namespace}.svc.`
  return istiodStates(cluster).some(({endpoints}) =>
    [...(endpoints.get(cluster.member.cluster) ?? [])].some(host => host.startsWith(prefix)),
  )
}

function nameOf({namespace, name}: ObservedService): string {
  return `${namespace}/${name}`
}

/** The checks of `federate verify` for ambient mode. */
export const ambientVerifyChecks = [ambientGatewaysKnown, ambientServices, ambientServicesKnown, ambientServicesCurrent]
