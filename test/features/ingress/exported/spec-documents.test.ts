import {expect, test} from 'vitest'
import {ingressGatewayDocuments, ingressTlsDocuments} from '../../../../src/features/ingress/exported/spec-documents.ts'
import {ingressTlsApplySet} from '../../../../src/features/ingress/tls/objects.ts'
import {recordOf} from '../../../support/round-trip.ts'

const settings = JSON.stringify({mutual: true})

function tlsRecord(data: Record<string, string>) {
  const {name} = ingressTlsApplySet({host: 'shop.example.com', namespace: 'edge', systemNamespace: 'istio-system'})
  return recordOf(name, {host: 'shop.example.com', namespace: 'edge', ...data})
}

test('a gateway is found by its own record only', () => {
  const data = {gateway: 'edge', namespace: 'ns', settings: '{"kind":"daemonset"}'}
  const records = [recordOf('kubectl-mesh-ingress-ns.edge', data), recordOf('kubectl-mesh-ingress-ns.other', data)]
  expect(ingressGatewayDocuments({context: 'east', records})).toEqual([
    {context: 'east', raw: {kind: 'daemonset', name: 'edge', namespace: 'ns', systemNamespace: 'istio-system'}},
  ])
  expect(ingressTlsDocuments({context: 'east', records})).toEqual([])
})

test('a certificate is named by the paths of its files', () => {
  const paths = {cert: 'a.crt', key: 'a.key', ca: 'ca.crt', other: '/etc/passwd'}
  const records = [tlsRecord({settings, paths: JSON.stringify(paths)})]
  const [document] = ingressTlsDocuments({context: 'east', records})
  expect(document).toEqual({
    context: 'east',
    raw: {
      ...{mutual: true, cert: 'a.crt', key: 'a.key', ca: 'ca.crt'},
      ...{host: 'shop.example.com', namespace: 'edge', systemNamespace: 'istio-system'},
    },
    gaps: [],
  })
})

test('without recorded paths, that is a gap; a Secret needs none', () => {
  const gapsOf = (data: Record<string, string>) =>
    ingressTlsDocuments({context: 'east', records: [tlsRecord(data)]})[0]!.gaps
  expect(gapsOf({settings})).toEqual(['cert and key: the paths of the files are not recorded'])
  expect(gapsOf({settings, paths: '{"cert":["a"],"key":3}'})).toHaveLength(1)
  expect(gapsOf({settings: '{"secret":"shop"}'})).toEqual([])
})
