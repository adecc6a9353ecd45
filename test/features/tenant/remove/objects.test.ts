import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {inOrder} from '../../../../src/engine/plan/order.ts'
import {buildTenantRemoval} from '../../../../src/features/tenant/remove/objects.ts'
import {frozen} from '../../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../../support/golden.ts'
import {namespaceOf} from '../samples.ts'

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

test('golden file: labels, webhooks and istiod are removed first; what istiod reads and wrote, and namespaces, last', async () => {
  const own = {usergroup: 'usergroup-1', 'istio.io/rev': 'usergroup-1'}
  const removal = frozen({
    cluster: 'east',
    revisions: ['usergroup-1', 'stable'],
    label: {key: 'usergroup', value: 'usergroup-1'},
    systemNamespace: namespaceOf('usergroup-1', {usergroup: 'usergroup-1'}),
    namespaces: [
      namespaceOf('app-1', own),
      namespaceOf('app-2', {...own, 'istio.io/rev': 'stable'}),
      namespaceOf('app-3', {usergroup: 'other'}),
    ],
    deleteNamespaces: false,
    deleteSystemNamespace: true,
    members: [
      ...rendered,
      object('v1', 'ConfigMap', 'istio-usergroup-1', {namespace: 'usergroup-1'}),
      object('v1', 'ServiceAccount', 'istiod-usergroup-1', {namespace: 'usergroup-1'}),
      object('security.istio.io/v1', 'PeerAuthentication', 'default', {namespace: 'usergroup-1'}),
    ],
    leftovers: [
      object('v1', 'ConfigMap', 'istio-ca-root-cert', {namespace: 'app-1'}),
      object('coordination.k8s.io/v1', 'Lease', 'istio-gateway-deployment-usergroup-1', {namespace: 'usergroup-1'}),
    ],
  })
  await expectGolden('tenant/remove.yaml', textOfChanges(inOrder(buildTenantRemoval(removal))))
  const all = buildTenantRemoval({...removal, deleteNamespaces: true, deleteSystemNamespace: false})
  expect(
    all
      .filter(({action}) => action === 'remove')
      .map(change => change.action === 'remove' && change.target.kind)
      .filter(kind => kind === 'Namespace'),
  ).toHaveLength(3)
})
