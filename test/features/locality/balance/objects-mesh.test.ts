import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {editObject} from '../../../../src/engine/plan/edit.ts'
import {buildMeshLocality} from '../../../../src/features/locality/balance/objects-mesh.ts'
import type {LocalitySetting} from '../../../../src/features/locality/istio-serve.ts'
import {textAfter} from '../../../support/edits.ts'

const where = {systemNamespace: 'istio-system', revision: undefined}

test('--mesh-wide changes one value of the mesh config', () => {
  const map = (mesh: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'istio'},
    data: {mesh},
  })
  const edit = (text: string, enabled: boolean, setting?: LocalitySetting) =>
    (editObject(map(text), buildMeshLocality('east', where, enabled, setting).edits, 'm').merged.data as {mesh: string})
      .mesh
  expect(edit('a: 1 # keep\n', false)).toBe('a: 1 # keep\nlocalityLbSetting:\n  enabled: false\n')
  expect(edit('localityLbSetting: {failover: [], enabled: false} # x\n', true)).toBe(
    'localityLbSetting: {failover: [], enabled: true} # x\n',
  )
  expect(edit('localityLbSetting:\n  enabled: false\nb: 2\n', true, {failover: [{from: 'a', to: 'b'}]})).toBe(
    'localityLbSetting:\n  enabled: true\n  failover:\n  - from: a\n    to: b\nb: 2\n',
  )
})

test('fields that this command does not know are kept', () => {
  const text = textAfter(
    buildMeshLocality('east', where, true, {failover: [{from: 'a', to: 'b'}]}),
    'localityLbSetting:\n  zoneAwareLbSetting: {}\n  failoverPriority: [x]\n',
  )
  expect(text).toContain('zoneAwareLbSetting')
  expect(text).not.toContain('failoverPriority')
})

test('the edit is for the ConfigMap of the revision', () => {
  expect(buildMeshLocality('east', {...where, revision: 'r1'}, true, {}).target).toMatchObject({
    namespace: 'istio-system',
    name: 'istio-r1',
  })
})
