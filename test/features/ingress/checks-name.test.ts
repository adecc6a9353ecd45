import {expect, test} from 'vitest'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {labelUnique, nameFree} from '../../../src/features/ingress/checks-name.ts'
import {ingressApplySet} from '../../../src/features/ingress/objects.ts'
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

test('a label does not prove that an object is ours; the record does', () => {
  const set = ingressApplySet({name: 'istio-ingressgateway', namespace: 'edge', systemNamespace: 'istio-system'})
  const labels = {[partOfLabel]: applySetId(set), 'app.kubernetes.io/managed-by': 'kubectl-mesh'}
  const existing = [object('Service', 'istio-ingressgateway', {}, {labels})]
  expect(findingsOf([nameFree], {}, {existing})).toEqual([
    'error name: Service edge/istio-ingressgateway already exists, created by kubectl-mesh',
  ])
  expect(findingsOf([nameFree], {}, {existing}, existing)).toEqual([])
})

test('warns of other pods with the istio label', () => {
  const other = pod('p', 'n1', 1, {}, {labels: {istio: 'ingressgateway'}})
  expect(findingsOf([labelUnique], {}, {pods: [other, pod('own', 'n1', 80, {}, gatewayPod)]})).toEqual([
    expect.stringMatching(/^warning label: label istio=ingressgateway is also set on 1 other pod \(other\/p\)/),
  ])
})
