import {expect, test} from 'vitest'
import {formatReady} from '../../../src/features/ingress/report-ready.ts'
import {ingressDeployFields} from '../../../src/features/ingress/spec-deploy.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {object, type RawDeploy} from './samples.ts'

const balanced = (ingress: object[]) =>
  object('Service', 's', {spec: {type: 'LoadBalancer'}, status: {loadBalancer: {ingress}}})

test.each<[string, RawDeploy, ReturnType<typeof object> | undefined, string]>([
  ['host ports', {hostPorts: ['80:8080', '443:8443']}, undefined, 'port 80, 443 of its nodes'],
  ['addresses', {}, balanced([{ip: '192.0.2.1'}, {hostname: 'lb.example'}]), '192.0.2.1, lb.example, port 80, 443'],
  ['no address', {}, balanced([]), 'no address yet: waiting for the load balancer of its Service'],
  [
    'ClusterIP',
    {},
    object('Service', 's', {spec: {type: 'ClusterIP'}}),
    'Service edge/istio-ingressgateway, port 80, 443',
  ],
])('endpoint: %s', (_name, raw, service, expected) => {
  const spec = {...readSpec(ingressDeployFields, raw), namespace: 'edge'}
  expect(formatReady(spec, 1, service)).toEqual([
    `istio-ingressgateway is ready: 1 pod · ${expected}`,
    'hint:  next, serve a host: kubectl mesh ingress tls HOST --cert FILE --key FILE',
  ])
})

test('the next command selects a gateway with another name', () => {
  const spec = {...readSpec(ingressDeployFields, {name: 'front'}), namespace: 'edge'}
  expect(formatReady(spec, 2, undefined)).toEqual([
    expect.stringContaining('2 pods'),
    expect.stringMatching(/ --gateway front$/),
  ])
})
