import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {foreignContent} from '../../../../src/features/tenant/remove/istio-content.ts'
import {tenantOf} from '../samples.ts'

function object(apiVersion: string, kind: string, name: string, owners: string[] = []): KubernetesObject {
  const ownerReferences = owners.map(owner => ({apiVersion: 'v1', kind: 'X', name: owner, uid: `uid-of-${owner}`}))
  return {apiVersion, kind, metadata: {name, namespace: 'ns', uid: `uid-of-${name}`, ownerReferences}}
}

const istiod = object('apps/v1', 'Deployment', 'istiod')
const service = object('v1', 'Service', 'istiod-service')
const own = {tenant: tenantOf('a'), objects: [istiod, service]}

test('what Kubernetes and istiod create does not keep a namespace', () => {
  const all = [
    istiod,
    service,
    object('v1', 'ConfigMap', 'kube-root-ca.crt'),
    object('v1', 'ConfigMap', 'istio-ca-root-cert'),
    object('v1', 'ServiceAccount', 'default'),
    object('v1', 'Event', 'x'),
    object('events.k8s.io/v1', 'Event', 'y'),
    object('coordination.k8s.io/v1', 'Lease', 'kubectl-mesh'),
    // In any order: the owner may follow.
    object('v1', 'Pod', 'pod', ['set']),
    object('apps/v1', 'ReplicaSet', 'set', ['istiod']),
    object('discovery.k8s.io/v1', 'EndpointSlice', 'slice', ['istiod-service']),
    object('v1', 'Endpoints', 'istiod-service'),
    {apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics', metadata: {name: 'pod', namespace: 'ns'}},
  ]
  expect(foreignContent(all, own)).toEqual([])
})

test('everything else does, also objects that name an owner that is not ours', () => {
  const all = [
    object('v1', 'Secret', 'password'),
    object('coordination.k8s.io/v1', 'Lease', 'scheduler'),
    object('v1', 'Endpoints', 'other'),
    object('v1', 'ServiceAccount', 'builder'),
    object('example.com/v1', 'Widget', 'w', ['elsewhere']),
    object('v1', 'ConfigMap', 'both', ['istiod', 'elsewhere']),
  ]
  expect(foreignContent(all, own)).toEqual([
    'configmap/both',
    'endpoints/other',
    'lease.coordination.k8s.io/scheduler',
    'secret/password',
    'serviceaccount/builder',
    'widget.example.com/w',
  ])
})

test('an object of another kind with the name of our object is foreign', () => {
  expect(foreignContent([object('v1', 'Service', 'istiod')], own)).toEqual(['service/istiod'])
})
