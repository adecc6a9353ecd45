import {expect, test} from 'vitest'
import {ztunnelBalances} from '../../../../src/features/locality/balance/checks-ambient.ts'
import {object} from '../../federate/samples-mesh.ts'
import {pod, webService} from '../samples.ts'
import {findingsOf} from './samples.ts'

const withProxy = {spec: {containers: [{name: 'istio-proxy'}]}}
const namespaces = [object('Namespace', 'amb', {metadata: {labels: {'istio.io/dataplane-mode': 'ambient'}}})]
const ambient = pod('amb/client', {})
const message =
  'ambient: web.shop.svc.cluster.local: ztunnel does not read DestinationRules, so the settings have no effect on requests from pods in ambient mode'
const settings = {failover: ['r=q']}
const found = (pods: (typeof ambient)[], more: object = {}, raw: object = settings) =>
  findingsOf([ztunnelBalances], raw, {pods, namespaces, ...more})

test('an error where all clients are in ambient mode, a warning where some have a sidecar', () => {
  const ofWaypoint = pod('amb/wp', {'gateway.istio.io/managed': 'istio.io-mesh-controller'}, withProxy)
  const ztunnel = pod(
    'istio-system/ztunnel',
    {},
    {spec: {containers: [{name: 'istio-proxy', args: ['proxy', 'ztunnel']}]}},
  )
  expect(found([ambient, ofWaypoint, ztunnel])).toEqual([`error ${message}`])
  expect(found([ambient, pod('shop/client', {}, withProxy)])).toEqual([`warning ${message}`])
})

test('nothing without pods in ambient mode, for --prefer-close, and for a Service with a waypoint', () => {
  expect(found([pod('shop/client', {})])).toEqual([])
  expect(found([ambient], {}, {preferClose: true})).toEqual([])
  const services = [{...webService, metadata: {...webService.metadata, labels: {'istio.io/use-waypoint': 'wp'}}}]
  expect(found([ambient], {services})).toEqual([])
})
