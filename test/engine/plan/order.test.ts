import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {Apply, Change, Edit, Remove} from '../../../src/engine/kubernetes/change.ts'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {refKey} from '../../../src/engine/kubernetes/object.ts'
import {type Wave, waves} from '../../../src/engine/kubernetes/waves.ts'
import {inGroups, inOrder} from '../../../src/engine/plan/order.ts'
import {buildFederation} from '../../../src/features/federate/objects.ts'
import {frame, member} from '../kubernetes/samples.ts'

const kinds: [apiVersion: string, kind: string][] = [
  ['v1', 'Namespace'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['v1', 'ServiceAccount'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  ['apps/v1', 'Deployment'],
  ['networking.istio.io/v1', 'Gateway'],
  ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'],
]

const change: fc.Arbitrary<Change> = fc
  .record({
    wave: fc.constantFrom<Wave>(...Object.values(waves)),
    kind: fc.constantFrom(...kinds),
    name: fc.constantFrom('a', 'b', 'c'),
    namespace: fc.constantFrom(undefined, 'ns'),
    action: fc.constantFrom('apply', 'edit', 'clear', 'remove'),
  })
  .map(({wave, kind: [apiVersion, kind], name, namespace, action}): Change => {
    const target = {apiVersion, kind, name, ...(namespace ? {namespace} : {})}
    const common = {cluster: 'east', wave}
    if (action === 'remove') return {...common, action, target} satisfies Remove
    if (action === 'apply') {
      const metadata = {name, ...(namespace ? {namespace} : {})}
      return {...common, action, object: {apiVersion, kind, metadata}} satisfies Apply
    }
    const value = action === 'clear' ? undefined : 'x'
    return {...common, action: 'edit', target, edits: [{at: 'label', key: 'k', value}]} satisfies Edit
  })

/** Changes of different objects, as in a plan. */
const changes = fc.uniqueArray(change, {selector: one => refKey(targetOf(one)), maxLength: 25})
const onlyRemoves = (one: Change) =>
  one.action === 'remove' || (one.action === 'edit' && (one.edits[0] as {value?: string}).value === undefined)

describe('inOrder', () => {
  test('applies a webhook after all other objects of its wave, and removes it first', () => {
    const webhook = {apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', name: 'a'}
    const service = {apiVersion: 'v1', kind: 'Service', namespace: 'ns', name: 'istiod'}
    const common = {cluster: 'east', wave: waves.remoteControlPlane}
    const apply = [webhook, service].map(
      ({name, ...kind}): Apply => ({...common, action: 'apply', object: {...kind, metadata: {name}}}),
    )
    expect(inOrder(apply).map(({object}) => object.kind)).toEqual(['Service', 'MutatingWebhookConfiguration'])
    const remove = [service, webhook].map((target): Remove => ({...common, action: 'remove', target}))
    expect(inOrder(remove).map(({target}) => target.kind)).toEqual(['MutatingWebhookConfiguration', 'Service'])
    expect(inGroups(inOrder(apply).map(change => ({change})))).toHaveLength(2)
  })

  test('does not depend on the order of its input, and keeps all changes', () => {
    fc.assert(
      fc.property(
        changes.chain(all => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, {minLength: all.length}))),
        ([all, shuffled]) => {
          expect(inOrder(shuffled)).toEqual(inOrder(all))
          expect(new Set(inOrder(all))).toEqual(new Set(all))
          expect(inOrder(inOrder(all))).toEqual(inOrder(all))
        },
      ),
    )
  })

  test('applies by ascending wave, and then removes by descending wave', () => {
    fc.assert(
      fc.property(changes, all => {
        const steps = inOrder(all).map(one => (onlyRemoves(one) ? [1, -one.wave] : [0, one.wave]))
        expect(steps).toEqual([...steps].sort(([a, b], [c, d]) => a! - c! || b! - d!))
      }),
    )
  })
})

describe('inOrder, within a wave', () => {
  test('applies an object before those that depend on it, and removes it after them', () => {
    const before = [
      ['Namespace', 'ServiceAccount'],
      ['Namespace', 'Deployment'],
      ['CustomResourceDefinition', 'Gateway'],
      ['ServiceAccount', 'Deployment'],
      ['ServiceAccount', 'Secret'],
      ['ConfigMap', 'Deployment'],
      ['Role', 'RoleBinding'],
      ['ClusterRole', 'ClusterRoleBinding'],
    ]
    fc.assert(
      fc.property(changes, all => {
        const ordered = inOrder(all)
        for (const [first, second] of before)
          for (const [a, one] of ordered.entries())
            for (const [b, other] of ordered.entries()) {
              if (targetOf(one).kind !== first || targetOf(other).kind !== second || one.wave !== other.wave) continue
              if (!onlyRemoves(one) && !onlyRemoves(other)) expect(a).toBeLessThan(b)
              if (one.action === 'remove' && other.action === 'remove') expect(b).toBeLessThan(a)
            }
      }),
    )
  })

  test('restores a shared object before our record of the change is removed', () => {
    const label: Edit = {
      action: 'edit',
      cluster: 'east',
      wave: 10,
      target: {apiVersion: 'v1', kind: 'Namespace', name: 'istio-system'},
      edits: [{at: 'label', key: 'k', value: undefined}],
    }
    const record: Remove = {
      action: 'remove',
      cluster: 'east',
      wave: 10,
      target: {apiVersion: 'v1', kind: 'ConfigMap', name: 'r'},
    }
    const gateway: Remove = {...record, wave: 40, target: {apiVersion: 'v1', kind: 'Service', name: 'g'}}
    expect(inOrder([record, label, gateway])).toEqual([gateway, label, record])
    // An edit that also sets a value runs with the other changes.
    const both: Edit = {...label, edits: [...label.edits, {at: 'label', key: 'l', value: 'x'}]}
    expect(inOrder([record, both, gateway])[0]).toBe(both)
  })

  test('starts a federation with the namespace and ends with the remote Secrets', () => {
    const all = inOrder(buildFederation(frame, [member('east', ['west', 'south'])]))
    expect(targetOf(all[0]!).kind).toBe('Namespace')
    expect(all.slice(-2).map(one => targetOf(one).name)).toEqual([
      'istio-remote-secret-south',
      'istio-remote-secret-west',
    ])
  })
})

test('inGroups splits ordered steps by wave and rank', () => {
  fc.assert(
    fc.property(changes, all => {
      const steps = inOrder(all).map(one => ({change: one}))
      const groups = inGroups(steps)
      expect(groups.flat()).toEqual(steps)
      for (const group of groups) {
        expect(group.length).toBeGreaterThan(0)
        expect(new Set(group.map(({change: {wave}}) => wave)).size).toBe(1)
        const found = group.map(({change: one}) => targetOf(one).kind)
        // A namespace is never in a group with its contents, nor a role with its binding.
        for (const base of ['Namespace', 'ServiceAccount', 'Role', 'ClusterRole', 'ConfigMap'])
          if (found.includes(base) && group.every(({change: one}) => one.action !== 'edit'))
            expect(new Set(found)).toEqual(new Set([base]))
        expect(new Set(group.map(({change: one}) => onlyRemoves(one))).size).toBe(1)
      }
    }),
  )
})
