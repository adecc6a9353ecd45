import {expect, test} from 'vitest'
import type {LeftOut, RenderedCluster} from '../../../../src/features/files/render/objects.ts'
import {type RenderResult, renderSummary} from '../../../../src/features/files/render/report.ts'
import {configMap, updates} from '../../../terminal/output/steps.ts'
import {documentFor, documentOf, kindOf, planned, planOf} from '../samples.ts'
import {choiceOf, renderedOf} from './samples.ts'

const federation = documentFor(kindOf('Federation'), 'prod', ['east', 'west'])
const written: RenderResult = {written: 7, removed: [], kept: [], unneeded: [], filled: new Set(['east', 'west'])}
const leftOut = (reason: LeftOut['reason'], wave = 60, isMissing = true, name = 'a'): LeftOut => ({
  ref: {apiVersion: 'v1', kind: 'Secret', namespace: 'istio-system', name},
  wave,
  reason,
  isMissing,
})
const withLeftOut = (cluster: string, ...all: LeftOut[]): RenderedCluster => ({...renderedOf(cluster), leftOut: all})
const summary = (
  rendered: RenderedCluster[],
  {result = written, documents = [planned(federation, [])], choice = choiceOf({engine: 'kustomize'})} = {},
) => renderSummary(rendered, documents, result, choice, 'kubectl mesh apply -f mesh/')

test('nothing is missing: only what was written', () => {
  expect(summary([renderedOf('east'), renderedOf('west')])).toEqual(['2 clusters, 7 files'])
  expect(summary([withLeftOut('east', leftOut('secret', 60, false), leftOut('record', 10, false))])).toEqual([
    '1 cluster, 7 files',
    'left out: 1 Secret; the clusters have them',
    'left out: 1 record of kubectl mesh; the clusters have them',
  ])
})

test('what an apply has to write is counted over all clusters, with the command', () => {
  expect(
    summary([
      withLeftOut('east', leftOut('secret'), leftOut('pending'), leftOut('edit')),
      withLeftOut('west', leftOut('secret', 60, false), leftOut('pending'), leftOut('removal')),
    ]),
  ).toEqual([
    '2 clusters, 7 files',
    'left out: 2 Secrets; 1 to apply',
    'left out: 2 objects that only a run can complete; 2 to apply',
    'left out: 1 edit of a shared object; 1 to apply',
    'left out: 1 object to delete; 1 to apply',
    'hint:    when the engine has applied the files: kubectl mesh apply -f mesh/',
  ])
})

test('an istiod must not start without its CA certificate', () => {
  const lines = summary([withLeftOut('east', leftOut('secret', 20, true, 'cacerts'))])
  expect(lines.slice(2, 4)).toEqual([
    'warning: east: secret/cacerts is left out, and an istiod that starts without it signs with a self-signed CA',
    'hint:    before an engine applies the files: kubectl mesh apply -f mesh/',
  ])
  expect(summary([withLeftOut('east', leftOut('secret', 20, false, 'cacerts'))]).join()).not.toContain('warning')
})

test('files of an earlier render that were removed, and objects that stay', () => {
  const removed = ['fleet/clusters/east/40-a.yaml', 'fleet/clusters/east/40-b.yaml']
  expect(summary([renderedOf('east')], {result: {...written, removed}})).toEqual([
    '1 cluster, 7 files',
    'removed: 2 files of an earlier render: fleet/clusters/east/40-a.yaml, fleet/clusters/east/40-b.yaml',
  ])
  const kept = renderedOf('east')
    .objects.slice(2)
    .map(one => ({...one, cluster: 'east'}))
  expect(summary([renderedOf('east')], {result: {...written, kept}})).toEqual([
    '1 cluster, 7 files',
    'kept: 1 object of an earlier render, which this plan does not contain: configmap/gateway in east',
    'hint:    delete the file of an object that no cluster needs any more',
  ])
  expect(summary([renderedOf('east')], {result: {...written, unneeded: kept}})).toEqual([
    '1 cluster, 7 files',
    'kept: 1 object of an earlier render, which no document needs: configmap/gateway in east',
    'hint:    --prune removes their files, and an engine then deletes the objects',
  ])
})

test('a document that is planned later needs another render', () => {
  const vm = documentOf(kindOf('VirtualMachine'), 'db')
  const later = planned(vm, [], {after: [federation], problems: [{message: 'no gateway'}]})
  expect(summary([renderedOf('east')], {documents: [later]})).toEqual([
    '1 cluster, 7 files',
    'hint:    when the engine has applied the files: kubectl mesh apply -f mesh/',
    'hint:    then render again: the documents that are planned later are not complete',
  ])
})

test('a first render of objects that an engine applies already may lack some of them', () => {
  const labels = {'kustomize.toolkit.fluxcd.io/name': 'mesh-east-40-gateways'}
  const live = configMap('gateway', {k: 'v'}, {labels})
  const documents = [planned(documentOf(kindOf('Tenant'), 'shop'), [planOf('east', updates(live, live, 'unchanged'))])]
  expect(summary([renderedOf('east')], {documents, result: {...written, filled: new Set(['west'])}}).slice(1)).toEqual([
    'warning: Flux applies 1 object of this plan already, and the folder contains no earlier render of east: objects that the clusters have may be missing from it',
    'hint:    if the engine applies this folder, restore it from Git and render again; it would delete the missing objects',
  ])
  expect(summary([renderedOf('east')], {documents})).toEqual(['1 cluster, 7 files'])
})

test('Flux needs a kubeconfig for every cluster but its own', () => {
  const choice = choiceOf({engineCluster: 'hub'})
  expect(summary([renderedOf('hub'), renderedOf('west')], {choice})).toContain(
    'Flux reads kubeconfigs (key value) in flux-system from: secret/west-kubeconfig',
  )
  expect(summary([renderedOf('hub')], {choice})).toEqual(['1 cluster, 7 files'])
})

test('what the user has to apply by hand', () => {
  const manual = {...planned(federation, []), manual: true as const}
  expect(summary([renderedOf('east')], {documents: [manual]})).toContain(
    'still missing: Federation prod (prod.yaml:1): apply what is printed above',
  )
})

test('the names that External Secrets reads, and that Secrets are missing', () => {
  const choice = choiceOf({
    engine: 'kustomize',
    secrets: {mode: 'external-secrets', store: {kind: 'SecretStore', name: 'vault'}},
  })
  const spec = {data: [{secretKey: 'token', remoteRef: {key: 'kubectl-mesh--prod--west', property: 'token'}}]}
  const object = {apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: {name: 'a'}, spec}
  const east = withLeftOut('east', leftOut('pending'))
  const documents = ['Federation prod']
  const objects = [...east.objects, {wave: 70, object, documents, credential: {mode: 'external-secrets'} as const}]
  expect(summary([{...east, objects}], {choice}).slice(2)).toEqual([
    'External Secrets reads 1 key from SecretStore/vault: kubectl-mesh--prod--west',
    'hint:    when the engine has applied the files: kubectl mesh apply -f mesh/',
    'hint:    then render again: the files lack Secrets that the clusters lack',
  ])
  expect(summary([east]).join()).not.toContain('then render again')
})
