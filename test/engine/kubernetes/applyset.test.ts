import {expect, test} from 'vitest'
import {applySetId, asMember, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {applySetParent, applySetParentRemoval} from '../../../src/engine/kubernetes/applyset-parent.ts'
import {federationApplySet} from '../../../src/mesh/applyset.ts'
import {frame, frozen} from './samples.ts'

const set = federationApplySet(frame)

test('the id is the one that kubectl 1.36 expects for this parent', () =>
  // Printed by `kubectl apply --prune --applyset=configmap/kubectl-mesh-federation -n istio-system` for a wrong id.
  expect(applySetId(set)).toBe('applyset-FJ65SxjJE3SrHdtqdTsT4uZMa69N_jl7Q89jd6XDc44-v1'))

test('an id is a valid label value, also for long names', () => {
  const long = {...set, name: 'a'.repeat(253), namespace: 'b'.repeat(63)}
  expect(applySetId(long)).toMatch(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,61}[A-Za-z0-9]$/)
})

test('the parent lists each kind once, sorted, and is not a member of the set', () => {
  const {object, stays} = applySetParent(set, 'east', {cluster: 'east'})
  const kinds = object.metadata.annotations!['applyset.kubernetes.io/contains-group-kinds']!.split(',')
  expect(kinds).toEqual([...new Set(kinds)].sort())
  expect(kinds).toEqual(expect.arrayContaining(['Secret', 'Gateway.networking.istio.io', 'Deployment.apps']))
  expect(object.metadata.labels).not.toHaveProperty([partOfLabel])
  expect(stays).toBe(true)
})

test('a member keeps its other labels', () => {
  const object = frozen({apiVersion: 'v1', kind: 'Secret', metadata: {name: 'x', labels: {a: 'b'}}})
  expect(asMember(object, 'applyset-x-v1').metadata).toEqual({
    name: 'x',
    labels: {a: 'b', [partOfLabel]: 'applyset-x-v1'},
  })
})

test('the removal of a parent is about the object that was applied', () => {
  const {apiVersion, kind, metadata} = applySetParent(set, 'east', {}).object
  const {target, ...removal} = applySetParentRemoval(set, 'east')
  expect(target).toEqual({apiVersion, kind, namespace: metadata.namespace, name: metadata.name})
  expect(removal).toEqual({action: 'remove', cluster: 'east', wave: 8})
})
