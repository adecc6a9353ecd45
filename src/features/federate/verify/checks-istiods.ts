import {count, someOf} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {ObservedCluster} from './read.ts'
import type {IstiodState} from './read-istiods.ts'
import {
  type CurrentFinding,
  forEachPeer,
  fromDebugPages,
  hasIstiodState,
  isReachable,
  isRemote,
  istiodStates,
  kubectl,
  kubectlInSystem,
  othersOf,
  podNames,
  type VerifySubject,
  verifyCheck,
} from './subject.ts'

export const apiServer = verifyCheck({
  id: 'api-server',
  about: 'API server is reachable',
  applies: () => true,
  from: () => 'from this machine',
  run: subject => {
    const {unreachable} = subject.current
    return unreachable === undefined ? [] : [{hints: [`${kubectl(subject)} version`], ...unreachable}]
  },
})

export const debugPages = verifyCheck({
  id: 'istiod-answers',
  about: 'every ready istiod pod serves its debug pages',
  applies: subject => isReachable(subject) && !isRemote(subject),
  from: ({current}) => `port-forward through the API server of ${current.member.context}`,
  run: subject => {
    const {istiods, member} = subject.current
    if (istiods.length === 0)
      return [
        {
          message: 'no istiod pod of the revision is ready, so the state of istiod cannot be checked',
          hints: [`${kubectlInSystem(subject)} get pods -l app=istiod --show-labels`],
        },
      ]
    const unread = istiods.flatMap(({pod, error}) =>
      error === undefined
        ? []
        : [{message: `${pod}: ${error}`, hints: [`${kubectlInSystem(subject)} port-forward ${pod} 8080`]}],
    )
    return [...notReady(subject, istiods.length, member.controlPlane?.replicas ?? 0), ...unread]
  },
})

function notReady(subject: VerifySubject, ready: number, replicas: number): CurrentFinding[] {
  if (ready >= replicas) return []
  return [
    {
      level: 'warning',
      message: `${ready} of ${count(replicas, 'istiod pod')} ${ready === 1 ? 'is' : 'are'} ready; the others cannot be checked`,
      hints: [`${kubectlInSystem(subject)} get pods -l app=istiod`],
    },
  ]
}

/** istiod registers its own cluster under CLUSTER_ID; an empty `secretName` marks that entry. */
export const ownName = verifyCheck({
  id: 'own-name',
  about: 'istiod reports the cluster ID that the mesh uses',
  applies: subject => hasIstiodState(subject) && !subject.gateways,
  from: fromDebugPages,
  run: subject => {
    const {cluster} = subject.current.member
    return istiodStates(subject.current).flatMap(({pod, clusters}): CurrentFinding[] => {
      const own = clusters.find(({secretName}) => secretName === '')
      if (!own || own.id === cluster) return []
      const restart = `${kubectlInSystem(subject)} rollout restart deployment -l app=istiod`
      return [
        {
          message: `${pod} reports cluster ID ${own.id}; expected ${cluster}`,
          hints: [`if CLUSTER_ID of the istiod Deployment was changed: ${restart}`],
        },
      ]
    })
  },
})

export const clustersSynced = verifyCheck({
  id: 'clusters-synced',
  about: 'istiod is synced with every other cluster',
  applies: subject => hasIstiodState(subject) && !subject.gateways,
  from: fromDebugPages,
  run: forEachPeer(unsynced),
})

function unsynced(subject: VerifySubject, {pod, clusters}: IstiodState, other: ObservedCluster): CurrentFinding[] {
  const {cluster} = other.member
  const status = clusters.find(({id, secretName}) => id === cluster && secretName !== '')?.syncStatus
  if (status === 'synced') return []
  const logs = `${kubectlInSystem(subject)} logs ${pod} | grep ${shellWord(cluster)}`
  if (status === undefined) {
    const hasCredential = subject.current.credentials.some(({key}) => key === cluster)
    return [{message: `${pod} does not watch ${cluster}`, hints: [hasCredential ? logs : subject.repairCommand]}]
  }
  return [
    {
      message: `${pod} is not synced with ${cluster}: status ${status}`,
      hints: [logs, 'check that pods in this cluster can reach the API server address in the remote Secret'],
    },
  ]
}

export const endpointsKnown = verifyCheck({
  id: 'endpoints-known',
  about: 'istiod knows the endpoints of the other clusters',
  applies: subject =>
    hasIstiodState(subject) && !subject.gateways && othersOf(subject).some(other => istiodStates(other).length > 0),
  from: subject => `${fromDebugPages(subject)}, compared with those of ${podNames(othersOf(subject))}`,
  run: forEachPeer(missingEndpoints),
})

function missingEndpoints(
  subject: VerifySubject,
  {pod, endpoints}: IstiodState,
  other: ObservedCluster,
): CurrentFinding[] {
  const {cluster} = other.member
  const [reference] = istiodStates(other)
  const expected = [...(reference?.endpoints.get(cluster) ?? [])].filter(host =>
    other.meshNamespaces.has(namespaceOf(host)),
  )
  const missing = expected.filter(host => !endpoints.get(cluster)?.has(host)).sort()
  if (missing.length === 0) return []
  const found = expected.length - missing.length
  return [
    {
      // The other istiod receives a starting pod a moment earlier, so a few missing hosts are normal.
      level: found === 0 ? 'error' : 'warning',
      message: `${pod} has endpoints in ${cluster} for ${found} of ${count(expected.length, 'service')}; missing: ${someOf(missing, 5)}`,
      hints: [`${kubectlInSystem(subject)} logs ${pod} | grep ${shellWord(cluster)}`],
    },
  ]
}

/** The namespace in `NAME.NAMESPACE.svc.DOMAIN`. */
function namespaceOf(host: string): string {
  return host.split('.')[1] ?? ''
}
