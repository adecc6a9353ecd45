import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {splitSet} from '../../../src/features/files/prune/set.ts'
import {formatGraph} from '../../../src/features/graph/graph.ts'
import {graphOfDocuments, labelOfKind} from '../../../src/features/graph/report-documents.ts'
import {formatText} from '../../../src/features/graph/report-text.ts'
import type {Graph} from '../../../src/features/graph/report-types.ts'
import {meshKinds} from '../../../src/kinds/kinds.ts'
import {readDocuments} from '../../../src/spec/documents/documents.ts'
import {expectGolden} from '../../support/golden.ts'
import {parseXml, skeletonOfXml} from '../../support/xml.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-graph-'))
})
afterEach(() => rm(folder, {recursive: true}))

/** The graph of documents as they are in files: `KIND` and its `spec` as JSON. */
async function graphOfFiles(...documents: [kind: string, spec: object][]): Promise<Graph> {
  const text = documents.map(([kind, spec]) => JSON.stringify({apiVersion: 'kubectl-mesh.io/v1alpha1', kind, spec}))
  await writeFile(join(folder, 'mesh.yaml'), text.join('\n---\n'))
  return graphOfDocuments(await readDocuments({paths: [folder], recursive: false, context: ''}, meshKinds))
}

const federation = (more: object = {}): [string, object] => ['Federation', {contexts: ['ctx-a', 'ctx-b'], ...more}]
const linksOf = ({links}: Graph) => links.map(({holder, target}) => `${holder} ${target}`)

test('draws the examples of every kind', async () => {
  const folderOfExamples = join(import.meta.dirname, '../../../docs/mesh-files')
  const documents = await readDocuments({paths: [folderOfExamples], recursive: false, context: ''}, meshKinds)
  const graph = graphOfDocuments(splitSet(documents, undefined).documents)
  const shown = formatText(graph, false).map(({text}) => `${text}\n`)
  await expectGolden('graph/files.txt', shown.join(''))
  await expectGolden('graph/files.mmd', await formatGraph(graph, 'mermaid'))
  // Nothing has been checked, so nothing has a mark.
  expect(shown.join('')).not.toMatch(/[✔‼✘]/)
})

test('every kind has a label in its box', () => {
  for (const kind of Object.keys(meshKinds))
    if (kind !== 'Federation' && kind !== 'MeshSet') expect(labelOfKind(kind), kind).not.toBe('other')
})

test('a document is in the box of its context; names and networks are those of the federation', async () => {
  const {clusters} = await graphOfFiles(
    federation({clusterName: {'ctx-a': 'east'}, network: {'ctx-b': 'net-b'}}),
    ['Tenant', {context: 'ctx-a', name: 'group-1', namespaces: ['app']}],
    ['VirtualMachine', {name: 'db', namespace: 'vm', serviceAccount: 'db', address: ['10.0.0.5']}],
  )
  expect(clusters).toMatchObject([
    {name: 'east', context: 'ctx-a', network: null, resources: [{kind: 'Tenant', text: 'group-1, app'}]},
    {name: 'ctx-b', context: 'ctx-b', network: 'net-b', resources: []},
    {name: 'current context', context: null, network: null, resources: [{text: 'vm/db, 10.0.0.5'}]},
  ])
})

test('who reads whom follows from the mode', async () => {
  expect(linksOf(await graphOfFiles(federation()))).toEqual(['ctx-a ctx-b', 'ctx-b ctx-a'])
  expect(linksOf(await graphOfFiles(federation({mode: 'gateways'})))).toEqual([])
  const remote = await graphOfFiles(federation({mode: 'primary-remote', primary: 'ctx-b'}))
  expect(linksOf(remote)).toEqual(['ctx-b ctx-a'])
  expect(remote.clusters.map(({primary}) => primary)).toEqual(['ctx-b', null])
  // As `mesh federate`: the first context.
  expect(linksOf(await graphOfFiles(federation({mode: 'primary-remote'})))).toEqual(['ctx-a ctx-b'])
})

test('clusters with one name have those of their contexts', async () => {
  const {clusters} = await graphOfFiles(
    federation(),
    ['Tenant', {context: 'prod/ctx-a', name: 'a'}],
    ['ControlPlane', {context: 'other', clusterName: 'ctx-b', network: 'net-o'}],
  )
  expect(clusters.map(({name}) => name)).toEqual(['ctx-a', 'ctx-b', 'prod-ctx-a', 'other'])
  expect(clusters[3]).toMatchObject({network: 'net-o', resources: [{text: 'by istioctl'}]})
})

test('a picture has an arrow with two heads, and the details of the page are complete', async () => {
  const patterns = Object.fromEntries(Array.from({length: 9}, (_, at) => [`rack-${at}-*`, `eu/eu-${at}`]))
  const graph = await graphOfFiles(federation(), ['NodeLocalities', {context: 'ctx-a', pattern: patterns}])
  const svg = skeletonOfXml(parseXml(await formatGraph(graph, 'svg')))
  expect(svg).toContainEqual(expect.stringContaining('edge reads planned,,c0,c1'))
  const html = await formatGraph(graph, 'html')
  expect(html).toContain('multi-primary, from mesh files')
  expect(html).toContain('eu/eu-8: nodes rack-8-*')
  expect(html).not.toContain('null')
})
