import {describe, expect, test} from 'vitest'
import type {Edit} from '../../../../src/engine/kubernetes/change.ts'
import {editMeshLocality} from '../../../../src/features/locality/balance/objects-mesh.ts'
import {
  buildMeshUndo,
  formerSetting,
  readMeshUndo,
} from '../../../../src/features/locality/balance/objects-mesh-undo.ts'
import type {LocalitySetting} from '../../../../src/features/locality/istio-serve.ts'
import {textAfter} from '../../../support/edits.ts'

const where = {systemNamespace: 'istio-system', revision: undefined}
const settingsOf = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 's'},
  data,
})

/** Applies edits one after the other, as runs of the command do. Returns the text and the record. */
function afterRuns(text: string, ...runs: [boolean, LocalitySetting?][]) {
  let [mesh, data] = [text, {}]
  for (const [enabled, setting] of runs) {
    const edit = (before: string) => editMeshLocality(before, enabled, setting)
    data = {...data, ...formerSetting(mesh, edit, where, readMeshUndo(settingsOf(data), where))}
    mesh = edit(mesh)
  }
  return {mesh, stored: readMeshUndo(settingsOf(data), where)}
}

const undone = (mesh: string, stored: ReturnType<typeof readMeshUndo>) =>
  textAfter(buildMeshUndo('east', where, where, mesh, stored)[0] as Edit, mesh)

const texts = [
  '',
  'a: 1',
  'a: 1\r\nb: 2\r\n',
  '# c\nlocalityLbSetting:   {enabled: false}   # off since March\nb: 2\n',
  'localityLbSetting:\n      # regions\n      distribute:\n      - from: a\n        to: {"b": 100}\n      enabled: no\n\n# end\n',
  'localityLbSetting: {}\n',
  'localityLbSetting:\nb: 2\n',
  'a: 1\nlocalityLbSetting:\n  failoverPriority: [ "x" ,  "y" ] # order\n',
]
const on: [boolean, LocalitySetting] = [true, {failover: [{from: 'a', to: 'b'}]}]

describe.each(texts)('the mesh config %j', text => {
  test.each([[[[true]]], [[[false]]], [[on]], [[[false], on]], [[on, [false], [true]]]] as [
    [boolean, LocalitySetting?][],
  ][])('is restored byte for byte after %j', runs => {
    const {mesh, stored} = afterRuns(text, ...runs)
    expect(stored ? undone(mesh, stored) : mesh).toBe(text)
  })
})

test('changes of other lines stay, and so does another setting', () => {
  const {mesh, stored} = afterRuns('a: 1\nlocalityLbSetting: {enabled: false} # x\n', on)
  expect(undone(`# new\n${mesh}b: 2\n`, stored)).toBe('# new\na: 1\nlocalityLbSetting: {enabled: false} # x\nb: 2\n')
  expect(() => undone('localityLbSetting: {enabled: true, failoverPriority: [z]}\n', stored)).toThrow(
    'was changed after kubectl-mesh set it',
  )
  // An interrupted run restored it already: only the record is left.
  expect(undone('localityLbSetting: {enabled: false}\n', stored)).toBe('localityLbSetting: {enabled: false}\n')
})

test('where neighboring lines were changed, the value is restored', () => {
  const {mesh, stored} = afterRuns('a: 1\nb: 2\n', on)
  expect(undone(mesh.replace('b: 2', 'b: 3'), stored)).toBe('a: 1\nb: 3\n')
})

test('without an earlier run, there is no former setting', () => {
  expect(buildMeshUndo('east', where, where, 'a: 1\n', undefined)).toEqual([])
  expect(() => buildMeshUndo('east', where, where, 'localityLbSetting: {enabled: false}\n', undefined)).toThrow(
    /^east: no earlier --mesh-wide/,
  )
  expect(formerSetting('a: 1\n', text => text, where, undefined)).toEqual({})
})
