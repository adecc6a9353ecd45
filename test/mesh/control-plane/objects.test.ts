import {expect, test} from 'vitest'
import {applySetId} from '../../../src/engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {waves} from '../../../src/engine/kubernetes/waves.ts'
import {federationApplySet} from '../../../src/mesh/applyset.ts'
import {
  buildControlPlane,
  type ControlPlaneFrame,
  controlPlaneApplySet,
} from '../../../src/mesh/control-plane/objects.ts'

const object = (apiVersion: string, kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: {name, ...more},
})
const plain: ControlPlaneFrame = {
  cluster: 'east',
  systemNamespace: 'istio-system',
  revision: undefined,
  via: 'istioctl',
}
const revisioned: ControlPlaneFrame = {...plain, revision: 'r1'}
const rbac = 'rbac.authorization.k8s.io/v1'
const admission = 'admissionregistration.k8s.io/v1'

/** Names of the objects that belong to the ApplySet of the control plane. */
function ownNames(frame: ControlPlaneFrame, rendered: KubernetesObject[]): string[] {
  const {name} = controlPlaneApplySet(frame)
  const objects = rendered.map(object => ({object}))
  return buildControlPlane(frame, objects, []).flatMap(change =>
    change.action === 'apply' && !change.stays && change.memberOf?.name === name ? [change.object.metadata.name] : [],
  )
}

test('objects of this control plane belong to its ApplySet; shared objects do not', () => {
  const shared = [
    object(rbac, 'ClusterRole', 'istio-cni', {labels: {'istio.io/rev': 'default'}}),
    object('apps/v1', 'DaemonSet', 'ztunnel', {namespace: 'kube-system'}),
  ]
  const own = [
    object('apps/v1', 'Deployment', 'istiod', {namespace: 'istio-system'}),
    object(rbac, 'ClusterRole', 'istiod-clusterrole-istio-system'),
    object(admission, 'MutatingWebhookConfiguration', 'istio-sidecar-injector', {labels: {'istio.io/rev': 'default'}}),
  ]
  expect(ownNames(plain, [...shared, ...own])).toEqual(own.map(({metadata}) => metadata.name))
})

test('an IstioCNI and a ZTunnel serve all control planes', () => {
  const [istio, ...shared] = ['Istio', 'IstioCNI', 'ZTunnel'].map(kind => object('sailoperator.io/v1', kind, kind))
  expect(ownNames(plain, [istio!, ...shared])).toEqual(['Istio'])
})

test('a revision does not own the webhook of another revision', () => {
  const other = object(admission, 'MutatingWebhookConfiguration', 'istio-sidecar-injector', {
    labels: {'istio.io/rev': 'default'},
  })
  const mine = object(admission, 'MutatingWebhookConfiguration', 'istio-sidecar-injector-r1', {
    labels: {'istio.io/rev': 'r1'},
  })
  expect(ownNames(revisioned, [other, mine])).toEqual(['istio-sidecar-injector-r1'])
})

test('the reader account belongs to the federation', () => {
  const reader = [
    object('v1', 'ServiceAccount', 'istio-reader-service-account', {namespace: 'istio-system'}),
    object(rbac, 'ClusterRole', 'istio-reader-clusterrole-istio-system'),
    object(rbac, 'ClusterRoleBinding', 'istio-reader-clusterrole-istio-system'),
  ]
  expect(ownNames(plain, reader)).toEqual([])
  const ofRevision = object(rbac, 'ClusterRole', 'istio-reader-clusterrole-r1-istio-system')
  expect(ownNames(revisioned, [...reader, ofRevision])).toEqual([])
  const ofAnother = object(rbac, 'ClusterRole', 'istio-reader-clusterrole-r2-istio-system')
  expect(ownNames(revisioned, [ofAnother])).toEqual([ofAnother.metadata.name])
})

test('in a remote cluster it is created after the cluster is registered in the primary, with its pending values', () => {
  const webhook = object(admission, 'MutatingWebhookConfiguration', 'istio-sidecar-injector', {
    labels: {'istio.io/rev': 'default'},
  })
  const built = buildControlPlane({...plain, remote: true}, [{object: webhook, pending: 'the address'}], [])
  expect(built.at(-1)).toMatchObject({wave: waves.remoteControlPlane, pending: 'the address', object: webhook})
})

test('CRDs are created first and never removed', () => {
  const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'gateways.networking.istio.io')
  const built = buildControlPlane(plain, [], [definition]).filter(
    one => one.action === 'apply' && one.object.kind === 'CustomResourceDefinition',
  )
  expect(built).toMatchObject([{wave: waves.namespaces, stays: true}])
})

test('the ApplySet differs from that of the federation, so a cluster that leaves keeps its control plane', () => {
  for (const frame of [plain, revisioned])
    expect(applySetId(controlPlaneApplySet(frame))).not.toBe(applySetId(federationApplySet(frame)))
  expect(applySetId(controlPlaneApplySet(plain))).not.toBe(applySetId(controlPlaneApplySet(revisioned)))
})
