import {expect, test} from 'vitest'
import {ambientFindings} from '../../../../src/features/tenant/ambient/checks.ts'
import {namespaceOf, ztunnelOf} from '../samples.ts'

const tenant = {name: 'a', systemNamespace: 'sys-a'}
const namespaces = [namespaceOf('app', {'istio.io/dataplane-mode': 'ambient'}), namespaceOf('web')]

test('a namespace in ambient mode whose ztunnel has another istiod', () => {
  expect(ambientFindings(namespaces, [ztunnelOf('istio-system')], tenant)).toEqual([
    {
      message:
        'namespace app is in ambient mode (istio.io/dataplane-mode=ambient), and the istiod in istio-system configures ztunnel: policies of a would not apply to pods there',
      hints: [
        'to use sidecars: kubectl label namespace app istio.io/dataplane-mode-',
        'or keep the namespace with the control plane in istio-system',
      ],
    },
  ])
})

test('nothing where the istiod of the tenant configures ztunnel, without a ztunnel, and with one at an unknown address', () => {
  const unknown = {...ztunnelOf('x'), istiod: 'ztunnel-proxy.example:15012'}
  for (const ztunnels of [[ztunnelOf('sys-a')], [], [unknown]])
    expect(ambientFindings(namespaces, ztunnels, tenant)).toEqual([])
})
