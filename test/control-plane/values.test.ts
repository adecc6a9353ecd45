import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {mergeRequestedValues, readMergedValues, readValuesFiles} from '../../src/control-plane/values.ts'

const readRequestedValues = async ({values, set}: {values: string[]; set: string[]}) =>
  mergeRequestedValues(await readValuesFiles(values), set)

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'values-'))
  await writeFile(
    join(folder, 'iop.yaml'),
    'kind: IstioOperator\nspec: {tag: "1.31.0", components: {cni: {enabled: true}}}\n',
  )
  await writeFile(join(folder, 'values.yaml'), 'pilot: {env: {A: a, B: b}}\n')
  await writeFile(join(folder, 'list.yaml'), '- a\n')
  await writeFile(join(folder, 'broken.yaml'), 'a: [\n')
})

afterAll(() => rm(folder, {recursive: true}))

test('merges files in their order, then --set', async () => {
  const values = ['iop.yaml', 'values.yaml'].map(name => join(folder, name))
  expect(await readRequestedValues({values, set: ['pilot.env.B=c']})).toEqual({
    values: {global: {tag: '1.31.0'}, pilot: {env: {A: 'a', B: 'c'}}},
    operator: {components: {cni: {enabled: true}}},
  })
})

test.each([
  [['missing.yaml'], [], /^cannot read \S+missing\.yaml: no such file$/],
  [['broken.yaml'], [], /^--values \S+broken\.yaml: \S.*$/],
  [['list.yaml'], [], /^--values \S+list\.yaml: is not a map of values$/],
  [[], ['a'], /^--set a is not PATH=VALUE$/],
])('%j %j is refused with exit 2', async (files, set, message) => {
  const values = files.map(name => join(folder, name))
  await expect(readRequestedValues({values, set})).rejects.toMatchObject({
    exit: 2,
    problems: [{message: expect.stringMatching(message)}],
  })
})

const record = (values?: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-control-plane', namespace: 'istio-system'},
  data: values === undefined ? {} : {values},
})
const chart = 'istio/istiod'

test('files that only a record names are not read: it contains them, or the run is refused', async () => {
  const file = join(folder, 'values.yaml')
  const input = {requested: {}, reset: [], complete: false}
  const spec = {values: [file], chart}
  const stored = [{name: file, content: {a: 1}}]
  expect(await readMergedValues(spec, input, record(JSON.stringify(stored)))).toEqual(stored)
  await expect(readMergedValues(spec, input, record())).rejects.toMatchObject({
    exit: 2,
    message: `an earlier run used --values ${file}, but its record does not contain the files`,
  })
  const read = [{name: file, content: {pilot: {env: {A: 'a', B: 'b'}}}}]
  expect(await readMergedValues(spec, {...input, requested: {values: [file]}}, record())).toEqual(read)
  expect(await readMergedValues(spec, {...input, complete: true}, record())).toEqual(read)
})

test('a chart of this computer is used only if the run names it', async () => {
  const input = {requested: {}, reset: [], complete: false}
  const of = (name: string, more: object = {}) =>
    readMergedValues({values: [], chart: name}, {...input, ...more}, undefined)
  for (const path of ['./charts/istiod', '/charts/istiod.tgz', '~/istiod', 'src/istio'])
    await expect(of(path)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining(`--chart ${path}, which is a path`),
    })
  for (const name of [chart, 'oci://example.com/istiod', 'other/istiod']) expect(await of(name)).toEqual([])
  expect(await of('./charts/istiod', {requested: {chart: './charts/istiod'}})).toEqual([])
  expect(await of('./charts/istiod', {complete: true})).toEqual([])
})
