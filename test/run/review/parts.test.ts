import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {partsOf} from '../../../src/run/review/parts.ts'
import {configMap, creates, removes, secret, updates} from '../../terminal/output/steps.ts'

const deployment = (name: string, template: object): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {name, namespace: 'istio-system'},
  spec: {template},
})
const istiod = (image: string) => deployment('istiod', {spec: {containers: [{name: 'discovery', image}]}})
const gateway = deployment('gw', {metadata: {annotations: {'inject.istio.io/templates': 'gateway'}}})
const definition: KubernetesObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {name: 'gateways.networking.istio.io'},
}
const remote = secret('istio-remote-secret-west', {west: 'x'}, {labels: {'istio/multiCluster': 'true'}})

test.each<[string, Step[], string]>([
  ['nothing', [], ''],
  ['unchanged objects', [updates(gateway, gateway, 'unchanged')], ''],
  [
    'parts in a fixed order, each once',
    [remote, secret('cacerts', {}), gateway, gateway, definition, istiod('docker.io/istio/pilot:1.31.0')].map(one =>
      creates(one),
    ),
    'Istio 1.31.0, CRDs, gateway, CA, remote Secrets',
  ],
  [
    'an image with a digest',
    [creates(istiod('registry.test:5000/pilot:1.30.3-distroless@sha256:abc'))],
    'Istio 1.30.3-distroless',
  ],
  ['an image without a version', [creates(istiod('registry.test:5000/pilot:latest'))], 'istiod'],
  [
    'istiod without its webhook',
    [
      removes({apiVersion: 'v1', kind: 'MutatingWebhookConfiguration', metadata: {name: 'istio-sidecar-injector'}}),
      creates(configMap('istio-sidecar-injector', {})),
      creates(configMap('values-canary', {})),
      creates(remote),
    ],
    'istiod, webhook, remote Secrets',
  ],
  [
    'the version of istiod includes its configuration',
    [creates(istiod('docker.io/istio/pilot:1.31.0')), creates(configMap('values', {}))],
    'Istio 1.31.0',
  ],
  ['a removed gateway', [removes(gateway)], 'gateway'],
  ['a certificate', [creates({...secret('web', {}), type: 'kubernetes.io/tls'})], 'certificate'],
  [
    'other kinds',
    [creates(configMap('a', {})), removes(configMap('b', {})), creates(secret('c', {}))],
    'ConfigMap, Secret',
  ],
])('%s', (_, steps, expected) => expect(partsOf(steps)).toBe(expected))
