import type {Cluster} from '../../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {workloadState} from '../../../engine/kubernetes/workload-state.ts'
import {names} from '../../../istio/names.ts'
import {addressesOf} from '../../../mesh/gateway-services.ts'
import type {Run} from '../../../run/run.ts'
import {waitWithProgress} from '../../../run/wait-with-progress.ts'

/**
 * Waits until the gateway has an address, which the files of a VM contain, and pods.
 *
 * @throws TimeoutError
 */
export async function waitForGateway(cluster: Cluster, namespace: string, run: Run): Promise<void> {
  const ref = {namespace, name: names.gateway}
  const awaited = [
    {ref: {apiVersion: 'v1', kind: 'Service', ...ref}, ready: isAddressed},
    {ref: {apiVersion: 'apps/v1', kind: 'Deployment', ...ref}, ready: workloadState},
  ]
  await waitWithProgress(cluster, 'the east-west gateway', awaited, run)
}

function isAddressed(service: KubernetesObject | undefined): true | string {
  if (!service) return 'the Service does not exist'
  return addressesOf(service).length > 0 || 'the load balancer has not given it an address yet'
}
