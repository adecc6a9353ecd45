import {isAvailable} from '../../../control-plane/readiness.ts'
import {waitFor} from '../../../engine/cluster/wait.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {refOf} from '../../../engine/kubernetes/object.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {clusterOf} from '../plan.ts'
import type {RotationFrame} from './frame.ts'

/**
 * Restarts the istiods of a cluster one Deployment at a time, like `kubectl rollout restart`: each Deployment replaces its pods one
 * by one.
 *
 * @throws InClusterError, TimeoutError (exit 3)
 */
export async function restartIstiods(holder: MeshMember, {settings, run}: RotationFrame, now: Date): Promise<void> {
  const cluster = clusterOf(holder)
  const kind = {apiVersion: 'apps/v1', kind: 'Deployment'}
  await inCluster(holder.cluster, async () => {
    const scope = {namespace: settings.systemNamespace, labelSelector: 'app=istiod'}
    for (const deployment of await cluster.list(kind, scope)) {
      const annotations = {'kubectl.kubernetes.io/restartedAt': now.toISOString()}
      await cluster.patch(refOf(deployment), {
        metadata: {resourceVersion: deployment.metadata.resourceVersion},
        spec: {template: {metadata: {annotations}}},
      })
      run.terminal.print(`deployment.apps/${deployment.metadata.name} restarted (${holder.cluster})`)
      await waitFor(cluster, refOf(deployment), isAvailable, {timeoutMs: run.write.timeout, signal: run.signal})
    }
  })
}
