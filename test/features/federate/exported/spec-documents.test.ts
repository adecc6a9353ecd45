import {expect, test} from 'vitest'
import {federationDocuments} from '../../../../src/features/federate/exported/spec-documents.ts'
import {recordOf} from '../../../support/round-trip.ts'

const joined = (context: string, cluster: string, settings: object, root = 'root') => ({
  context,
  record: recordOf('kubectl-mesh-federation', {cluster, settings: JSON.stringify(settings)}),
  revision: undefined,
  root,
  values: [],
})

test('records name clusters as the mesh does; the document names contexts', () => {
  const settings = {mode: 'primary-remote', primary: 'west'}
  const documents = federationDocuments([
    joined('admin@east', 'east', {...settings, network: {east: 'net-a'}}),
    joined('admin@west', 'west', {...settings, server: {west: 'https://west:6443'}}),
  ])
  expect(documents).toEqual([
    {
      raw: {
        ...{mode: 'primary-remote', primary: 'admin@west', contexts: ['admin@east', 'admin@west']},
        ...{network: {'admin@east': 'net-a'}, server: {'admin@west': 'https://west:6443'}},
        systemNamespace: 'istio-system',
      },
      values: [],
      gaps: [],
    },
  ])
})

test('other roots or settings are other federations', () => {
  const documents = federationDocuments([
    joined('a', 'a', {}),
    joined('b', 'b', {}),
    joined('c', 'c', {}, 'other'),
    joined('d', 'd', {}, 'other'),
    joined('e', 'e', {singleNetwork: true}),
  ])
  expect(documents.map(({name, raw, gaps}) => [name, raw.contexts, gaps])).toEqual([
    ['federation-1', ['a', 'b'], []],
    ['federation-2', ['c', 'd'], []],
    ['federation-3', ['e'], ['contexts: no other cluster of the federation of e is exported']],
  ])
})

test('revision and values come from the cluster; a record of version 0.1.0 has no settings', () => {
  const values = [{name: 'a.yaml', content: {a: 1}}]
  const old = {...joined('z', 'z', {}), record: recordOf('kubectl-mesh-federation', {cluster: 'z'})}
  const [document, ...others] = federationDocuments([
    {...joined('a', 'a', {}), revision: 'prod', values},
    {...joined('b', 'b', {}), revision: 'prod'},
    old,
  ])
  expect(document).toMatchObject({raw: {revision: 'prod', contexts: ['a', 'b']}, values})
  expect(others).toEqual([])
})
