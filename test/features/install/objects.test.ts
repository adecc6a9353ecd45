import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {buildInstall} from '../../../src/features/install/objects.ts'
import {installFields} from '../../../src/features/install/spec.ts'
import {readSpec} from '../../../src/spec/read.ts'

const object = (kind: string, name: string, namespace?: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {name, ...(namespace === undefined ? {} : {namespace})},
})

test('the namespace and the definitions stay, the record has the settings, and the rest belongs to the set', () => {
  const spec = readSpec(installFields, {network: 'net-east', set: ['pilot.autoscaleMin=2']})
  const rendered = {
    objects: [object('Namespace', 'istio-system'), object('ServiceAccount', 'istiod', 'istio-system')],
  }
  const values = [{name: 'a.yaml', content: {a: 1}}]
  const changes = buildInstall('east', spec, values, rendered, [object('CustomResourceDefinition', 'gateways')])
  const shown = changes.map(change => {
    if (change.action === 'edit') return [change.action, change.target.name, change.create]
    if (change.action !== 'apply') throw new Error(change.action)
    return [change.object.kind, change.object.metadata.name, change.stays ?? false, change.memberOf?.name]
  })
  expect(shown).toEqual([
    ['edit', 'istio-system', true],
    ['ConfigMap', 'kubectl-mesh-control-plane', true, undefined],
    ['CustomResourceDefinition', 'gateways', true, undefined],
    ['ServiceAccount', 'istiod', false, 'kubectl-mesh-control-plane'],
  ])
  expect(changes[1]).toMatchObject({
    object: {
      data: {
        by: 'install',
        via: 'istioctl',
        revision: 'default',
        settings: '{"network":"net-east","set":["pilot.autoscaleMin=2"]}',
        values: '[{"name":"a.yaml","content":{"a":1}}]',
      },
    },
  })
})
