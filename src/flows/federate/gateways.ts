import {waitFor} from '../../cluster/wait.ts'
import {formatDuration} from '../../duration.ts'
import type {Problem} from '../../errors.ts'
import {addressesOf, type Joining} from '../../facts/members.ts'
import {foreignGateways, primaryAmong} from '../../facts/primary-remote.ts'
import {names} from '../../manifests/names.ts'
import type {KubernetesObject} from '../../manifests/object.ts'
import {startProgress} from '../../output/progress.ts'
import type {Federation} from '../../specs/federation.ts'
import type {Run} from '../run.ts'

/**
 * Waits until each cluster's own gateway has an address, side by side: before that its endpoints can't be reached, and
 * no other cluster may learn of them. An IP or a host name will do; istiod resolves names. Gateways of others are not
 * waited for, nor Services of type ClusterIP or NodePort, which get none.
 *
 * Returns what went wrong, by cluster.
 */
export async function waitForGateways(
  spec: Federation,
  all: readonly Joining[],
  run: Run,
): Promise<Map<string, Problem>> {
  const troubles = new Map<string, Problem>()
  const waiting = spec.gatewayServiceType === 'LoadBalancer' && run.write.wait
  // on a single network only a primary has one, for its remotes to reach its istiod
  const having = spec.singleNetwork ? all.filter(joining => joining === primaryAmong(all)) : all
  // nobody needs the address of a way to istiod that was said
  const needed = spec.singleNetwork && spec.remotePilotAddress !== undefined ? [] : having
  const own = waiting ? needed.filter(joining => foreignGateways(joining, all).length === 0) : []
  if (own.length === 0) return troubles
  const open = new Set(own.map(({cluster}) => cluster))
  const about = () => `waiting for the gateway address of ${[...open].join(', ')}`
  const without = own.filter(joining => !hasAddress(joining))
  const progress = without.length > 0 ? await startProgress(run.terminal, about()) : undefined
  await Promise.all(
    own.map(async ({cluster, context, facts}) => {
      const ref = {apiVersion: 'v1', kind: 'Service', namespace: spec.systemNamespace, name: names.gateway}
      try {
        await waitFor(facts!.cluster, ref, addressed, {
          timeoutMs: run.write.timeout,
          signal: run.signal,
          onProgress: (reason, elapsed) =>
            progress?.update(`${about()} · ${formatDuration(Math.round(elapsed / 1000) * 1000)} · ${reason}`),
        })
      } catch (error) {
        const hint = `kubectl --context '${context}' -n ${spec.systemNamespace} describe service ${names.gateway}`
        const reason = error instanceof Error && 'reason' in error ? String(error.reason) : String(error)
        if (run.signal.aborted)
          troubles.set(cluster, {message: `${cluster}: interrupted while it waited for the address of its gateway`})
        else
          troubles.set(cluster, {
            message: `${cluster}: Service ${spec.systemNamespace}/${names.gateway} got no address in ${formatDuration(run.write.timeout)}: ${reason}`,
            hints: [hint],
          })
      }
      open.delete(cluster)
      progress?.update(about())
    }),
  )
  progress?.done()
  return troubles
}

function hasAddress({facts}: Joining): boolean {
  const service =
    facts?.networkGateways.find(({metadata}) => metadata.name === names.gateway) ?? facts?.primaryRemote?.gateway
  return service !== undefined && addressesOf(service).length > 0
}

function addressed(service: KubernetesObject | undefined): true | string {
  if (!service) return 'the Service is not there'
  return addressesOf(service).length > 0 || `Service ${service.metadata.name} has no ingress yet`
}
