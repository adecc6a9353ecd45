import {openApi} from '../servers/api.ts'
import {type RunningServers, startServers} from '../servers/servers.ts'
import {type Ground, openGround} from './ground.ts'
import {playIstiodPods} from './players.ts'

/** Two clusters without Istio, east and west, on dedicated API servers. An istiod that is installed there becomes ready. */
export interface EmptyClusters {
  servers: RunningServers
  ground: Ground
  /** Pods of istiods do not become ready any more. */
  stopIstiods(): void
  close(): Promise<void>
}

/**
 * Starts the clusters.
 *
 * @param crds whether they have the CustomResourceDefinitions of Istio
 * @param istiod name of the Deployment that becomes ready
 */
export async function openEmptyClusters({crds = false, istiod = 'istiod'} = {}): Promise<EmptyClusters> {
  const servers = await startServers(['east', 'west'], {crds})
  const ground = await openGround(servers, {controlPlane: () => false})
  const stops = await Promise.all(
    ground.clusters.map(async ({cluster}) =>
      playIstiodPods(await openApi(servers.kubeconfig, cluster), ground.namespace, istiod),
    ),
  )
  const stopIstiods = () => {
    for (const stop of stops.splice(0)) stop()
  }
  return {
    servers,
    ground,
    stopIstiods,
    close: async () => {
      stopIstiods()
      await ground.close()
      await servers.stop()
    },
  }
}
