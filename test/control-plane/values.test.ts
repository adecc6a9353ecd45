import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {readRequestedValues} from '../../src/control-plane/values.ts'

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
  [['missing.yaml'], [], /^--values \S+missing\.yaml: ENOENT/],
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
