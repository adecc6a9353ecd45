import {expect, test} from 'vitest'
import {hasLogin, kialiValues, versionOfWorkload} from '../../../src/features/addon/istio-kiali.ts'
import {settings} from './samples.ts'

const place = {namespace: 'istio-system', systemNamespace: 'istio-system'}
const namesOf = (version: string | undefined) =>
  kialiValues(settings({revision: 'r'}), place, version).filter(([path]) => path.includes('istiod_deployment_name'))

test.each([
  ['2.13.9', true],
  ['v2.0.0', true],
  ['1.89.0', true],
  ['2.14.0', false],
  ['3.0.0', false],
  [undefined, false],
])('Kiali %s needs the names of the objects of a revision: %s', (version, expected) => {
  expect(namesOf(version)).toEqual(expected ? [['external_services.istio.istiod_deployment_name', 'istiod-r']] : [])
})

test('only a login has sessions', () => {
  expect([undefined, 'anonymous', 'token', 'openid'].map(auth => hasLogin(auth as never))).toEqual([
    ...[false, false, true, true],
  ])
})

test('the version of a workload is that of its label, otherwise of its image', () => {
  const workload = (labels: Record<string, string>) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'a', labels},
    spec: {template: {spec: {containers: [{image: 'docker.io/jaegertracing/jaeger:2.17.0'}]}}},
  })
  expect(versionOfWorkload(workload({'app.kubernetes.io/version': 'v2.27.0'}))).toBe('2.27.0')
  expect(versionOfWorkload(workload({}))).toBe('2.17.0')
  expect(versionOfWorkload({apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'a'}})).toBeUndefined()
})
