import {describe, expect, test} from 'vitest'
import {type AttachSubject, attachChecks} from '../../../src/features/authz/checks-attach.ts'
import {type VerifySubject, verifyChecksFor} from '../../../src/features/authz/checks-verify.ts'
import type {ResolvedTarget} from '../../../src/features/authz/objects.ts'
import {type AuthzFacts, resolveTarget} from '../../../src/features/authz/read.ts'
import {authzAttachFields, type NamedAuthz} from '../../../src/features/authz/spec.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'
import {authzFacts, object, planeFacts} from '../federate/samples-mesh.ts'

const attach = (raw: RawSpec<typeof authzAttachFields> = {}): NamedAuthz =>
  readSpec(authzAttachFields, {
    name: 'ext',
    service: 'ext.authz.svc:9000',
    to: 'workload/web',
    namespace: 'shop',
    ...raw,
  }) as NamedAuthz
const host = 'ext.authz.svc.cluster.local'
const target: ResolvedTarget = {namespace: 'shop', labels: {app: 'web'}, isGateway: false}
const service = object('Service', 'authz/ext', {spec: {selector: {app: 'ext'}, ports: [{name: 'grpc', port: 9000}]}})
const slice = object('EndpointSlice', 'authz/ext-1', {
  metadata: {labels: {'kubernetes.io/service-name': 'ext'}},
  endpoints: [{addresses: ['1'], conditions: {ready: true}}],
})
const sidecar = {'security.istio.io/tlsMode': 'istio'}
const authorizer = object('Pod', 'authz/ext-1', {metadata: {labels: {app: 'ext', ...sidecar}}})
const web = object('Pod', 'shop/web-1', {metadata: {labels: {app: 'web'}}})
const policy = (place: string, provider: string, spec: object = {}) => ({
  ...object('AuthorizationPolicy', place, {spec: {action: 'CUSTOM', provider: {name: provider}, rules: [{}], ...spec}}),
  apiVersion: 'security.istio.io/v1',
})
const well = {
  services: [service],
  slices: [slice],
  pods: [authorizer, web],
  namespaces: [object('Namespace', 'authz'), object('Namespace', 'shop')],
}

function found(facts: Partial<AuthzFacts>, more: Partial<AttachSubject> = {}): string[] {
  const subject = {spec: attach(), facts: authzFacts({...well, ...facts}), host, target, denied: [], ...more}
  return runChecks(attachChecks, subject).map(({level, check, message}) => `${level} ${check}: ${message}`)
}

test('nothing is found where all is well', () => {
  expect(found({})).toEqual([])
})

describe('before an authorizer is attached', () => {
  const custom = policy('shop/theirs', 'theirs')
  const several = {PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS: 'true'}
  const sail = {
    ...planeFacts().meshMap!,
    metadata: {
      name: 'istio',
      ownerReferences: [{apiVersion: 'sailoperator.io/v1', kind: 'IstioRevision', name: 'default', uid: '1'}],
    },
  }
  const discovered = {discoverySelectors: [{matchLabels: {mesh: 'yes'}}]}
  test.each<[string, Partial<AuthzFacts>, Partial<AttachSubject>, string]>([
    ['no service', {services: []}, {}, 'error service: ext.authz.svc.cluster.local is neither'],
    [
      'no port',
      {},
      {spec: attach({service: 'ext.authz.svc:1'})},
      'error service: ext.authz.svc.cluster.local has no port 1',
    ],
    ['not discovered', {mesh: discovered}, {}, 'error discovered: namespace authz is not selected'],
    ['no endpoint', {slices: []}, {}, 'warning endpoints: ext.authz.svc.cluster.local has no ready endpoint'],
    [
      'no sidecar',
      {pods: [object('Pod', 'authz/ext-1', {metadata: {labels: {app: 'ext'}}}), web]},
      {},
      'warning mtls: 1 of 1 pods',
    ],
    [
      'no gRPC port',
      {services: [{...service, spec: {...(service.spec as object), ports: [{name: 'tcp-x', port: 9000}]}}]},
      {},
      'warning protocol: port 9000',
    ],
    ['no pods', {pods: [authorizer]}, {}, 'warning target: no pod in shop has app=web yet'],
    [
      'itself',
      {},
      {target: {namespace: 'authz', labels: {}, isGateway: false}},
      'error itself: 1 of the workloads is the authorizer itself',
    ],
    [
      'a second one',
      {policies: [custom]},
      {},
      'error one-provider: AuthorizationPolicy shop/theirs sends the same workloads to provider theirs',
    ],
    [
      'a second one of the root namespace',
      {mesh: {rootNamespace: 'root'}, policies: [policy('root/theirs', 'theirs')]},
      {},
      'error one-provider: AuthorizationPolicy root/theirs',
    ],
    [
      'a second one in 1.29, whatever its env',
      {policies: [custom], plane: planeFacts({version: '1.29.6', env: several})},
      {},
      'error one-provider',
    ],
    [
      'the name of a tracer',
      {providerNames: ['ext']},
      {},
      'error name: the mesh config has a provider ext that is no authorizer',
    ],
    [
      'the name of another policy',
      {allPolicies: [policy('shop/ext', 'x', {action: 'ALLOW'})]},
      {},
      'error name: AuthorizationPolicy shop/ext is there',
    ],
    [
      'fields',
      {allPolicies: [policy('shop/ext', 'ext', {rules: [{from: [{source: {principals: ['a']}}]}]})]},
      {},
      "error fields: AuthorizationPolicy shop/ext: principals can't be used",
    ],
    [
      'the Sail operator',
      {plane: planeFacts({meshMap: sail})},
      {},
      'error managed: the mesh config belongs to IstioRevision default',
    ],
    [
      'no shared config',
      {},
      {spec: attach({via: 'shared-config'})},
      'error shared-config: istiod reads no shared mesh config',
    ],
    ['an EnvoyFilter', {}, {spec: attach({via: 'envoy-filter'})}, 'warning envoy-filter: an EnvoyFilter'],
    [
      'no rights',
      {},
      {denied: [{verb: 'patch', group: '', resource: 'configmaps', namespace: 'istio-system'}]},
      'error rights: you may not patch configmaps in istio-system',
    ],
    [
      'a broken mesh config',
      {plane: planeFacts({meshText: 'a: ['})},
      {},
      "error mesh-config: ConfigMap istio: its key mesh can't be read",
    ],
    ['a mesh config that is a list', {plane: planeFacts({meshText: '- a'})}, {}, 'it is not a map'],
    [
      'a provider that others use',
      {
        providers: [
          {name: 'ext', type: 'grpc', service: 'old', port: 1, failOpen: false, timeout: '1s', from: 'mesh-config'},
        ],
        providerNames: ['ext'],
        policies: [policy('other/p', 'ext')],
      },
      {},
      'warning users: AuthorizationPolicy other/p uses provider ext too',
    ],
  ])('%s', (_, facts, more, text) => {
    expect(found(facts, more)).toEqual([expect.stringContaining(text)])
  })

  test('a second one is taken by 1.30 and newer that was told to', () => {
    expect(found({policies: [custom], plane: planeFacts({version: '1.30.3', env: several})})).toEqual([])
  })

  test('a second one elsewhere is no matter', () => {
    expect(
      found({
        policies: [
          policy('other/theirs', 'theirs'),
          policy('shop/theirs', 'theirs', {selector: {matchLabels: {app: 'db'}}}),
        ],
      }),
    ).toEqual([])
  })
})

describe('verify', () => {
  const provider = {name: 'ext', type: 'grpc' as const, service: host, port: 9000, failOpen: false, timeout: '5s'}
  const verify = (facts: Partial<AuthzFacts>, more: Partial<VerifySubject> = {}) => {
    const spec = {name: 'ext', systemNamespace: 'istio-system', revision: undefined, clusterDomain: 'cluster.local'}
    const subject = {
      spec,
      facts: authzFacts({...well, policies: [policy('shop/ext', 'ext')], ...facts}),
      provider,
      ...more,
    }
    return runChecks(verifyChecksFor(subject), subject).map(({level, check}) => `${level} ${check}`)
  }
  test.each<[string, Partial<AuthzFacts>, Partial<VerifySubject>, string[]]>([
    ['all is well', {}, {}, []],
    ['no provider', {}, {provider: undefined}, ['error provider']],
    ['no policy', {policies: []}, {}, ['error policy']],
    ['neither', {policies: []}, {provider: undefined}, ['error provider', 'error policy']],
    [
      'a policy that fits nobody',
      {policies: [policy('shop/ext', 'ext', {selector: {matchLabels: {app: 'db'}}})]},
      {},
      ['error workloads'],
    ],
    ['open', {}, {provider: {...provider, failOpen: true}}, ['warning when-down']],
    ['without an end', {}, {provider: {...provider, timeout: undefined}}, ['warning when-down']],
    ['two of them', {policies: [policy('shop/ext', 'ext'), policy('shop/b', 'b')]}, {}, ['error one-provider']],
  ])('%s', (_, facts, more, ids) => {
    expect(verify(facts, more)).toEqual(ids)
  })

  test('a name of old is an error from 1.30 on', () => {
    const spec = {name: 'Ext', systemNamespace: 'istio-system', revision: undefined, clusterDomain: 'cluster.local'}
    const named = {spec, provider: {...provider, name: 'Ext'}}
    const policies = [policy('shop/ext', 'Ext')]
    expect(verify({policies}, named)).toEqual(['error name'])
    expect(verify({policies, plane: planeFacts({version: '1.29.6'})}, named)).toEqual(['warning name'])
  })
})

describe('what a target means', () => {
  const gatewayPod = object('Pod', 'ingress/gw-1', {
    metadata: {labels: {istio: 'ingressgateway'}, annotations: {'inject.istio.io/templates': 'gateway'}},
  })
  const facts = authzFacts({
    pods: [web, gatewayPod],
    namespaces: [object('Namespace', 'shop')],
    workloads: [object('Deployment', 'shop/web', {spec: {selector: {matchLabels: {app: 'web'}}}})],
    services: [object('Service', 'ingress/istio-ingressgateway', {spec: {selector: {istio: 'ingressgateway'}}})],
    gateways: [object('Gateway', 'shop/public', {spec: {selector: {istio: 'ingressgateway'}}})],
    apiGateways: [object('Gateway', 'shop/api')],
  })
  const resolve = (to: string | undefined, selector: Record<string, string> = {}) =>
    resolveTarget({...attach({to}), selector, namespace: 'shop'}, facts)

  test.each([
    ['gateway/api', {namespace: 'shop', labels: {}, gateway: 'api', isGateway: true}],
    // the pods of an Istio Gateway may be in another namespace than it
    ['gateway/public', {namespace: 'ingress', labels: {istio: 'ingressgateway'}, isGateway: true}],
    ['gateway/istio-ingressgateway', {namespace: 'ingress', labels: {istio: 'ingressgateway'}, isGateway: true}],
    ['workload/web', {namespace: 'shop', labels: {app: 'web'}, isGateway: false}],
    ['namespace/shop', {namespace: 'shop', labels: {}, isGateway: false}],
  ])('%s', (to, expected) => {
    expect(resolve(to)).toEqual({target: expected})
  })

  test('labels, and what is not there', () => {
    expect(resolve(undefined, {app: 'web'})).toEqual({
      target: {namespace: 'shop', labels: {app: 'web'}, isGateway: false},
    })
    for (const to of ['gateway/x', 'workload/x', 'namespace/x']) expect(resolve(to)).toHaveProperty('missing')
  })
})
