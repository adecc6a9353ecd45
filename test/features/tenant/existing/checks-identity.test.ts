import {expect, test} from 'vitest'
import {identityFindings} from '../../../../src/features/tenant/existing/checks-identity.ts'
import {tenantOf} from '../samples.ts'

const names = {name: 'a', systemNamespace: 'a', revision: 'a', selector: {key: 'usergroup', value: 'a'}}
const unrecorded = tenantOf('a', {recorded: false, via: undefined})
const messages = (isLost: boolean, tenant = unrecorded, via = 'istioctl') =>
  identityFindings(tenant, {names, via, isLost}).map(({message}) => message)

test('a control plane without a record is that of another installer, unless its objects are ours', () => {
  expect(messages(false)).toEqual([expect.stringContaining('was not installed by kubectl-mesh')])
  expect(messages(false, unrecorded, 'none')).toEqual([])
  expect(messages(true)).toEqual([])
})

test('a tenant whose record is gone keeps its selector label', () => {
  const other = tenantOf('a', {recorded: false, via: undefined, label: {key: 'team', value: 'x'}})
  expect(messages(true, other)).toEqual([
    'the record of a is missing, and its namespaces have the selector label team=x; expected usergroup=a',
  ])
})
