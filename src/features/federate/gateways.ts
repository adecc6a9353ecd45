import {waitFor} from '../../engine/cluster/wait.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import {names} from '../../istio/names.ts'
import {addressesOf} from '../../mesh/gateway-services.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {foreignGateways, primaryAmong} from '../../mesh/primary-remote.ts'
import type {Run} from '../../run/run.ts'
import {startProgress} from '../../terminal/output/progress.ts'
import {formatDuration} from '../../text/duration.ts'
import type {Federation} from './spec.ts'

/**
 * Waits until each cluster's own gateway has an address, side by side: before that its endpoints can't be reached, and
 * no other cluster may learn of them. An IP or a host name will do; istiod resolves names. Gateways of others are not
 * waited for, nor Services of type ClusterIP or NodePort, which get none.
 *
 * Returns what went wrong, by cluster.
 */
export async function waitForGateways(
  spec: Federation,
  all: readonly MeshMember[],
  run: Run,
): Promise<Map<string, Problem>> {
  const troubles = new Map<string, Problem>()
  const waiting = spec.gatewayServiceType === 'LoadBalancer' && run.write.wait
  // on a single network only a primary has one, for its remotes to reach its istiod
  const having = spec.singleNetwork ? all.filter(member => member === primaryAmong(all)) : all
  // nobody needs the address of a way to istiod that was said
  const needed = spec.singleNetwork && spec.remotePilotAddress !== undefined ? [] : having
  const own = waiting ? needed.filter(member => foreignGateways(member, all).length === 0) : []
  if (own.length === 0) return troubles
  const open = new Set(own.map(({cluster}) => cluster))
  const about = () => `waiting for the gateway address of ${[...open].join(', ')}`
  const without = own.filter(member => !hasAddress(member))
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

function hasAddress({facts}: MeshMember): boolean {
  const service =
    facts?.networkGateways.find(({metadata}) => metadata.name === names.gateway) ?? facts?.primaryRemote?.gateway
  return service !== undefined && addressesOf(service).length > 0
}

function addressed(service: KubernetesObject | undefined): true | string {
  if (!service) return 'the Service is not there'
  return addressesOf(service).length > 0 || `Service ${service.metadata.name} has no ingress yet`
}
