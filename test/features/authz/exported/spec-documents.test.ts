import {expect, test} from 'vitest'
import {authorizerDocuments} from '../../../../src/features/authz/exported/spec-documents.ts'
import {recordOf} from '../../../support/round-trip.ts'

test('a document is for one revision; the others are named', () => {
  const settings = JSON.stringify({service: 'opa.opa:9191', to: 'gateway/edge'})
  const records = [
    recordOf('kubectl-mesh-authz-opa', {name: 'opa', revisions: '1-30,default', settings}),
    recordOf('kubectl-mesh-authz-b', {name: 'b', revisions: '1-30,1-31', settings}),
    recordOf('kubectl-mesh-authz-forged', {name: 'other', settings}),
  ]
  const raw = {service: 'opa.opa:9191', to: 'gateway/edge', systemNamespace: 'istio-system'}
  expect(authorizerDocuments({context: 'east', records})).toEqual([
    {context: 'east', raw: {...raw, name: 'opa'}, gaps: []},
    {
      context: 'east',
      raw: {...raw, name: 'b', revision: '1-30'},
      gaps: ['revision 1-31: a document attaches its authorizer to one revision'],
    },
  ])
})
