import {describe, expect, test} from 'vitest'
import type {KialiSettings} from '../../../src/features/addon/istio-kiali.ts'
import {withKialiSettings} from '../../../src/features/addon/objects-kiali.ts'
import {loadYaml} from '../../../src/text/yaml.ts'
import {kialiManifest, objectsOf, settings} from './samples.ts'

const system = {namespace: 'istio-system', systemNamespace: 'istio-system'}

function configOf(other: Partial<KialiSettings>, place = system, manifest = kialiManifest) {
  const objects = withKialiSettings(objectsOf(manifest), settings(other), place)
  return loadYaml((objects[0]!.data as Record<string, string>)['config.yaml']!) as Record<string, never>
}

test('without settings, the objects stay byte for byte', () => {
  const objects = objectsOf(kialiManifest)
  expect(withKialiSettings(objects, settings(), system)).toEqual(objects)
})

test('in another namespace, Kiali gets the addresses of the add-ons and the namespace of istiod', () => {
  const config = configOf({hasJaeger: true}, {namespace: 'obs', systemNamespace: 'mesh-a'})
  expect(config).toEqual({
    auth: {strategy: 'anonymous'},
    deployment: {namespace: 'obs'},
    external_services: {
      istio: {root_namespace: 'mesh-a'},
      prometheus: {url: 'http://prometheus.obs:9090'},
      grafana: {internal_url: 'http://grafana.obs:3000'},
      tracing: {enabled: true, internal_url: 'http://tracing.obs:16685/jaeger'},
    },
  })
})

test('addresses of the user win', () => {
  const urls = {prometheusUrl: 'https://thanos', grafanaUrl: 'https://grafana', tracingUrl: 'https://jaeger'}
  expect(configOf(urls).external_services).toMatchObject({
    prometheus: {url: 'https://thanos'},
    grafana: {external_url: 'https://grafana'},
    tracing: {enabled: true, internal_url: 'https://jaeger'},
  })
})

test('only Kiali before 2.14 gets the names of the objects of a revision', () => {
  const old = kialiManifest.replace('v2.27.0', 'v2.13.1')
  const names = {istiod_deployment_name: 'istiod-1-31', config_map_name: 'istio-1-31'}
  expect(configOf({revision: '1-31'}, system, old).external_services).toMatchObject({istio: names})
  expect(configOf({revision: '1-31'}).external_services).toEqual({
    istio: {root_namespace: 'istio-system'},
    tracing: {enabled: false},
  })
})

describe('a login', () => {
  test('openid has its settings, and nothing else', () => {
    const openid = {openidIssuer: 'https://id', openidClientId: 'kiali', openidUsernameClaim: 'email'}
    expect(configOf({auth: 'openid', ...openid}).auth).toEqual({
      strategy: 'openid',
      openid: {issuer_uri: 'https://id', client_id: 'kiali', username_claim: 'email'},
    })
  })

  test('signs its sessions with the key of a Secret, and restarts the pods', () => {
    const deployment = withKialiSettings(objectsOf(kialiManifest), settings({auth: 'token'}), system)[3]!
    const name = 'login-token-signing-key'
    expect(configOf({auth: 'token'}).login_token).toEqual({signing_key: 'secret:kiali-signing-key:key'})
    expect(deployment.spec).toMatchObject({
      template: {
        metadata: {annotations: {'checksum/config': expect.stringMatching(/^[0-9a-f]{64}$/)}},
        spec: {
          containers: [{volumeMounts: [{name, mountPath: `/kiali-override-secrets/${name}`, readOnly: true}]}],
          volumes: [{name, secret: {secretName: 'kiali-signing-key', items: [{key: 'key', path: 'value.txt'}]}}],
        },
      },
    })
  })
})

test('a manifest without the configuration of Kiali is refused', () => {
  const objects = objectsOf(kialiManifest).slice(1)
  expect(() => withKialiSettings(objects, settings(), system)).toThrow('no ConfigMap with the key config.yaml')
})
