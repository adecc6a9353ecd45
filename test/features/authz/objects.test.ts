import {expect, test} from 'vitest'
import {targetOf} from '../../../src/engine/kubernetes/change.ts'
import {managedByLabels} from '../../../src/engine/kubernetes/labels.ts'
import {inOrder} from '../../../src/engine/plan/order.ts'
import type {ResolvedTarget} from '../../../src/features/authz/istio-target.ts'
import {
  authzMetadata,
  buildAuthzRecord,
  buildDetach,
  buildPolicy,
  buildProvider,
  timeoutOf,
} from '../../../src/features/authz/objects.ts'
import {buildProviderEdit, buildProviderRemoval} from '../../../src/features/authz/objects-provider.ts'
import {formatProviderValues} from '../../../src/features/authz/report.ts'
import {authzApplySet} from '../../../src/features/authz/spec.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'
import {attach, policy, type RawAttach} from './samples.ts'

const extAuthz = (raw: RawAttach) =>
  attach({service: 'ext-authz.authz.svc:9000', to: 'gateway/istio-ingressgateway', namespace: 'istio-system', ...raw})
const host = 'ext-authz.authz.svc.cluster.local'
const gateway: ResolvedTarget = {namespace: 'istio-system', labels: {istio: 'ingressgateway'}, isGateway: true}
const map = {cluster: 'east', namespace: 'istio-system', name: 'istio', shared: false}

test.each<[string, RawAttach, ResolvedTarget]>([
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
  const spec = extAuthz(raw)
  const authorizer = {cluster: 'east', spec, host, target, isTenant: false}
  const provider = formatProviderValues({...spec, live: [], provider: buildProvider(spec, host)})
  const changes = [buildAuthzRecord(authorizer, {settings: '{}'}, ['default'], undefined), buildPolicy(authorizer)]
  await expectGolden(`authz/${name}.yaml`, `# provider\n${provider}---\n${textOfChanges(changes)}`)
})

test('a provider is written before its policy, and removed after it', () => {
  const spec = extAuthz({})
  const authorizer = {cluster: 'east', spec, host, target: gateway, isTenant: false}
  const kinds = (changes: Parameters<typeof inOrder>[0]) =>
    inOrder(changes).map(change => `${change.action} ${targetOf(change).kind}/${targetOf(change).name}`)
  const policy = buildPolicy(authorizer)
  const record = buildAuthzRecord(authorizer, {}, ['default'], undefined)
  expect(kinds([policy, buildProviderEdit(map, buildProvider(spec, host)), record])).toEqual([
    'apply ConfigMap/kubectl-mesh-authz-ext',
    'edit ConfigMap/istio',
    'apply AuthorizationPolicy/ext',
  ])
  const sets = [{set: authzApplySet(spec), created: [policy.object]}]
  const detach = buildDetach('east', sets, [buildProviderRemoval(map, 'ext')])
  expect(kinds(detach)).toEqual([
    'remove AuthorizationPolicy/ext',
    'edit ConfigMap/istio',
    'remove ConfigMap/kubectl-mesh-authz-ext',
  ])
})

test('detach removes only the objects with their UIDs', () => {
  const live = {...policy('shop/ext', 'ext'), metadata: {name: 'ext', namespace: 'shop', uid: 'u1'}}
  const sets = [{set: authzApplySet(extAuthz({})), created: [live]}]
  expect(buildDetach('east', sets, [])[0]).toMatchObject({action: 'remove', uid: 'u1'})
})

test('only the objects of a tenant carry the label of the revision; the timeout is in seconds', () => {
  const spec = extAuthz({revision: 'r1', timeout: '1500ms'})
  const labelsOf = (isTenant: boolean) => authzMetadata({cluster: 'east', spec, host, target: gateway, isTenant}).labels
  expect(labelsOf(true)).toEqual({...managedByLabels, 'istio.io/rev': 'r1'})
  expect(labelsOf(false)).toEqual(managedByLabels)
  expect(timeoutOf(spec)).toBe('1.5s')
})
