import {expect, test} from 'vitest'
import {exportDocuments} from '../../../../src/features/service/exported/spec-documents.ts'

const contexts = new Map(['east', 'west', 'north'].map(name => [name, `ctx-${name}`]))

function exporter(more: object = {}) {
  const one = {addresses: ['192.0.2.1'], port: 15443, network: 'n', identities: [], ports: []}
  return {...one, clusterDomain: 'cluster.local', ...more}
}

/** What clusters import: for each, the exporters of the service web. */
function documentsOf(imports: Record<string, readonly string[]>, more: object = {}) {
  const clusters = Object.entries(imports).map(([importer, exporters]) => ({
    context: `ctx-${importer}`,
    systemNamespace: 'istio-system',
    revision: undefined,
    imports: [
      {
        ...{name: 'web', namespace: 'shop', addresses: []},
        exporters: Object.fromEntries(exporters.map(name => [name, exporter(more)])),
      },
    ],
  }))
  return exportDocuments(clusters, contexts)
}

const common = {name: 'web', namespace: 'shop', systemNamespace: 'istio-system'}

test('clusters that import from each other are one document without importers', () => {
  expect(documentsOf({east: ['west'], west: ['east']})).toEqual([
    {raw: {...common, contexts: ['ctx-east', 'ctx-west']}, gaps: []},
  ])
})

test('clusters that export to the same others share a document; other exporters have their own', () => {
  expect(documentsOf({north: ['east', 'west']})).toMatchObject([
    {raw: {contexts: ['ctx-east', 'ctx-west'], to: ['ctx-north']}},
  ])
  expect(documentsOf({east: ['west'], north: ['east', 'west']})).toMatchObject([
    {raw: {contexts: ['ctx-west'], to: ['ctx-east', 'ctx-north']}},
    {raw: {contexts: ['ctx-east'], to: ['ctx-north']}},
  ])
})

test('an exporter that was not read is named; exports by label are left to --watch', () => {
  expect(documentsOf({east: ['west', 'south']})).toMatchObject([
    {raw: {contexts: ['ctx-west']}, gaps: ['cluster south: it exports too, and was not read']},
  ])
  expect(documentsOf({east: ['west']}, {byLabel: true})).toEqual([])
})

test('another DNS domain is set', () => {
  expect(documentsOf({east: ['west']}, {clusterDomain: 'corp.example'})).toMatchObject([
    {raw: {clusterDomain: 'corp.example'}},
  ])
})
