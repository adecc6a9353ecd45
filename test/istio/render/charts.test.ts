import {expect, test} from 'vitest'
import {chartNextTo} from '../../../src/istio/render/charts.ts'

test.each([
  ['istio/istiod', 'istio/base'],
  ['istiod', 'base'],
  ['oci://registry.example/charts/istiod', 'oci://registry.example/charts/base'],
  ['/charts/istiod/', '/charts/base'],
  ['./istiod-1.31.0.tgz', './base-1.31.0.tgz'],
  ['/charts/istio-control/istio-discovery', undefined],
  ['mirror/my-istiod', undefined],
])('the base chart next to %s is %s', (istiod, base) => expect(chartNextTo(istiod, 'base')).toBe(base))

test('other charts of Istio', () => {
  expect(chartNextTo('./istiod-1.31.0.tgz', 'ztunnel')).toBe('./ztunnel-1.31.0.tgz')
  expect(chartNextTo('istio/istiod', 'cni')).toBe('istio/cni')
})
