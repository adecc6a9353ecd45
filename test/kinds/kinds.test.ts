import {globSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {meshFileKinds} from '../../scripts/mesh-file-kinds.ts'
import type {AppliedKind} from '../../src/features/files/kind.ts'
import {meshKinds} from '../../src/kinds/kinds.ts'
import {checkDocuments, readDocuments} from '../../src/spec/documents/documents.ts'
import {meshFileVersion} from '../../src/spec/documents/kind.ts'
import {fileKeyOf, type Raw} from '../../src/spec/field.ts'
import {readSpec} from '../../src/spec/read.ts'
import {dumpYaml} from '../../src/text/yaml.ts'
import {rawSpec} from '../fuzz/values.ts'

const root = join(import.meta.dirname, '../..')
const documented = await meshFileKinds(root)

test('contains each kind that a command reads, with the same fields and validation', async () => {
  expect(Object.keys(meshKinds)).toEqual(documented.map(({kind}) => kind))
  for (const {kind, schema, validate} of documented) {
    const found = await meshKinds[kind]!()
    expect(found.kind).toBe(kind)
    expect(found.fields).toBe(schema)
    if (kind !== 'VirtualMachine') expect(found.validate).toBe(validate)
  }
})

test('all examples of the documentation are valid together', async () => {
  const documents = await readDocuments(
    {paths: [join(root, 'docs/mesh-files')], recursive: false, context: ''},
    meshKinds,
  )
  expect(documents.map(({kind}) => kind.kind)).toEqual(documented.map(({kind}) => kind))
  for (const {file, kind, spec} of documents) {
    expect(readFileSync(file, 'utf8')).toContain(kind.kind)
    expect(kind.claims(spec).every(claim => !claim.includes('undefined'))).toBe(true)
  }
  expect(globSync('*.yaml', {cwd: join(root, 'docs/mesh-files')})).toHaveLength(documents.length)
})

/** The Spec of some input, or `invalid`. */
function specOf({fields, validate}: AppliedKind, raw: Record<string, Raw>): unknown {
  try {
    return readSpec(fields, raw, spec => validate(spec))
  } catch (error) {
    expect(error).toMatchObject({name: 'MeshError', exit: 2})
    return 'invalid'
  }
}

test('a file means what the flags mean, for any values of any kind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-kinds-'))
  let valid = 0
  const kinds = await Promise.all(Object.values(meshKinds).map(load => load()))
  const input = fc.constantFrom(...kinds).chain(kind => rawSpec(kind.fields).map(raw => ({kind, raw})))
  const property = fc.asyncProperty(input, async ({kind, raw}) => {
    const keys = Object.entries(raw).map(([name, value]) => [fileKeyOf(kind.fields[name]!), value])
    const document = {apiVersion: meshFileVersion, kind: kind.kind, spec: Object.fromEntries(keys)}
    const file = join(folder, 'mesh.yaml')
    writeFileSync(file, dumpYaml(document))
    const {documents, problems} = await checkDocuments({paths: [file], recursive: false, context: ''}, meshKinds)
    const spec = specOf(kind, raw as Record<string, Raw>)
    if (spec !== 'invalid') valid++
    expect(documents[0]?.spec ?? 'invalid', problems[0]?.message).toEqual(spec)
    for (const {line, column} of problems) expect(line * column).toBeGreaterThan(0)
  })
  try {
    await fc.assert(property, {numRuns: 300})
    expect(valid).toBeGreaterThan(5)
  } finally {
    rmSync(folder, {recursive: true})
  }
})
