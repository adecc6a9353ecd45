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
    action: fc.constantFrom('apply', 'edit', 'take', 'remove'),
  })
  .map(({wave, kind: [apiVersion, kind], name, namespace, action}): Change => {
    const target = {apiVersion, kind, name, ...(namespace ? {namespace} : {})}
    const common = {cluster: 'east', wave}
    if (action === 'remove') return {...common, action, target} satisfies Remove
    if (action === 'apply') {
      const metadata = {name, ...(namespace ? {namespace} : {})}
      return {...common, action, object: {apiVersion, kind, metadata}} satisfies Apply
    }
    const value = action === 'take' ? undefined : 'x'
    return {...common, action: 'edit', target, edits: [{at: 'label', key: 'k', value}]} satisfies Edit
  })

/** Changes of objects that are all different, as a plan has them. */
const changes = fc.uniqueArray(change, {selector: one => refKey(targetOf(one)), maxLength: 25})
const takesAway = (one: Change) =>
  one.action === 'remove' || (one.action === 'edit' && (one.edits[0] as {value?: string}).value === undefined)

describe('inOrder', () => {
  test('a webhook comes after all else of its wave, and goes before it', () => {
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

  test('is total: the order of the input does not matter, and nothing is lost', () => {
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

  test('is safe at every prefix: by rising wave, and then taken away by falling wave', () => {
    fc.assert(
      fc.property(changes, all => {
        const steps = inOrder(all).map(one => (takesAway(one) ? [1, -one.wave] : [0, one.wave]))
        expect(steps).toEqual([...steps].sort(([a, b], [c, d]) => a! - c! || b! - d!))
      }),
    )
  })

  test('what others live in or hang on comes first in its wave, and goes last', () => {
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
              if (!takesAway(one) && !takesAway(other)) expect(a).toBeLessThan(b)
              if (one.action === 'remove' && other.action === 'remove') expect(b).toBeLessThan(a)
            }
      }),
    )
  })

  test('a shared object is put right before our record that we changed it goes', () => {
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
    // an edit that sets something as well comes with what is made
    const both: Edit = {...label, edits: [...label.edits, {at: 'label', key: 'l', value: 'x'}]}
    expect(inOrder([record, both, gateway])[0]).toBe(both)
  })

  test('a federation: the namespace first, remote Secrets last', () => {
    const all = inOrder(buildFederation(frame, [member('east', ['west', 'south'])]))
    expect(targetOf(all[0]!).kind).toBe('Namespace')
    expect(all.slice(-2).map(one => targetOf(one).name)).toEqual([
      'istio-remote-secret-south',
      'istio-remote-secret-west',
    ])
  })
})

test('inGroups parts an order into runs of one wave and rank, and keeps it', () => {
  fc.assert(
    fc.property(changes, all => {
      const steps = inOrder(all).map(one => ({change: one}))
      const groups = inGroups(steps)
      expect(groups.flat()).toEqual(steps)
      for (const group of groups) {
        expect(group.length).toBeGreaterThan(0)
        expect(new Set(group.map(({change: {wave}}) => wave)).size).toBe(1)
        const found = group.map(({change: one}) => targetOf(one).kind)
        // a namespace is never sent beside what lives in it, nor a role beside its binding
        for (const base of ['Namespace', 'ServiceAccount', 'Role', 'ClusterRole', 'ConfigMap'])
          if (found.includes(base) && group.every(({change: one}) => one.action !== 'edit'))
            expect(new Set(found)).toEqual(new Set([base]))
        expect(new Set(group.map(({change: one}) => takesAway(one))).size).toBe(1)
      }
    }),
  )
})
