import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {readCandidates, readPath} from '../../../../src/features/files/questions/read-candidates.ts'
import {meshKinds} from '../../../../src/kinds/kinds.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-candidates-'))
})
afterEach(() => rmSync(folder, {recursive: true}))

const reading = {kinds: meshKinds, recursive: false, context: '', reportsProblems: false}
const tenant = (spec = '{via: none}') =>
  `apiVersion: kubectl-mesh.io/v1alpha1\nkind: Tenant\nmetadata: {name: shop}\nspec: ${spec}\n`
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const candidates = async (more: Partial<typeof reading> = {}) =>
  (await readCandidates(folder, {...reading, ...more})).map(({path, ...rest}) => ({
    path: path.replace(folder, 'DIR'),
    ...rest,
    problem: rest.problem?.replace(folder, 'DIR'),
  }))

test('mesh files and folders with mesh files are candidates; other files and saved plans are not', async () => {
  write('mesh.yaml', tenant())
  write('values.yaml', 'a: 1')
  write('plan.json', '{\n  "apiVersion": "kubectl-mesh.io/v1alpha1",\n  "kind": "Plan",\n  "documents": []\n}\n')
  write('notes.txt', tenant())
  write('.hidden.yaml', tenant())
  for (const name of ['mesh', 'empty', 'node_modules']) mkdirSync(join(folder, name))
  write('mesh/a.yaml', tenant())
  write('mesh/b.yaml', tenant('{via: none, context: east, systemNamespace: b}').replace('name: shop', 'name: b'))
  write('node_modules/a.yaml', tenant())
  expect(await candidates()).toEqual([
    {path: 'DIR/mesh.yaml', about: '1 document', problem: undefined, isForCurrent: true},
    {path: 'DIR/mesh/', about: '2 documents in 2 files', problem: undefined, isForCurrent: true},
  ])
})

test('a folder with several mesh files is a candidate itself, unless it contains other files', async () => {
  write('a.yaml', tenant('{via: none, context: east}'))
  write('b.yaml', tenant('{via: none, context: west}'))
  const found = await candidates()
  expect(found.map(({path}) => path)).toEqual(['DIR/a.yaml', 'DIR/b.yaml', 'DIR'])
  expect(found.at(-1)).toMatchObject({about: '2 documents in 2 files', isForCurrent: false})
  write('values.yaml', 'a: 1')
  expect((await candidates()).map(({path}) => path)).toEqual(['DIR/a.yaml', 'DIR/b.yaml'])
})

test('a file with problems has the first one with its place, unless the command reports them', async () => {
  write('mesh.yaml', tenant('{viaa: none, nam: x}'))
  mkdirSync(join(folder, 'mesh'))
  write('mesh/a.yaml', tenant('{viaa: none}'))
  expect(await candidates()).toMatchObject([
    {problem: 'line 4: spec.viaa is not a known key (and 1 other problem)'},
    {problem: 'DIR/mesh/a.yaml:4:8: spec.viaa is not a known key'},
  ])
  expect(await candidates({reportsProblems: true})).toMatchObject([{problem: undefined}, {problem: undefined}])
})

test('a path that cannot be read has the reason', async () => {
  const {problem} = await readPath(join(folder, 'none.yaml'), {...reading, reportsProblems: true})
  expect(problem).toBe(`cannot read ${folder}/none.yaml: no such file`)
})
