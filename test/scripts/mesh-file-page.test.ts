import {existsSync, globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {meshFileKinds} from '../../scripts/mesh-file-kinds.ts'
import {meshFilePage} from '../../scripts/mesh-file-page.ts'
import {fileKeyOf} from '../../src/spec/field.ts'
import {readMeshFile} from '../../src/spec/mesh-file.ts'
import {readSpec} from '../../src/spec/read.ts'

const root = join(import.meta.dirname, '../..')
const kinds = await meshFileKinds(root)
const page = meshFilePage(root, kinds)

test('finds every kind that a command reads, and the one that names a set', () => {
  const texts = globSync('src/commands/**/*.ts', {cwd: root}).map(path => readFileSync(join(root, path), 'utf8'))
  expect(kinds.map(({kind}) => kind)).toEqual(expect.arrayContaining(['Federation', 'MeshSet']))
  expect(kinds).toHaveLength(texts.flatMap(text => [...text.matchAll(/readMeshFile\(/g)]).length + 1)
})

describe.each(kinds)('$kind', ({kind, schema, validate, example}) => {
  test(`${example} is valid`, async () => {
    expect(existsSync(join(root, example)), `${example} is missing`).toBe(true)
    const {raw} = await readMeshFile(kind, schema, join(root, example))
    expect(Object.keys(raw)).not.toEqual([])
    expect(validate(readSpec(schema, raw))).toEqual([])
  })

  test('the page contains the example and all keys', () => {
    expect(page).toContain(readFileSync(join(root, example), 'utf8'))
    for (const field of Object.values(schema)) expect(page).toContain(`| \`${fileKeyOf(field)}\` |`)
  })
})
