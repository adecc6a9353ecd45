import {expect, test} from 'vitest'
import {readIstiodReplicas} from '../../src/control-plane/read-replicas.ts'
import type {Cluster} from '../../src/engine/cluster/cluster.ts'

/** A cluster with one pod of istiod, whose container has one variable. */
function clusterWith(name: string, value: string): Cluster {
  const containers = [{name: 'discovery', image: 'istio/pilot:1.31.1', env: [{name, value}, {name: 'POD_NAME'}]}]
  const pod = {apiVersion: 'v1', kind: 'Pod', metadata: {name: 'istiod-1'}, spec: {containers}}
  const read = async () => ({status: 404, body: ''})
  return {list: async () => [pod], pods: {read}} as unknown as Cluster
}

test.each([
  ['PILOT_ENABLE_AMBIENT', 'true', true],
  // istiod parses Go's truth values.
  ['PILOT_ENABLE_AMBIENT', '1', true],
  ['PILOT_ENABLE_AMBIENT', 'T', true],
  ['PILOT_ENABLE_AMBIENT', 'yes', false],
  ['PILOT_ENABLE_AMBIENT', '0', false],
  ['OTHER', 'true', false],
])('an istiod with %s=%s serves pods in ambient mode: %s', async (name, value, ambient) => {
  const [replica] = await readIstiodReplicas(clusterWith(name, value), 'istio-system')
  expect(replica).toMatchObject({version: '1.31.1', ambient})
})
