import type {AmbientService} from '../../../mesh/ambient/istio-ambientz.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {ObservedCluster} from '../verify/read.ts'
import type {IstiodState} from '../verify/read-istiods.ts'
import {
  type CurrentFinding,
  forEachPeer,
  fromDebugPages,
  hasIstiodState,
  istiodStates,
  kubectlInSystem,
  needsGateway,
  type VerifySubject,
  verifyCheck,
} from '../verify/subject.ts'
import {servesAmbient} from './spec.ts'

/** Compares what an istiod sends ztunnels about workloads of another cluster with what the istiod there sends. */
export const ambientServicesCurrent = verifyCheck({
  id: 'ambient-services-current',
  about: 'istiod sends ztunnels the current addresses, identities and number of workloads of other networks',
  applies: subject => servesAmbient(subject) && hasIstiodState(subject) && needsGateway(subject),
  from: subject => `${fromDebugPages(subject)}, compared with those of the other clusters`,
  run: forEachPeer(outdatedServices),
})

function outdatedServices(
  subject: VerifySubject,
  {pod, ambient}: IstiodState,
  other: ObservedCluster,
): CurrentFinding[] {
  const {network, cluster} = other.member
  const theirs = istiodStates(other).find(state => state.ambient)?.ambient
  if (!ambient || !theirs || network === subject.current.member.network) return []
  // Another check reports Services without any workload there.
  return [...(ambient.services.get(network) ?? [])].sort().flatMap(host => {
    const [known, live] = [ambient.details.get(host), theirs.details.get(host)]
    if (!known || !live) return []
    return differences(known, live, other.member).map(({level, text}) => ({
      ...(level === undefined ? {} : {level}),
      message: `${pod}: ${text(`${serviceOf(host)} in ${cluster}`)}`,
      hints: [`${kubectlInSystem(subject)} logs ${pod} | grep ${shellWord(cluster)}`],
    }))
  })
}

interface Difference {
  level?: 'warning'
  text: (service: string) => string
}

function differences(
  known: AmbientService,
  live: AmbientService,
  {network, cluster}: ObservedCluster['member'],
): Difference[] {
  const workloads = live.workloads.get(cluster) ?? []
  const [capacity = 0, actual] = [known.capacity.get(network), workloads.length]
  // ztunnels reject a workload of another network whose identity they do not know.
  const unknown = [...new Set(workloads)]
    .filter(end => ![...known.identities].some(id => id.endsWith(`/${end}`)))
    .sort()
  const missing = (live.addresses.get(network) ?? new Set()).difference(known.addresses.get(network) ?? new Set())
  return [
    ...(missing.size > 0
      ? [{text: (service: string) => `istiod does not send ztunnels the virtual address of ${service}`}]
      : []),
    ...(unknown.length > 0
      ? [
          {
            text: (service: string) =>
              `istiod does not send ztunnels the identities ${unknown.join(', ')} of ${service}`,
          },
        ]
      : []),
    // Pods may start or end while the pages are read.
    ...(capacity === actual || actual === 0
      ? []
      : [
          {
            level: 'warning' as const,
            text: (service: string) =>
              `istiod sends ztunnels capacity ${capacity} for ${service}; expected ${actual}, the number of its workloads`,
          },
        ]),
  ]
}

/** `demo/hello.demo.svc.cluster.local` → `demo/hello`. */
function serviceOf(host: string): string {
  return host.split('.')[0] ?? host
}
