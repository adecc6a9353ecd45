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

test('all kinds that commands read are found', () => {
  const texts = globSync('src/commands/**/*.ts', {cwd: root}).map(path => readFileSync(join(root, path), 'utf8'))
  expect(kinds.map(({kind}) => kind)).toContain('Federation')
  expect(kinds).toHaveLength(texts.flatMap(text => [...text.matchAll(/readMeshFile\(/g)]).length)
})

describe.each(kinds)('$kind', ({kind, schema, problems, example}) => {
  test(`${example} is a right one`, async () => {
    expect(existsSync(join(root, example)), `${example} is missing`).toBe(true)
    const raw = await readMeshFile(kind, schema, join(root, example))
    expect(Object.keys(raw)).not.toEqual([])
    expect(problems(readSpec(schema, raw))).toEqual([])
  })

  test('the page shows the example and tells all keys', () => {
    expect(page).toContain(readFileSync(join(root, example), 'utf8'))
    for (const field of Object.values(schema)) expect(page).toContain(`| \`${fileKeyOf(field)}\` |`)
  })
})
