import {expect, test} from 'vitest'
import {applySetId} from '../../../../src/engine/kubernetes/applyset.ts'
import {idLabel} from '../../../../src/engine/kubernetes/applyset-parent.ts'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {
  authzRecordsIn,
  buildRevisions,
  providersData,
  recordOf,
  revisionsData,
} from '../../../../src/features/authz/records/objects.ts'
import {object} from '../../federate/samples-mesh.ts'

const namespace = 'istio-system'

function map(name: string, data: Record<string, string>, id?: string): KubernetesObject {
  const labels = {[idLabel]: id ?? applySetId({name, namespace})}
  return {...object('ConfigMap', `${namespace}/${name}`, {metadata: {labels}}), data}
}

const one = map('kubectl-mesh-authz-ext', {
  name: 'ext',
  via: 'mesh-config',
  revisions: '1-30,default',
  ...providersData({existing: ['1-31', '1-29'], former: ['shared-config']}),
})
const old = map('kubectl-mesh-authz-ext-1-31', {name: 'ext'})
const older = map('kubectl-mesh-authz-ext', {name: 'ext'})

test('records are found by their data; the name of an old record contains its revision', () => {
  const records = authzRecordsIn(
    [
      one,
      old,
      map('kubectl-mesh-authz-other', {name: 'other'}),
      // Not a record of an authorizer, a copied label, and a name that does not fit.
      map('kubectl-mesh-locality', {cluster: 'east'}),
      map('kubectl-mesh-authz-ext-2', {name: 'ext'}, applySetId({name: 'kubectl-mesh-authz-ext', namespace})),
      map('kubectl-mesh-authz-extra', {name: 'ext'}),
    ],
    namespace,
  )
  expect(records[0]).toMatchObject({via: 'mesh-config', existing: ['1-29', '1-31'], former: ['shared-config']})
  expect(records[1]).toMatchObject({via: undefined, existing: [], former: []})
  expect(records.map(({name, set, revisions}) => [name, set.name, revisions])).toEqual([
    ['ext', 'kubectl-mesh-authz-ext', ['1-30', 'default']],
    ['ext', 'kubectl-mesh-authz-ext-1-31', ['1-31']],
    ['other', 'kubectl-mesh-authz-other', ['default']],
  ])
})

test.each([
  ['1-31', 'kubectl-mesh-authz-ext-1-31'],
  [undefined, 'kubectl-mesh-authz-ext'],
  ['2-0', 'kubectl-mesh-authz-ext'],
])('of several records, the one with revision %s', (revision, expected) => {
  expect(recordOf(authzRecordsIn([old, one], namespace), 'ext', revision)?.set.name).toBe(expected)
})

test('a new revision uses the record of an earlier one', () => {
  expect(recordOf(authzRecordsIn([old], namespace), 'ext', '1-32')?.set.name).toBe('kubectl-mesh-authz-ext-1-31')
  expect(recordOf(authzRecordsIn([older], namespace), 'other', undefined)).toBeUndefined()
})

test('the revisions in a record are sorted and unique', () => {
  expect(revisionsData(['b', 'a', 'b'])).toEqual({revisions: 'a,b'})
  const [record] = authzRecordsIn([one], namespace)
  expect(buildRevisions(record!, ['default'], 'east')).toMatchObject({
    action: 'apply',
    object: {metadata: {name: 'kubectl-mesh-authz-ext', namespace}, data: {name: 'ext', revisions: 'default'}},
  })
})
