import {expect, test} from 'vitest'
import {
  nodePortField,
  placementFields,
  replicasField,
  resourcesOf,
  serviceAnnotations,
  serviceFields,
} from '../../../src/mesh/gateways/objects-settings.ts'

test('without settings, only a gateway of type NodePort has an annotation', () => {
  expect(serviceAnnotations('LoadBalancer', {})).toEqual({})
  expect(serviceAnnotations('NodePort', {})).toEqual({'traffic.istio.io/nodeSelector': '{}'})
  const annotations = {'traffic.istio.io/nodeSelector': '{"pool":"edge"}'}
  expect(serviceAnnotations('NodePort', {annotations})).toEqual(annotations)
  expect([serviceFields({}), nodePortField(15443, {}), placementFields({}), replicasField({})]).toEqual([
    {},
    {},
    {},
    {},
  ])
})

test('tolerations', () => {
  const tolerations = ['dedicated=edge:NoSchedule', 'dedicated:NoExecute', 'spot']
  expect(placementFields({tolerations})).toEqual({
    tolerations: [
      {key: 'dedicated', operator: 'Equal', value: 'edge', effect: 'NoSchedule'},
      {key: 'dedicated', operator: 'Exists', effect: 'NoExecute'},
      {key: 'spot', operator: 'Exists'},
    ],
  })
})

test('resources replace the defaults one by one', () => {
  expect(resourcesOf({requests: {cpu: '1'}, limits: {'ephemeral-storage': '1Gi'}})).toEqual({
    requests: {cpu: '1', memory: '128Mi'},
    limits: {cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi'},
  })
})
