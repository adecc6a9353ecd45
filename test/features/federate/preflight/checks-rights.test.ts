import {expect, test} from 'vitest'
import {targetOf} from '../../../../src/engine/kubernetes/change.ts'
import {groupOf} from '../../../../src/engine/kubernetes/object.ts'
import {buildFederation} from '../../../../src/features/federate/objects.ts'
import {federationRights, rightChecks} from '../../../../src/features/federate/preflight/checks-rights.ts'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import {buildCaSecret} from '../../../../src/mesh/ca/objects.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {frame, members} from '../../../engine/kubernetes/samples.ts'
import {cases} from './cases.ts'
import {testCases} from './samples.ts'

testCases(rightChecks, cases)

test('the required permissions are exactly those for the objects of a federation', () => {
  const changes = [
    ...buildFederation(frame, members('east', 'west')),
    buildCaSecret({caCert: '', caKey: '', rootCert: '', certChain: ''}, 'east', 'istio-system'),
  ]
  const written = changes.map(change => {
    const {apiVersion, kind, namespace = ''} = targetOf(change)
    return `${kind.toLowerCase()}s.${groupOf(apiVersion)} in ${namespace}`
  })
  const rights = federationRights(readSpec(federationFields, {}))
  for (const verb of ['create', 'patch'])
    expect(
      new Set(
        rights
          .filter(one => one.verb === verb)
          .map(({group, resource, namespace}) => `${resource}.${group} in ${namespace ?? ''}`),
      ),
    ).toEqual(new Set(written))
})

test.each<[string, object, boolean, string[], string[]]>([
  ['gateways mode', {mode: 'gateways'}, false, [], ['secrets', 'clusterroles', 'serviceaccounts/token']],
  ['gateways mode with a CA folder', {mode: 'gateways', caDir: 'mesh-ca'}, false, ['secrets'], ['clusterroles']],
  ['tokens that expire', {credentialDuration: '1h'}, false, ['serviceaccounts/token'], ['endpointslices']],
  ['a primary', {mode: 'primary-remote'}, false, ['virtualservices'], ['mutatingwebhookconfigurations']],
  [
    'a rendered remote',
    {mode: 'primary-remote'},
    true,
    ['endpointslices', 'mutatingwebhookconfigurations'],
    ['serviceaccounts/token'],
  ],
])('permissions for %s', (_, raw, isRenderedRemote, needed, omitted) => {
  const rights = federationRights(readSpec(federationFields, raw), isRenderedRemote)
  const resources = rights.map(({resource}) => resource)
  expect(resources).toEqual(expect.arrayContaining(needed))
  expect(resources.filter(resource => omitted.includes(resource))).toEqual([])
})

test('a DNS configuration in kube-system is only patched', () => {
  const rights = federationRights(readSpec(federationFields, {mode: 'gateways', dns: 'coredns'}))
  expect(rights.filter(({namespace}) => namespace === 'kube-system')).toEqual([
    {verb: 'patch', group: '', resource: 'configmaps', namespace: 'kube-system'},
  ])
})
