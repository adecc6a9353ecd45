import {expect, test} from 'vitest'
import {parseRequestedValues} from '../../../src/istio/render/requested.ts'
import {contradictions, helmValues} from '../../../src/istio/render/values.ts'
import {member, tenant} from './samples.ts'

test('requested values that differ from namespace or revision are contradictions', () => {
  const requested = parseRequestedValues([], ['revision=other', 'values.global.istioNamespace=elsewhere'])
  expect(contradictions({...tenant, requested})).toEqual([
    {path: 'revision', requested: 'other', expected: 'usergroup-1'},
    {path: 'global.istioNamespace', requested: 'elsewhere', expected: 'usergroup-1'},
  ])
  expect(contradictions({...tenant, requested: parseRequestedValues([], ['revision=usergroup-1'])})).toEqual([])
})

test('a control plane without a revision contradicts a requested revision', () => {
  const bare = {...tenant, revision: undefined}
  const requested = (revision: string) => parseRequestedValues([], [`revision=${revision}`])
  expect(contradictions({...bare, requested: requested('1-31')})).toEqual([
    {path: 'revision', requested: '1-31', expected: 'empty'},
  ])
  expect(contradictions({...bare, requested: requested('')})).toEqual([])
})

test('requested names of the mesh are contradictions only if the input sets these names', () => {
  const requested = parseRequestedValues(
    [],
    ['global.meshID=m', 'values.global.multiCluster.clusterName=c', 'global.network=n', 'meshConfig.trustDomain=t'],
  )
  expect(contradictions({...member, requested}).map(({path, expected}) => [path, expected])).toEqual([
    ['global.meshID', 'mesh1'],
    ['global.multiCluster.clusterName', 'east'],
    ['global.network', 'net-east'],
    ['meshConfig.trustDomain', 'east.example'],
  ])
  expect(contradictions({...tenant, requested})).toEqual([])
})

test('resources without a revision are validated by a control plane without one, or by the default', () => {
  const bare = {...tenant, revision: undefined}
  expect([bare, tenant, {...tenant, isDefault: true}].map(input => helmValues(input).defaultRevision)).toEqual([
    'default',
    '',
    'usergroup-1',
  ])
})

test.each([
  ['minimal', undefined],
  ['default', undefined],
  ['empty', undefined],
  ['ambient', 'ambient'],
])('istioctl profile %s is chart profile %s', (profile, expected) =>
  expect(helmValues({...tenant, profile}).profile).toBe(expected),
)
