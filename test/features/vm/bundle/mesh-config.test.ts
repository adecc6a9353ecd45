import {expect, test} from 'vitest'
import {meshYaml, proxyConfigOf} from '../../../../src/features/vm/bundle/mesh-config.ts'
import type {BundleSource} from '../../../../src/features/vm/bundle/source.ts'
import {sourceOf} from './support.ts'

const metadataOf = (replaced: Partial<BundleSource>) =>
  proxyConfigOf(sourceOf(replaced)).proxyMetadata as Record<string, string>
const withConfig = (defaultConfig: Record<string, unknown>) =>
  sourceOf({controlPlane: {...sourceOf().controlPlane, defaultConfig, revision: 'r1'}})

test.each([
  [{app: 'web'}, 'web', 'latest'],
  [{app: 'web', 'app.kubernetes.io/name': 'shop', version: 'v1', 'app.kubernetes.io/version': 'v2'}, 'shop', 'v2'],
  [
    {
      'service.istio.io/canonical-name': 'one',
      'service.istio.io/canonical-revision': 'three',
      'app.kubernetes.io/name': 'two',
    },
    'one',
    'three',
  ],
  [{}, 'web', 'latest'],
])('labels %j give canonical service %s, revision %s', (labels, service, revision) => {
  expect(metadataOf({labels})).toMatchObject({CANONICAL_SERVICE: service, CANONICAL_REVISION: revision})
})

test('the discovery address of the mesh config takes precedence', () => {
  expect(proxyConfigOf(withConfig({})).discoveryAddress).toBe('istiod-r1.istio-system.svc:15012')
  expect(proxyConfigOf(withConfig({discoveryAddress: 'a:1'})).discoveryAddress).toBe('a:1')
})

test('metadata that does not apply is absent', () => {
  const absent = ['ISTIO_META_POD_PORTS', 'ISTIO_META_DNS_CAPTURE', 'ISTIO_META_AUTO_REGISTER_GROUP']
  const metadata = metadataOf({ports: [], captureDns: false, autoRegister: false, locality: undefined})
  for (const key of absent) expect(metadata).not.toHaveProperty(key)
  expect(metadata.ISTIO_METAJSON_LABELS).not.toContain('istio-locality')
  expect(metadataOf({}).ISTIO_METAJSON_LABELS).toContain('"istio-locality":"r/z/s"')
})

test('keys are sorted at every level', () => {
  const yaml = meshYaml(withConfig({b: {d: 1, c: [{f: 1, e: 2}]}, a: 1}))
  expect(yaml.indexOf('a: 1')).toBeLessThan(yaml.indexOf('b:'))
  expect(yaml.indexOf('c:')).toBeLessThan(yaml.indexOf('d: 1'))
  expect(yaml.indexOf('e: 2')).toBeLessThan(yaml.indexOf('f: 1'))
})
