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
  ours: new Set(['usergroup-1', 'app-2']),
  moved: undefined,
  settings: {settings: '{}'},
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
  expect(shared).toEqual([
    'kubectl-mesh-tenant-usergroup-1',
    'kubectl-mesh-tenant',
    'gateways.networking.istio.io',
    'istio-cni',
    'ztunnel',
  ])
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

test('only namespaces that kubectl-mesh created are listed', () => {
  const edits = buildTenant(frame, [], []).filter(change => change.action === 'edit')
  expect(edits.map(({target, isOurs}) => [target.name, isOurs === true])).toEqual([
    ['usergroup-1', true],
    ['app-1', false],
    ['app-2', true],
  ])
})

test('a new selector label is set before istiod selects by it, and the old one is removed last', () => {
  const moved = {from: {key: 'team', value: 'x'}, namespaces: ['app-1', 'app-9']}
  const edits = inOrder(buildTenant({...frame, moved}, rendered, [])).flatMap(change =>
    change.action === 'edit'
      ? change.edits.map(each => 'key' in each && `${change.wave} ${change.target.name} ${each.key}=${each.value}`)
      : [change.action === 'apply' && change.object.kind === 'Deployment' ? 'istiod' : ''],
  )
  expect(edits.filter(line => line !== '')).toEqual([
    '10 app-1 usergroup=usergroup-1',
    '10 app-9 usergroup=usergroup-1',
    '10 usergroup-1 usergroup=usergroup-1',
    'istiod',
    '50 app-1 usergroup=usergroup-1',
    '50 app-1 istio.io/rev=usergroup-1',
    '50 app-2 usergroup=usergroup-1',
    '50 app-2 istio.io/rev=usergroup-1',
    '50 app-1 team=undefined',
    '50 app-9 team=undefined',
    '50 usergroup-1 team=undefined',
  ])
  const same = {from: {key: 'usergroup', value: 'old'}, namespaces: ['app-1', 'app-9']}
  const names = buildTenant({...frame, moved: same}, [], []).flatMap(change =>
    change.action === 'edit' ? [change.target.name] : [],
  )
  expect(names).toEqual(['usergroup-1', 'app-1', 'app-2', 'app-9'])
})

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,12}[a-z0-9])?$/)

test('an assigned namespace matches only the selector of its tenant, and removing it undoes the assignment', () => {
  fc.assert(
    fc.property(label, label, label, (one, other, key) => {
      fc.pre(one !== other && key !== 'istio.io/rev')
      const selector = {key, value: one}
      const edit = buildAssignment({cluster: 'c', revision: one, selector, ours: new Set()}, 'ns')
      const labels = labelsOf(edit)
      expect(isDiscovered([{matchLabels: {[key]: one}}], labels)).toBe(true)
      expect(isDiscovered([{matchLabels: {[key]: other}}], labels)).toBe(false)
      const namespace = object('v1', 'Namespace', 'ns', {labels: {...labels, kept: 'x'}})
      const [undo] = unlabel({cluster: 'c', revisions: [one], label: selector}, namespace)
      expect(undo!.edits.map(each => 'key' in each && each.key).sort()).toEqual([key, 'istio.io/rev'].sort())
      expect(unlabel({cluster: 'c', revisions: [other], label: {key, value: other}}, namespace)).toEqual([])
    }),
  )
})

function labelsOf(edit: Edit): Record<string, string> {
  return Object.fromEntries(edit.edits.flatMap(each => (each.at === 'label' ? [[each.key, each.value!]] : [])))
}
