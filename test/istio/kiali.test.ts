import {expect, test} from 'vitest'
import {isKiali, kialiContainer, kialiMount, mountsSecret} from '../../src/istio/kiali.ts'

const deployment = (podSpec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {name: 'kiali', namespace: 'istio-system'},
  spec: {template: {spec: podSpec}},
})

test('a Secret is mounted below the folder that Kiali reads', () => {
  expect(kialiMount('kiali-remote-cluster-secret-west')).toEqual({
    volume: {
      name: 'remote-west',
      secret: {secretName: 'kiali-remote-cluster-secret-west', optional: true, defaultMode: 0o644},
    },
    mount: {
      name: 'remote-west',
      mountPath: '/kiali-remote-cluster-secrets/kiali-remote-cluster-secret-west',
      readOnly: true,
    },
  })
})

test.each(['West.1', 'a'.repeat(63), 'x-'])('a name that no volume can have is replaced: %s', cluster => {
  const {volume} = kialiMount(`kiali-remote-cluster-secret-${cluster}`)
  expect(volume.name).toMatch(/^remote-[0-9a-f]{16}$/)
})

test('a Secret counts as mounted if Kiali finds it, whatever created the mount', () => {
  const volumes = [{name: 'v', secret: {secretName: 's'}}]
  const pod = (mountPath: string) => deployment({containers: [{volumeMounts: [{name: 'v', mountPath}]}], volumes})
  expect(mountsSecret(pod('/kiali-remote-cluster-secrets/s'), 's')).toBe(true)
  expect(mountsSecret(pod('/elsewhere/s'), 's')).toBe(false)
  expect(mountsSecret(pod('/kiali-remote-cluster-secrets/s'), 'other')).toBe(false)
  expect(mountsSecret(deployment({}), 's')).toBe(false)
})

test('the container of Kiali is the one with its configuration', () => {
  const kiali = {volumeMounts: [{name: 'c', mountPath: '/kiali-configuration'}]}
  expect(kialiContainer(deployment({containers: [{name: 'proxy'}, kiali]}))).toBe(1)
  expect(kialiContainer(deployment({containers: [{name: 'other'}]}))).toBe(0)
})

test('labels of the manifests and of the chart', () => {
  expect(isKiali({app: 'kiali'})).toBe(true)
  expect(isKiali({'app.kubernetes.io/name': 'kiali'})).toBe(true)
  expect([isKiali({app: 'x'}), isKiali(undefined)]).toEqual([false, false])
})
