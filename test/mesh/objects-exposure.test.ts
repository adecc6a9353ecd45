import {expect, test} from 'vitest'
import {buildExposure, type Exposure} from '../../src/mesh/objects-exposure.ts'
import {frozen} from '../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../support/golden.ts'

const plain: Exposure = {cluster: 'east', systemNamespace: 'istio-system', hosts: [], clusterDomain: 'cluster.local'}

test.each<[string, Partial<Exposure>]>([
  ['all', {}],
  [
    'hosts-revision',
    {
      hosts: ['shop/*', 'shop/*.shop.svc.cluster.local', 'trade/pay', '*.global'],
      revision: '1-30',
      systemNamespace: 'mesh',
    },
  ],
  ['tenant', {revision: 'team-a', isTenant: true, systemNamespace: 'istio-team-a'}],
])('golden: %s', async (name, more) =>
  expectGolden(`exposure/${name}.yaml`, textOfChanges(buildExposure(frozen({...plain, ...more})))),
)

test.each([
  ['cluster.local', '*.local'],
  ['east.mesh.local', '*.local'],
  ['local', '*.local'],
  ['k8s.example.com', '*.k8s.example.com'],
  ['notlocal', '*.notlocal'],
])('cluster domain %s: %s', (clusterDomain, host) => {
  const [change] = buildExposure({...plain, clusterDomain})
  expect(change!.object.spec).toMatchObject({servers: [{hosts: [host]}]})
})
