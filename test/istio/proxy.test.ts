import {describe, expect, test} from 'vitest'
import type {KubernetesObject, ObjectMeta} from '../../src/engine/kubernetes/object.ts'
import {namespaceOfIstiod, ownerOf, readProxy} from '../../src/istio/proxy.ts'

const pod = (metadata: Partial<ObjectMeta>, spec: object = {}, status: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'web-1', namespace: 'shop', ...metadata},
  spec,
  status,
})
const proxy = (env: Record<string, string> = {}) => ({
  name: 'istio-proxy',
  env: Object.entries(env).map(([name, value]) => ({name, value})),
})
const withProxy = (env?: Record<string, string>) => ({containers: [{name: 'app'}, proxy(env)]})

describe('readProxy', () => {
  test('returns undefined for a pod without a proxy', () => {
    expect(readProxy(pod({}, {containers: [{name: 'app'}]}))).toBeUndefined()
    expect(readProxy({...pod({}), spec: undefined})).toBeUndefined()
  })

  test('reads a native sidecar, which is an init container', () => {
    expect(readProxy(pod({}, {containers: [{name: 'app'}], initContainers: [proxy()]}))).toEqual({
      pod: 'web-1',
      namespace: 'shop',
      revision: 'default',
      istiod: undefined,
      alive: true,
    })
  })

  test('returns undefined for ztunnel, whose container has the same name', () => {
    const ztunnel = {...proxy(), args: ['proxy', 'ztunnel']}
    expect(readProxy(pod({}, {containers: [ztunnel]}))).toBeUndefined()
  })

  test.each<[string, Partial<ObjectMeta>, string]>([
    ['annotation', {annotations: {'istio.io/rev': 'r1'}, labels: {'istio.io/rev': 'stable'}}, 'r1'],
    ['label', {labels: {'istio.io/rev': 'r2'}}, 'r2'],
    ['default', {}, 'default'],
  ])('revision from %s', (_, metadata, revision) =>
    expect(readProxy(pod(metadata, withProxy()))?.revision).toBe(revision),
  )

  test.each<[string, Record<string, string>, string | undefined]>([
    ['PROXY_CONFIG', {PROXY_CONFIG: '{"discoveryAddress": "a:15012"}', CA_ADDR: 'b:15012'}, 'a:15012'],
    ['CA_ADDR without an address in PROXY_CONFIG', {PROXY_CONFIG: '{}', CA_ADDR: 'b:15012'}, 'b:15012'],
    ['CA_ADDR with an invalid PROXY_CONFIG', {PROXY_CONFIG: '{', CA_ADDR: 'b:15012'}, 'b:15012'],
    ['neither', {}, undefined],
  ])('istiod from %s', (_, env, istiod) => expect(readProxy(pod({}, withProxy(env)))?.istiod).toBe(istiod))

  test.each<[Partial<ObjectMeta>, object, boolean]>([
    [{}, {phase: 'Running'}, true],
    [{}, {phase: 'Pending'}, true],
    [{}, {phase: 'Succeeded'}, false],
    [{}, {phase: 'Failed'}, false],
    [{deletionTimestamp: '2026-01-01T00:00:00Z'}, {phase: 'Running'}, false],
  ])('%j %j is alive: %s', (metadata, status, alive) =>
    expect(readProxy(pod(metadata, withProxy(), status))?.alive).toBe(alive),
  )
})

test.each([
  ['istiod.istio-system.svc:15012', 'istio-system'],
  ['istiod-r1.r1.svc:15012', 'r1'],
  ['istiod.mesh.svc.cluster.local:15012', 'mesh'],
  ['203.0.113.11:15012', undefined],
  ['other.mesh.svc:15012', undefined],
  [undefined, undefined],
])('%s is an istiod in namespace %s', (address, namespace) => expect(namespaceOfIstiod(address)).toBe(namespace))

describe('ownerOf', () => {
  const owned = (kind: string, name: string, labels: Record<string, string> = {}) =>
    pod({labels, ownerReferences: [{apiVersion: 'apps/v1', kind, name, uid: 'u'}]})

  test.each<[string, KubernetesObject, object | undefined]>([
    ['no owner', pod({}), undefined],
    ['a StatefulSet', owned('StatefulSet', 'db'), {kind: 'StatefulSet', name: 'db'}],
    [
      "a Deployment's ReplicaSet",
      owned('ReplicaSet', 'web-6f7', {'pod-template-hash': '6f7'}),
      {kind: 'Deployment', name: 'web'},
    ],
    [
      'a ReplicaSet with another name',
      owned('ReplicaSet', 'web', {'pod-template-hash': '6f7'}),
      {kind: 'ReplicaSet', name: 'web'},
    ],
    ['a ReplicaSet without a hash', owned('ReplicaSet', 'web-6f7'), {kind: 'ReplicaSet', name: 'web-6f7'}],
  ])('%s', (_, of, owner) => expect(ownerOf(of)).toEqual(owner))
})
