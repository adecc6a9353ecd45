import {expect, test} from 'vitest'
import {attachChecks, authzRights} from '../../../src/features/authz/checks-attach.ts'
import type {AttachSubject} from '../../../src/features/authz/checks-policies.ts'
import type {AuthzFacts} from '../../../src/features/authz/read.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {authzFacts, object, planeFacts} from '../federate/samples-mesh.ts'
import {attach, healthy, host, policy, webTarget} from './samples.ts'

function found(facts: Partial<AuthzFacts>, more: Partial<AttachSubject> = {}): string[] {
  const all = authzFacts({...healthy, ...facts})
  const subject = {spec: attach(), facts: all, host, target: webTarget, denied: [], isOurs: () => false, ...more}
  return runChecks(attachChecks, subject).map(({level, check, message}) => `${level} ${check}: ${message}`)
}

test('no findings for a healthy cluster', () => {
  expect(found({})).toEqual([])
})

test.each<[string, Partial<AuthzFacts>, Partial<AttachSubject>, string]>([
  ['no service', {services: []}, {}, `error service: ${host} is neither`],
  ['no port', {}, {spec: attach({service: 'ext.authz.svc:1'})}, `error service: ${host} has no port 1`],
  ['no endpoint yet', {slices: []}, {}, `warning endpoints: ${host} has no ready endpoint`],
  [
    'no pods',
    {pods: healthy.pods.slice(0, 1)},
    {},
    'warning target: no pod in namespace shop has the labels app=web yet',
  ],
  [
    'no pods in a namespace',
    {},
    {target: {namespace: 'empty', labels: {}, isGateway: false}},
    'warning target: no pod in namespace empty yet',
  ],
  [
    'the authorizer itself',
    {},
    {target: {namespace: 'authz', labels: {}, isGateway: false}},
    'error itself: 1 of the target pods is the authorizer itself',
  ],
  ['a second provider', {policies: [policy('shop/theirs', 'theirs')]}, {}, 'error one-provider: '],
  [
    'no shared mesh config',
    {},
    {spec: attach({via: 'shared-config'})},
    'error shared-config: istiod does not read a shared mesh config',
  ],
  ['an EnvoyFilter', {}, {spec: attach({via: 'envoy-filter'})}, 'warning envoy-filter: an EnvoyFilter'],
  [
    'no permission',
    {},
    {denied: [{verb: 'patch', group: '', resource: 'configmaps', namespace: 'istio-system'}]},
    'error rights: you may not patch configmaps in namespace istio-system',
  ],
  [
    'an unreadable mesh config',
    {controlPlane: planeFacts({meshText: 'a: ['})},
    {},
    'error mesh-config: ConfigMap istio',
  ],
  [
    'a mesh config that is a list',
    {controlPlane: planeFacts({meshText: '- a'})},
    {},
    'error mesh-config: ConfigMap istio',
  ],
])('%s', (_, facts, more, text) => {
  expect(found(facts, more)).toEqual([expect.stringContaining(text)])
})

test('the permissions depend on --via', () => {
  const resources = (via: string) => authzRights(attach({via}), webTarget).map(({resource}) => resource)
  expect(resources('mesh-config')).toEqual(['configmaps', 'authorizationpolicies'])
  expect(resources('envoy-filter')).toEqual(['configmaps', 'envoyfilters'])
})

test('an EnvoyFilter is refused for a waypoint, to which only a policy with targetRefs applies', () => {
  const gateway = (gatewayClassName: string) =>
    found(
      {apiGateways: [object('Gateway', 'shop/wp', {spec: {gatewayClassName}})]},
      {
        spec: attach({via: 'envoy-filter'}),
        target: {namespace: 'shop', labels: {}, gateway: 'wp', isGateway: true},
      },
    ).filter(text => text.includes('envoy-filter'))
  expect(gateway('istio-waypoint')).toEqual([
    'error envoy-filter: wp is a waypoint; EnvoyFilters for sidecars and gateways do not apply to it',
  ])
  expect(gateway('istio')).toEqual([expect.stringMatching(/^warning envoy-filter: an EnvoyFilter depends/)])
})
