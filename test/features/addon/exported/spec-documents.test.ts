import {expect, test} from 'vitest'
import {addonDocuments} from '../../../../src/features/addon/exported/spec-documents.ts'
import {recordOf} from '../../../support/round-trip.ts'

const record = (addon: string, settings: object, paths?: object) =>
  recordOf(`kubectl-mesh-addon-${addon}`, {
    addon,
    settings: JSON.stringify(settings),
    ...(paths ? {paths: JSON.stringify(paths)} : {}),
  })

test('add-ons with the same settings are one document; settings of Kiali do not separate them', () => {
  const paths = {from: './istio', values: ['a.yaml']}
  const records = [
    record('prometheus', {namespace: 'ops'}, paths),
    record('kiali', {namespace: 'ops', auth: 'token'}, paths),
    record('grafana', {namespace: 'istio-system'}, {from: 'grafana.yaml'}),
  ]
  expect(addonDocuments({context: 'east', records})).toEqual([
    {
      ...{name: 'kiali-prometheus', context: 'east', gaps: []},
      raw: {namespace: 'ops', auth: 'token', ...paths, systemNamespace: 'istio-system', names: ['kiali', 'prometheus']},
    },
    {
      ...{name: 'grafana', context: 'east', gaps: []},
      raw: {from: 'grafana.yaml', systemNamespace: 'istio-system', names: ['grafana']},
    },
  ])
})

test('a record without paths, such as of an earlier version or of a run with --from -', () => {
  const [document] = addonDocuments({context: 'east', records: [record('loki', {})]})
  expect(document!.gaps).toEqual(['from: the path of the manifests is not recorded'])
})

test('other records are ignored', () => {
  const forged = recordOf('kubectl-mesh-addon-kiali', {addon: 'prometheus'})
  expect(addonDocuments({context: 'east', records: [forged, recordOf('x', {addon: 'constructor'})]})).toEqual([])
})
