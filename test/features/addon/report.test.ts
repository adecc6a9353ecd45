import {expect, test} from 'vitest'
import {addonListing, addonRows} from '../../../src/features/addon/report.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'

const record = (name: string, namespace: string, settings = '{}') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: `kubectl-mesh-addon-${name}`, namespace: 'istio-system'},
  data: {addon: name, namespace, settings},
})
const workload = (name: string, namespace: string, kind = 'Deployment') => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: {
    ...{name, namespace, creationTimestamp: '2026-11-28T11:00:00Z'},
    labels: {'app.kubernetes.io/name': name, 'app.kubernetes.io/version': 'v2.27.0'},
  },
  spec: {replicas: 1},
  status: {availableReplicas: 1, updatedReplicas: 1},
})

test('lists what was installed, what another tool installed, and records without a workload', () => {
  const records = [record('kiali', 'obs', '{"auth":"token"}'), record('loki', 'obs')]
  const rows = addonRows(records, [workload('kiali', 'obs'), workload('prometheus', 'istio-system')])
  expect(formatListing(addonListing(rows, new Date('2026-11-28T12:00:00Z')), undefined)).toBe(
    [
      'NAME         NAMESPACE      VERSION   READY   LOGIN   MANAGED BY     AGE',
      'prometheus   istio-system   2.27.0    1/1     -       -              1h',
      'kiali        obs            2.27.0    1/1     token   kubectl mesh   1h',
      'loki         obs            -         0/0     -       kubectl mesh   -',
      '',
    ].join('\n'),
  )
})
