import fc from 'fast-check'
import {load} from 'js-yaml'
import {expect, test} from 'vitest'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {inOrder} from '../../../src/engine/plan/order.ts'
import {readExtAuthz, readFilter} from '../../../src/features/authz/istio.ts'
import {
  authzApplySet,
  buildAuthzFilter,
  buildAuthzRecord,
  buildDetach,
  buildPolicy,
  buildProvider,
  type ResolvedTarget,
} from '../../../src/features/authz/objects.ts'
import {buildProviderEdit, buildProviderRemoval} from '../../../src/features/authz/objects-provider.ts'
import {formatHelmValues, formatSailPatch} from '../../../src/features/authz/report.ts'
import {authzAttachFields, authzAttachProblems, type NamedAuthz} from '../../../src/features/authz/spec.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'

type Raw = RawSpec<typeof authzAttachFields>
const attach = (raw: Raw): NamedAuthz =>
  readSpec(
    authzAttachFields,
    {
      name: 'ext',
      service: 'ext-authz.authz.svc:9000',
      to: 'gateway/istio-ingressgateway',
      namespace: 'istio-system',
      ...raw,
    },
    authzAttachProblems,
  ) as NamedAuthz
const host = 'ext-authz.authz.svc.cluster.local'
const gateway: ResolvedTarget = {namespace: 'istio-system', labels: {istio: 'ingressgateway'}, isGateway: true}
const map = {cluster: 'east', namespace: 'istio-system', name: 'istio', shared: false}

test.each<[string, Raw, ResolvedTarget]>([
  ['grpc-gateway', {}, gateway],
  [
    'http-workload',
    {
      type: 'http',
      headersToCheck: ['x-*', 'cookie'],
      paths: ['/a*'],
      notPaths: ['/health'],
      methods: ['GET'],
      includeBody: '8192',
      fail: 'open',
      timeout: '250ms',
      revision: '1-30',
    },
    {namespace: 'shop', labels: {app: 'web'}, isGateway: false},
  ],
  ['namespace', {}, {namespace: 'shop', labels: {}, isGateway: false}],
  ['gateway-api', {}, {namespace: 'shop', labels: {}, gateway: 'public', isGateway: true}],
])('golden: %s', async (name, raw, target) => {
  const spec = attach(raw)
  const authorizer = {cluster: 'east', spec, host, target}
  const provider = formatHelmValues([], spec.name, buildProvider(spec, host))
  const changes = [buildAuthzRecord(authorizer), buildPolicy(authorizer)]
  await expectGolden(`authz/${name}.yaml`, `# provider\n${provider}---\n${textOfChanges(changes)}`)
})

test.each<[string, Raw, ResolvedTarget]>([
  ['filter-grpc', {}, gateway],
  [
    'filter-http',
    {type: 'http', headersToCheck: ['x-*', '*-id', 'cookie'], includeBody: '1', fail: 'open'},
    {namespace: 'shop', labels: {app: 'web'}, isGateway: false},
  ],
])('golden: %s', async (name, raw, target) => {
  await expectGolden(
    `authz/${name}.yaml`,
    textOfChanges([buildAuthzFilter({cluster: 'east', spec: attach(raw), host, target})]),
  )
})

test('a filter and a provider say the same of themselves as was asked', () => {
  const types = fc.constantFrom('grpc', 'http')
  fc.assert(
    fc.property(
      types,
      fc.constantFrom('open', 'closed'),
      fc.integer({min: 1, max: 600_000}),
      fc.integer({min: 1, max: 65535}),
      (type, fail, timeout, port) => {
        const spec = attach({type, fail, timeout: `${timeout}ms`, service: `a.b.svc:${port}`})
        const wanted = {
          name: 'ext',
          type,
          service: host,
          port,
          failOpen: fail === 'open',
          timeout: `${timeout / 1000}s`,
        }
        expect(readExtAuthz([buildProvider(spec, host)])).toEqual([wanted])
        expect(readFilter(buildAuthzFilter({cluster: 'east', spec, host, target: gateway}).object)).toEqual(wanted)
      },
    ),
  )
})

test('a provider comes before its policy, and goes after it', () => {
  const spec = attach({})
  const authorizer = {cluster: 'east', spec, host, target: gateway}
  const kinds = (changes: Parameters<typeof inOrder>[0]) =>
    inOrder(changes).map(change => `${change.action} ${targetOf(change).kind}/${targetOf(change).name}`)
  const policy = buildPolicy(authorizer)
  expect(kinds([policy, buildProviderEdit(map, buildProvider(spec, host)), buildAuthzRecord(authorizer)])).toEqual([
    'apply ConfigMap/kubectl-mesh-authz-ext',
    'edit ConfigMap/istio',
    'apply AuthorizationPolicy/ext',
  ])
  const detach = buildDetach('east', authzApplySet(spec), [policy.object], [buildProviderRemoval(map, 'ext')])
  expect(kinds(detach)).toEqual([
    'remove AuthorizationPolicy/ext',
    'edit ConfigMap/istio',
    'remove ConfigMap/kubectl-mesh-authz-ext',
  ])
})

test('the values that keep a provider hold all that is there, once', () => {
  const live = [
    {name: 'otel', opentelemetry: {port: 1}},
    {name: 'ext', envoyExtAuthzGrpc: {service: 'old', port: 1}},
  ]
  const provider = buildProvider(attach({}), host)
  expect(load(formatHelmValues(live, 'ext', provider))).toEqual({meshConfig: {extensionProviders: [live[0], provider]}})
  expect(load(formatHelmValues(live, 'ext', undefined))).toEqual({meshConfig: {extensionProviders: [live[0]]}})
  expect(load(formatSailPatch('default', [], 'ext', provider))).toMatchObject({
    kind: 'Istio',
    spec: {values: {meshConfig: {extensionProviders: [provider]}}},
  })
})
