import {expect, test} from 'vitest'
import {gatewayApiCertificates, istioCertificates} from '../../../../src/features/ingress/tls/certificates.ts'
import {object} from '../samples.ts'
import {gateway, workload} from './samples.ts'

const port = {number: 443, protocol: 'HTTPS'}

test('an Istio Gateway refers to Secrets in the namespaces of its gateways', () => {
  const server = {hosts: ['./a.example'], port, tls: {mode: 'MUTUAL', credentialName: 's'}}
  const row = {gateway: 'apps/g', hosts: ['a.example'], port: 443, mode: 'MUTUAL'}
  const workloads = [workload, {...workload, namespace: 'edge2'}]
  expect(istioCertificates(gateway('g', server), workloads)).toEqual([
    {...row, secret: {namespace: 'edge', name: 's'}},
    {...row, secret: {namespace: 'edge2', name: 's'}},
  ])
  expect(istioCertificates(gateway('g', server), [])).toEqual([{...row, secret: {namespace: undefined, name: 's'}}])
})

test('revisions of the gateway that do not read the Istio Gateway', () => {
  const server = {hosts: ['a.example'], port, tls: {mode: 'SIMPLE', credentialName: 's'}}
  const labelled = gateway('g', server)
  labelled.metadata.labels = {'istio.io/rev': '1-30'}
  const unread = (...revisions: string[]) => istioCertificates(labelled, [{...workload, revisions}])[0]!.unread
  expect(unread('1-30')).toBeUndefined()
  expect(unread('1-30', '1-31')).toEqual({label: '1-30', revisions: ['1-31']})
})

test.each([
  ['PASSTHROUGH', {mode: 'PASSTHROUGH', credentialName: 's'}, []],
  ['ISTIO_MUTUAL', {mode: 'ISTIO_MUTUAL'}, []],
  ['a list of credentials', {mode: 'SIMPLE', credentialName: 's', credentialNames: ['a', 'b']}, ['a', 'b']],
])('credentials of %s', (_name, tls, names) => {
  const found = istioCertificates(gateway('g', {port, tls}), [workload])
  expect(found.map(({secret}) => secret.name)).toEqual(names)
})

test('a Gateway of the Gateway API refers to Secrets of its listeners', () => {
  const certificateRefs = [{name: 's'}, {name: 't', namespace: 'x'}, {name: 'm', kind: 'ConfigMap'}]
  const spec = {listeners: [{port: 443, hostname: 'a.example', tls: {certificateRefs}}, {port: 80}]}
  expect(gatewayApiCertificates(object('Gateway', 'g', {spec}, {namespace: 'apps'}))).toEqual([
    expect.objectContaining({gateway: 'apps/g (Gateway API)', secret: {namespace: 'apps', name: 's'}}),
    expect.objectContaining({hosts: ['a.example'], secret: {namespace: 'x', name: 't'}}),
  ])
})
