import {expect, test} from 'vitest'
import type {Edit} from '../../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {editObject} from '../../../../src/engine/plan/edit.ts'
import {inOrder} from '../../../../src/engine/plan/order.ts'
import {buildTenantRemoval, type TenantRemoval} from '../../../../src/features/tenant/remove/objects.ts'
import {frozen} from '../../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../../support/golden.ts'
import {namespaceOf, tenantOf} from '../samples.ts'

const object = (apiVersion: string, kind: string, name: string, more: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: {name, ...more},
})
const rendered = [
  object('apps/v1', 'Deployment', 'istiod-usergroup-1', {namespace: 'usergroup-1'}),
  object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'istiod-clusterrole-usergroup-1-usergroup-1'),
  object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'istio-revision-tag-x', {
    labels: {'istio.io/rev': 'usergroup-1'},
  }),
]

const webhook = (namespace: string, name: string) => ({name, clientConfig: {service: {namespace, name}}})
const withUid = (each: KubernetesObject): KubernetesObject => ({
  ...each,
  metadata: {...each.metadata, uid: `uid-of-${each.metadata.name}`},
})
const own = {usergroup: 'usergroup-1', 'istio.io/rev': 'usergroup-1'}
const removal: TenantRemoval = frozen({
  cluster: 'east',
  tenant: tenantOf('usergroup-1'),
  revisions: ['usergroup-1', 'stable'],
  label: {key: 'usergroup', value: 'usergroup-1'},
  kept: [
    namespaceOf('app-1', own),
    namespaceOf('app-2', {...own, 'istio.io/rev': 'stable'}),
    namespaceOf('app-3', {usergroup: 'other'}),
  ],
  deleted: [namespaceOf('usergroup-1', {usergroup: 'usergroup-1'})].map(withUid),
  members: [
    ...rendered,
    object('v1', 'ConfigMap', 'istio-usergroup-1', {namespace: 'usergroup-1'}),
    object('v1', 'ServiceAccount', 'istiod-usergroup-1', {namespace: 'usergroup-1'}),
    object('security.istio.io/v1', 'PeerAuthentication', 'default', {namespace: 'usergroup-1'}),
  ].map(withUid),
  webhooks: [
    {
      ...object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'shared'),
      webhooks: [webhook('usergroup-1', 'istiod-usergroup-1'), webhook('other', 'istiod-usergroup-1')],
    },
  ],
  leftovers: [
    object('v1', 'ConfigMap', 'istio-ca-root-cert', {namespace: 'app-1'}),
    object('coordination.k8s.io/v1', 'Lease', 'istio-gateway-deployment-usergroup-1', {namespace: 'usergroup-1'}),
  ].map(withUid),
  record: withUid(object('v1', 'ConfigMap', 'kubectl-mesh-tenant', {namespace: 'usergroup-1'})),
  proof: withUid(object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'kubectl-mesh-tenant-usergroup-1')),
})

test('golden file: labels, webhooks and istiod are removed first; what istiod reads and wrote, and namespaces, last', async () => {
  await expectGolden('tenant/remove.yaml', textOfChanges(inOrder(buildTenantRemoval(removal))))
})

test('every removal is only of the object that was read', () => {
  for (const change of buildTenantRemoval(removal))
    if (change.action === 'remove') expect(change.uid).toBe(`uid-of-${change.target.name}`)
})

test('a webhook configuration of another owner loses only the entries that call the istiod of the tenant', () => {
  const edit = buildTenantRemoval(removal).find(change => change.action === 'edit' && change.target.name === 'shared')
  const {merged, patch} = editObject(removal.webhooks[0]!, (edit as Edit).edits, 'kubectl-mesh')
  expect(patch).toEqual({webhooks: [webhook('other', 'istiod-usergroup-1')]})
  expect(editObject(merged, (edit as Edit).edits, 'kubectl-mesh').patch).toBeUndefined()
})
