import {expect, test} from 'vitest'
import {controlPlaneDocuments} from '../../../../src/features/install/exported/spec-documents.ts'
import {recordOf} from '../../../support/round-trip.ts'

test('only control planes of mesh install, each with the contents of its values files', () => {
  const settings = JSON.stringify({meshId: 'm', values: ['a.yaml']})
  const values = [{name: 'a.yaml', content: {pilot: {autoscaleMin: 2}}}]
  const records = [
    recordOf('kubectl-mesh-control-plane', {revision: 'default', via: 'istioctl', by: 'install', settings}),
    recordOf('kubectl-mesh-control-plane-1-31', {
      ...{revision: '1-31', via: 'helm', by: 'install', settings, values: JSON.stringify(values)},
    }),
    recordOf('kubectl-mesh-control-plane-a', {revision: 'a', via: 'helm', settings}),
    recordOf('kubectl-mesh-control-plane-b', {revision: 'forged', by: 'install', settings}),
  ]
  const raw = {meshId: 'm', values: ['a.yaml'], systemNamespace: 'istio-system'}
  expect(controlPlaneDocuments({context: 'east', records})).toEqual([
    {context: 'east', raw: {via: 'istioctl', ...raw}},
    {context: 'east', raw: {via: 'helm', ...raw, revision: '1-31'}, values},
  ])
})
