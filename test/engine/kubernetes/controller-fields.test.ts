import {describe, expect, test} from 'vitest'
import {withoutNeutral} from '../../../src/engine/kubernetes/controller-fields.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {frozen} from './samples.ts'

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

describe('withoutNeutral', () => {
  test('removes what the server and controllers write, and does not change its input', () => {
    const object = frozen({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'x',
        namespace: 'ns',
        labels: {app: 'x'},
        annotations: {[lastApplied]: '{}', 'deployment.kubernetes.io/revision': '7', mine: 'a'},
        uid: 'u',
        resourceVersion: '1',
        generation: 2,
        creationTimestamp: 'then',
        managedFields: [],
        selfLink: '/x',
      },
      spec: {replicas: 1, status: 'mine'},
      status: {ready: 1},
    })
    expect(withoutNeutral(object)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'x', namespace: 'ns', labels: {app: 'x'}, annotations: {mine: 'a'}},
      spec: {replicas: 1, status: 'mine'},
    })
  })

  test('removes the copy of a Secret in its annotation', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: 'x', annotations: {[lastApplied]: '{"stringData":{"key":"correct horse"}}'}},
      data: {key: 'x'},
    }
    expect(JSON.stringify(withoutNeutral(secret))).not.toContain('correct horse')
    expect(withoutNeutral(secret).metadata).toEqual({name: 'x'})
  })

  test.each([
    ['annotations', {}],
    ['labels', {}],
  ])('removes empty %s', (key, map) => {
    const object: KubernetesObject = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'x', [key]: map}}
    expect(withoutNeutral(object).metadata).toEqual({name: 'x'})
  })
})

describe('withoutNeutral, by kind', () => {
  test('removes what istiod patches into webhook configurations, and only there', () => {
    const webhooks = [
      {name: 'a', clientConfig: {caBundle: 'x', service: {name: 'istiod'}}, failurePolicy: 'Fail'},
      {name: 'b', clientConfig: {url: 'https://h'}},
    ]
    const of = (kind: string): KubernetesObject => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: {name: 'x'},
      webhooks,
    })
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'])
      expect(withoutNeutral(of(kind)).webhooks).toEqual([
        {name: 'a', clientConfig: {service: {name: 'istiod'}}},
        {name: 'b', clientConfig: {url: 'https://h'}},
      ])
    expect(withoutNeutral(of('Other')).webhooks).toEqual(webhooks)
  })

  test('removes the finalizers of a Namespace', () =>
    expect(
      withoutNeutral({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'x'}, spec: {finalizers: ['kubernetes']}}),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {name: 'x'},
      spec: {},
    }))
})
