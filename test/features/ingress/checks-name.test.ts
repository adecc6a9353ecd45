import {expect, test} from 'vitest'
import {labelUnique, nameFree} from '../../../src/features/ingress/checks-name.ts'
import {findingsOf, gatewayPod, object, pod} from './samples.ts'

test.each([
  ['label of Helm', {labels: {'app.kubernetes.io/managed-by': 'Helm'}}, 'Helm'],
  ['first field manager', {managedFields: [{manager: 'x', subresource: 'status'}, {manager: 'helm'}]}, 'helm'],
  ['nothing', {}, 'another tool'],
])('an existing Deployment is attributed by its %s', (_name, metadata, creator) => {
  const existing = [object('Deployment', 'istio-ingressgateway', {}, metadata)]
  expect(findingsOf([nameFree], {}, {existing})).toEqual([
    `error name: Deployment edge/istio-ingressgateway already exists, created by ${creator}`,
  ])
})

test('warns of other pods with the istio label', () => {
  const other = pod('p', 'n1', 1, {}, {labels: {istio: 'ingressgateway'}})
  expect(findingsOf([labelUnique], {}, {pods: [other, pod('own', 'n1', 80, {}, gatewayPod)]})).toEqual([
    expect.stringMatching(/^warning label: label istio=ingressgateway is also set on 1 other pod \(other\/p\)/),
  ])
})
