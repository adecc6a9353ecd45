import {expect, test} from 'vitest'
import {readSyncz} from '../../../../src/features/tenant/proxies/istio-syncz.ts'

const url = (name: string) => `type.googleapis.com/${name}`

test('reads the state of each type as istioctl proxy-status shows it', () => {
  const entry = {
    proxy: 'web-1.0.app-1',
    cluster_id: 'east',
    resources: {
      [url('envoy.config.listener.v3.Listener')]: {sent: 'b', acked: 'a', sentTime: '2026-11-29T10:00:00Z'},
      [url('envoy.config.cluster.v3.Cluster')]: {sent: 'a', acked: 'a'},
      [url('envoy.config.endpoint.v3.ClusterLoadAssignment')]: {},
      [url('envoy.config.route.v3.RouteConfiguration')]: {sent: 'c', acked: 'c', lastError: 'invalid'},
      [url('istio.workload.Address')]: {sent: 'a', acked: 'a'},
    },
  }
  expect(readSyncz(JSON.stringify([entry]))).toEqual([
    {
      name: 'web-1.0',
      namespace: 'app-1',
      cluster: 'east',
      types: [
        {type: 'CDS', state: 'SYNCED'},
        {type: 'EDS', state: 'NOT SENT'},
        {type: 'LDS', state: 'STALE'},
        {type: 'RDS', state: 'ERROR'},
        {type: 'istio.workload.Address', state: 'SYNCED'},
      ],
    },
  ])
})

test('reads versions without resources', () => {
  const entry = {proxy: 'web.app-1', cluster_sent: 'a', cluster_acked: 'a', listener_sent: 'b'}
  expect(readSyncz(JSON.stringify([entry]))).toMatchObject([
    {
      types: [
        {type: 'CDS', state: 'SYNCED'},
        {type: 'LDS', state: 'STALE'},
      ],
    },
  ])
})

test('the page of an istiod without proxies is empty', () => {
  for (const body of ['[]', 'null']) expect(readSyncz(body)).toEqual([])
})

test.each(['{}', '[null]', '["x"]', '[{"proxy": 1}]', '[{"proxy": "web"}]', 'no JSON'])('rejects %s', body => {
  expect(() => readSyncz(body)).toThrow()
})
