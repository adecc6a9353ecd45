import {expect, test} from 'vitest'
import {managedByLabels} from '../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {isReadBy, resourceLabels} from '../../src/istio/revision.ts'

const labelled = (rev?: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Gateway',
  metadata: {name: 'a', ...(rev === undefined ? {} : {labels: {'istio.io/rev': rev}})},
})

test('a revision reads objects without a revision label, and those with its own', () => {
  expect(['1-30', undefined].map(revision => isReadBy(labelled(), revision))).toEqual([true, true])
  expect(['1-30', '1-31', undefined].map(revision => isReadBy(labelled('1-30'), revision))).toEqual([
    true,
    false,
    false,
  ])
  expect(['1-30', undefined].map(revision => isReadBy(labelled('default'), revision))).toEqual([false, true])
})

test('only the resources of a tenant carry the label of the revision', () => {
  expect(resourceLabels({isTenant: false, revision: 't1'})).toEqual(managedByLabels)
  expect(resourceLabels({isTenant: true, revision: 't1'})).toEqual({...managedByLabels, 'istio.io/rev': 't1'})
})
