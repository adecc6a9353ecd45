import {expect, test} from 'vitest'
import {tenantDocuments} from '../../../../src/features/tenant/exported/spec-documents.ts'
import {recordOf} from '../../../support/round-trip.ts'

test('names that follow from that of the tenant are left out; contents of values files are kept', () => {
  const settings = {
    ...{name: 'shop', systemNamespace: 'shop', revision: 'shop', selectorLabel: 'usergroup=shop'},
    ...{namespaces: ['a'], values: ['x/a.yaml']},
  }
  const values = [{name: 'x/a.yaml', content: {a: 1}}]
  const data = {tenant: 'shop', settings: JSON.stringify(settings), values: JSON.stringify(values)}
  const records = [recordOf('kubectl-mesh-tenant', data, 'shop'), recordOf('kubectl-mesh-federation', data)]
  expect(tenantDocuments({context: 'east', records})).toEqual([
    {context: 'east', raw: {name: 'shop', namespaces: ['a'], values: ['x/a.yaml']}, values},
  ])
})

test('a record of version 0.1.0 has only the names and the tool', () => {
  const data = {tenant: 'shop', revision: 'r', selector: 'team=shop', via: 'helm'}
  expect(tenantDocuments({context: 'east', records: [recordOf('kubectl-mesh-tenant', data, 'sys')]})).toEqual([
    {
      context: 'east',
      raw: {name: 'shop', systemNamespace: 'sys', revision: 'r', selectorLabel: 'team=shop', via: 'helm'},
    },
  ])
})
