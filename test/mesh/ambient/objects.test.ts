import {expect, test} from 'vitest'
import {ambientApplySet, buildAmbientGateway} from '../../../src/mesh/ambient/objects.ts'

const gateway = {
  ...{cluster: 'east', network: 'net-east', systemNamespace: 'istio-system'},
  ...{revision: undefined, annotations: {}},
}

test('the Gateway has what istiods of other clusters require, and joins its set', () => {
  const {object, memberOf} = buildAmbientGateway(gateway)
  expect(object).toEqual({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: {
      name: 'istio-eastwestgateway-ambient',
      namespace: 'istio-system',
      labels: {
        'app.kubernetes.io/managed-by': 'kubectl-mesh',
        'app.kubernetes.io/part-of': 'istio',
        'topology.istio.io/network': 'net-east',
      },
    },
    spec: {
      gatewayClassName: 'istio-east-west',
      listeners: [
        {
          name: 'mesh',
          port: 15008,
          protocol: 'HBONE',
          tls: {mode: 'Terminate', options: {'gateway.istio.io/tls-terminate-mode': 'ISTIO_MUTUAL'}},
        },
      ],
    },
  })
  expect(memberOf?.name).toBe('kubectl-mesh-ambient')
})

test('a revision has its label: no other istiod creates the gateway; annotations are for the Service', () => {
  const {object} = buildAmbientGateway({...gateway, revision: '1-31', annotations: {scheme: 'internal'}})
  expect(object.metadata.labels).toMatchObject({'istio.io/rev': '1-31'})
  expect(object.spec).toMatchObject({infrastructure: {annotations: {scheme: 'internal'}}})
})

test('no object of another namespace is a member of the set', () => {
  const {contains} = ambientApplySet({systemNamespace: 'istio-system'})
  const {object} = buildAmbientGateway(gateway)
  expect(contains!(object)).toBe(true)
  expect(contains!({...object, metadata: {...object.metadata, namespace: 'shop'}})).toBe(false)
})
