import {expect, test} from 'vitest'
import {joinedGatewayChecks} from '../../../../src/features/federate/joined/checks-gateways.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {gatewayService} from '../../../mesh/samples.ts'
import {primaryAndRemote} from '../../../mesh/samples-remote.ts'
import {remoteSubject, subject} from '../preflight/samples.ts'

const selector = {istio: 'eastwestgateway'}
const pending = gatewayService('net-west', {spec: {selector, ports: [{port: 15443}]}})
const deployment = {
  ...{apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'g', namespace: 'istio-system'}},
  spec: {template: {metadata: {labels: selector}}},
}
const west = {networkGateways: [pending], gatewayDeployments: [deployment]}
const idsOf = (given: Parameters<typeof runChecks>[1]) =>
  runChecks(joinedGatewayChecks, given as never).map(({check, cluster}) => `${check} ${cluster}`)

test('a gateway without an address and without pods', () => {
  expect(idsOf(subject({west}))).toEqual(['gateway-address west', 'gateway-pods west'])
})

test('on a single network only a primary needs a gateway', () => {
  expect(idsOf(subject({west, raw: {singleNetwork: true}}))).toEqual([])
  const {east} = {east: {networkGateways: [pending], gatewayDeployments: [deployment]}}
  const [primary] = primaryAndRemote({raw: {singleNetwork: true}}).all
  const gateway = {...pending, metadata: {...pending.metadata, labels: {'topology.istio.io/network': primary.network}}}
  const given = remoteSubject({raw: {singleNetwork: true}, west, east: {...east, networkGateways: [gateway]}})
  expect(idsOf(given)).toEqual(['gateway-address east', 'gateway-pods east'])
})
