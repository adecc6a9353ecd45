import fc from 'fast-check'
import {expect, test} from 'vitest'
import {tenantKinds} from '../../../src/control-plane/kinds.ts'
import type {Edit} from '../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {inOrder} from '../../../src/engine/plan/order.ts'
import {buildAssignment, buildTenant, type TenantFrame} from '../../../src/features/tenant/objects.ts'
import {unlabel} from '../../../src/features/tenant/remove/objects.ts'
import {sailResources} from '../../../src/istio/render/sail.ts'
import {isDiscovered} from '../../../src/istio/selectors.ts'
import {frozen} from '../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'

const frame: TenantFrame = {
  cluster: 'east',
  name: 'usergroup-1',
  systemNamespace: 'usergroup-1',
  revision: 'usergroup-1',
  selector: {key: 'usergroup', value: 'usergroup-1'},
  mtls: 'STRICT',
  via: 'istioctl',
  namespaces: ['app-1', 'app-2'],
  ownNamespaces: ['usergroup-1', 'app-2'],
}
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
  object('telemetry.istio.io/v1', 'Telemetry', 'a', {namespace: 'usergroup-1'}),
  object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'istio-cni'),
  object('apps/v1', 'DaemonSet', 'ztunnel', {namespace: 'kube-system'}),
]
const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'gateways.networking.istio.io')

test('golden files: a tenant without a control plane, with rendered objects, with the Sail operator', async () => {
  const none = frozen({...frame, via: 'none', namespaces: []})
  await expectGolden('tenant/none.yaml', textOfChanges(inOrder(buildTenant(none, [], []))))
  const full = frozen(frame)
  await expectGolden('tenant/rendered.yaml', textOfChanges(inOrder(buildTenant(full, frozen(rendered), [definition]))))
  const sail = sailResources({
    namespace: 'usergroup-1',
    revision: 'usergroup-1',
    discoverySelectors: [{matchLabels: {usergroup: 'usergroup-1'}}],
    isDefault: false,
    requested: {values: {}, operator: {}},
  })
  await expectGolden('tenant/sail.yaml', textOfChanges(inOrder(buildTenant({...full, via: 'sail'}, sail, []))))
})

test('objects that tenants share stay and are no members; all others are members of a known kind', () => {
  const shared = buildTenant(frame, rendered, [definition]).flatMap(change =>
    change.action === 'apply' && change.stays ? [change.object.metadata.name] : [],
  )
  expect(shared).toEqual(['kubectl-mesh-tenant', 'gateways.networking.istio.io', 'istio-cni', 'ztunnel'])
  const kinds = new Set(tenantKinds.map(({apiVersion, kind}) => `${apiVersion} ${kind}`))
  for (const change of buildTenant(frame, rendered, []))
    if (change.action === 'apply' && !change.stays)
      expect(kinds).toContain(`${change.object.apiVersion} ${change.object.kind}`)
})

test('every custom resource is labelled with the revision', () => {
  for (const change of buildTenant(frame, rendered, []))
    if (change.action === 'apply' && /istio\.io\//.test(change.object.apiVersion))
      expect(change.object.metadata.labels?.['istio.io/rev']).toBe('usergroup-1')
})

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,12}[a-z0-9])?$/)

test('an assigned namespace matches only the selector of its tenant, and removing it undoes the assignment', () => {
  fc.assert(
    fc.property(label, label, label, (one, other, key) => {
      fc.pre(one !== other && key !== 'istio.io/rev')
      const selector = {key, value: one}
      const edit = buildAssignment({cluster: 'c', name: one, revision: one, selector, ownNamespaces: []}, 'ns')
      const labels = labelsOf(edit)
      expect(isDiscovered([{matchLabels: {[key]: one}}], labels)).toBe(true)
      expect(isDiscovered([{matchLabels: {[key]: other}}], labels)).toBe(false)
      const namespace = object('v1', 'Namespace', 'ns', {labels: {...labels, kept: 'x'}})
      const [undo] = unlabel({cluster: 'c', revisions: [one], label: selector}, namespace)
      expect(undo!.edits.map(each => each.at !== 'text' && each.key).sort()).toEqual([key, 'istio.io/rev'].sort())
      expect(unlabel({cluster: 'c', revisions: [other], label: {key, value: other}}, namespace)).toEqual([])
    }),
  )
})

function labelsOf(edit: Edit): Record<string, string> {
  return Object.fromEntries(edit.edits.flatMap(each => (each.at === 'label' ? [[each.key, each.value!]] : [])))
}
