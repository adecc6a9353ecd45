import {expect, test} from 'vitest'
import {recordEdits, removedSecrets} from '../../../../src/features/federate/remove/objects-record.ts'

const namespace = 'istio-system'
const secret = (name: string) => ({apiVersion: 'v1', kind: 'Secret', namespace, name})

/** The record of east, in which these Secrets are listed. */
function recordOf(...names: string[]) {
  const lines = ['v1 ConfigMap istio-system other u0', ...names.map(name => `v1 Secret ${namespace} ${name} u-${name}`)]
  const members = `${lines.join('\n')}\n`
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {namespace, name: 'kubectl-mesh-federation'}, data: {members}}
}

const live = (name: string) => ({apiVersion: 'v1', kind: 'Secret', metadata: {namespace, name}})

const ofWest = ['istio-remote-secret-west', 'istio-remote-bound-token2-west']
const ofSouth = ['istio-remote-secret-south', 'istio-remote-token-south']

test('the listed Secrets of a leaving cluster that no longer exist are found by their names', () => {
  const record = recordOf(...ofWest, ...ofSouth)
  expect(removedSecrets({record, created: [], replaced: []}, ['west'])).toEqual(ofWest.map(secret))
  expect(removedSecrets({record, created: ofWest.map(live), replaced: []}, ['west'])).toEqual([])
  expect(removedSecrets({record, created: [], replaced: []}, ['est', 'wes', ''])).toEqual([])
  const bundled = recordOf('istio-remote-secrets', ...ofSouth)
  expect(removedSecrets({record: bundled, created: [], replaced: []}, ['west'])).toEqual([
    secret('istio-remote-secrets'),
  ])
  const former = [{apiVersion: 'v1', kind: 'ConfigMap', metadata: {namespace, name: 'kubectl-mesh-federation-r1'}}]
  expect(removedSecrets({record, created: [], replaced: former}, ['west'])).toEqual([])
  expect(removedSecrets({record: undefined, created: [], replaced: []}, ['west'])).toEqual([])
})

test('the record loses only their lines', () => {
  const record = recordOf(...ofWest, ...ofSouth)
  const [change, ...others] = recordEdits('east', {record}, ofWest.map(secret))
  expect(others).toEqual([])
  expect(change).toMatchObject({
    cluster: 'east',
    target: {kind: 'ConfigMap', namespace, name: 'kubectl-mesh-federation'},
    edits: [{at: 'text', path: ['data', 'members'], about: `members: drop ${ofWest.join(', ')}`}],
  })
  const [edit] = change!.edits
  if (edit?.at !== 'text') throw new Error('expected an edit of a text')
  expect(edit.edit(record.data.members)).toBe(recordOf(...ofSouth).data.members)
  expect(recordEdits('east', {record}, [])).toEqual([])
})
