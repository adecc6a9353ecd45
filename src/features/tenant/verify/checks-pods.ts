import type {Check, Finding} from '../../../findings/check.ts'
import {wantedRevision} from '../../../istio/injection.ts'
import {count} from '../../../text/count.ts'
import {namespacesOf, type Tenant} from '../istio.ts'
import {isConnectedTo, type PodFacts} from '../istio-pods.ts'
import {restartHints} from '../report-restarts.ts'
import type {TenantSubject} from './subject.ts'

/** Checks of the pods in a tenant's namespaces. */
export const podChecks: readonly Check<TenantSubject>[] = [
  {
    id: 'pods',
    about: 'its pods use the control plane that their namespace selects',
    run: ({tenant, facts}) =>
      namespacesOf(tenant, facts)
        .filter(namespace => wantedRevision(namespace, facts.tags) === tenant.revision)
        .flatMap(({metadata}) => podFindings(metadata.name, facts.pods, tenant)),
  },
]

function podFindings(namespace: string, all: readonly PodFacts[], tenant: Tenant): Finding[] {
  const pods = all.filter(pod => pod.namespace === namespace && !pod.refuses && !pod.hostNetwork)
  const outdated = pods.filter(pod => pod.proxy?.alive && !isConnectedTo(pod, tenant))
  const bare = pods.filter(pod => pod.proxy === undefined)
  return [
    ...(outdated.length > 0 ? [outdatedFinding(namespace, outdated)] : []),
    ...(bare.length > 0 ? [bareFinding(namespace, bare)] : []),
  ]
}

function outdatedFinding(namespace: string, pods: readonly PodFacts[]): Finding {
  const revisions = [...new Set(pods.map(({proxy}) => proxy!.revision))].join(', ')
  const [verb, object] = pods.length === 1 ? ['uses', 'it'] : ['use', 'them']
  return {
    level: 'warning',
    message: `${count(pods.length, 'pod')} in namespace ${namespace} still ${verb} revision ${revisions}; restart ${object}`,
    hints: restartHints(pods),
  }
}

function bareFinding(namespace: string, pods: readonly PodFacts[]): Finding {
  return {
    level: 'warning',
    message: `${count(pods.length, 'pod')} in namespace ${namespace} ${pods.length === 1 ? 'has' : 'have'} no sidecar`,
    hints: restartHints(pods),
  }
}
