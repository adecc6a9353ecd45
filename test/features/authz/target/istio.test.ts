import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {enforcementOf, revisionOf, revisionsOf} from '../../../../src/features/authz/target/istio.ts'
import {object} from '../../federate/samples-mesh.ts'
import {withProxy} from '../samples.ts'

const namespaces = [
  object('Namespace', 'shop'),
  object('Namespace', 'amb', {
    metadata: {labels: {'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'wp'}},
  }),
]
const pod = (place: string, labels: Record<string, string> = {}, more: object = {}) =>
  object('Pod', place, {metadata: {labels}, ...more})

test('pods with a sidecar, in ambient mode, and outside of the mesh', () => {
  const pods = [
    pod('shop/sidecar', {}, {spec: withProxy}),
    pod('shop/plain'),
    pod('shop/ambient', {'istio.io/dataplane-mode': 'ambient'}),
    pod('amb/ambient'),
    pod('amb/both', {}, {spec: withProxy}),
    pod('amb/plain', {'istio.io/dataplane-mode': 'none'}),
    pod('shop/ended', {}, {status: {phase: 'Succeeded'}}),
  ]
  const names = Object.fromEntries(
    Object.entries(enforcementOf(pods, namespaces)).map(([key, all]) => [
      key,
      (all as KubernetesObject[]).map(({metadata}) => `${metadata.namespace}/${metadata.name}`),
    ]),
  )
  expect(names).toMatchObject({
    proxied: ['shop/sidecar', 'amb/both'],
    ambient: ['shop/ambient', 'amb/ambient'],
    plain: ['shop/plain', 'amb/plain'],
  })
  expect(names.pods).toHaveLength(6)
})

test('the revision of a pod is that of its proxy, with a tag resolved', () => {
  const tags = new Map([['prod', '1-30']])
  const proxied = (rev: string, phase = 'Running') =>
    pod('shop/a', {'istio.io/rev': rev}, {spec: withProxy, status: {phase}})
  expect(revisionsOf([proxied('prod'), proxied('1-31'), pod('shop/plain')], tags)).toEqual(['1-30', '1-31'])
  expect(revisionOf(proxied('1-31', 'Failed'), tags)).toBeUndefined()
})
