import {afterAll, beforeAll, describe} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {type Kubeconfig, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {type FaultProxy, startFaultProxy} from '../../support/servers/fault-proxy.ts'
import {sharedServers} from '../../support/servers/shared.ts'

/** The API servers of the test run; undefined if they are not available. */
export const servers = sharedServers()
export const fieldManager = 'kubectl-mesh'
/** Namespace of all test objects. */
export const namespace = 'cluster-api'

/** Connections of a test file to the API server `east`. */
export interface Connections {
  kubeconfig: Kubeconfig
  east: Cluster
  /** A proxy that can inject faults. It forwards requests to `east`. */
  proxy: FaultProxy
  /** `east` through the proxy. */
  through: Cluster
}

/** Defines tests that need a real API server. The connections are open while the tests run. */
export function describeServer(title: string, define: (connections: Connections) => void): void {
  describe.skipIf(!servers)(title, () => {
    const connections = {} as Connections
    beforeAll(async () => {
      const kubeconfig = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
      const east = await connectCluster(kubeconfig, 'east', {fieldManager})
      await east.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
      const proxy = await startFaultProxy({upstream: {kubeconfig: servers!.kubeconfig, context: 'east'}})
      const proxied = loadKubeconfig({kubeconfig: proxy.kubeconfig, env: {}})
      Object.assign(connections, {kubeconfig, east, proxy})
      connections.through = await connectCluster(proxied, 'east', {fieldManager})
    })
    afterAll(async () => {
      connections.through?.close()
      await connections.proxy?.close()
      connections.east?.close()
    })
    define(connections)
  })
}

/** Returns a ConfigMap in the test namespace. */
export function configMap(name: string, data: Record<string, string>): KubernetesObject {
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {namespace, name}, data}
}

/** Returns the user that the API server sees (SelfSubjectReview). */
export async function userInfoOf(cluster: Cluster): Promise<{username: string; groups: string[]}> {
  const review = await cluster.create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  })
  return (review.status as {userInfo: {username: string; groups: string[]}}).userInfo
}
