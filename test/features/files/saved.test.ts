import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {prunedDocument} from '../../../src/features/files/prune/documents.ts'
import {readPlan, requireComplete, savePlan} from '../../../src/features/files/saved.ts'
import {meshKinds} from '../../../src/kinds/kinds.ts'
import {documentOf, kindOf, planned, planOf, stepOf} from './samples.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-saved-'))
})
afterAll(() => rmSync(folder, {recursive: true}))

const tenant = async () => ({
  ...documentOf(await meshKinds.Tenant!(), 'shop', 'east'),
  raw: {name: 'shop', namespaces: ['app-1']},
})

test('a saved plan is read as the same documents', async () => {
  const file = join(folder, 'plan.json')
  const document = await tenant()
  await savePlan(file, [planned(document, [planOf('east', stepOf('a', 'create'))])])
  const {saved, documents} = await readPlan(file, meshKinds)
  expect(saved.documents[0]!.changes).toHaveLength(1)
  const {kind, name, context, raw, spec} = documents[0]!
  expect({kind, name, context, raw}).toEqual({kind: document.kind, name: 'shop', context: 'east', raw: document.raw})
  expect(spec).toMatchObject({namespaces: ['app-1'], mtls: 'STRICT'})
})

test('a saved removal is read as the removal of the same object, with the set', async () => {
  const file = join(folder, 'pruned.json')
  const kind = await meshKinds.Tenant!()
  const document = prunedDocument(
    kind,
    kind.removal!,
    {context: 'east', raw: {name: 'shop'}},
    kind.removal!.partsOf({name: 'shop'}, 'east'),
    [],
  )
  await savePlan(file, [planned(document, [planOf('east', stepOf('a', 'remove'))])], 'prod')
  const {saved, documents} = await readPlan(file, meshKinds)
  expect(saved.set).toBe('prod')
  expect(documents).toMatchObject([
    {pruned: true, name: 'shop', context: 'east', raw: {name: 'shop'}, kind: {command: 'tenant remove'}},
  ])
})

test('a plan with a document that is planned later cannot be saved', () => {
  const [one, other] = [documentOf(kindOf('Gateway'), 'a'), documentOf(kindOf('Tls'), 'b')]
  const plan = [planned(one, []), planned(other, [], {after: [one], problems: []})]
  expect(() => requireComplete(plan)).toThrow(
    expect.objectContaining({
      exit: 3,
      message: 'Tls b (b.yaml:1) is planned after Gateway a (a.yaml:1), so this plan cannot be saved',
    }),
  )
  expect(() => requireComplete(plan.slice(0, 1))).not.toThrow()
})

describe('a file that is no saved plan is refused, exit code 2', () => {
  const plan = (documents: unknown) => ({apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'Plan', documents})
  const document = {kind: 'Tenant', name: 'a', file: 'a.yaml', line: 1, column: 1, spec: {name: 'a'}, changes: []}
  test.each<[string, string, RegExp]>([
    ['no JSON', 'a: b', /is not a plan of kubectl-mesh\.io\/v1alpha1/],
    ['a set that is no text', JSON.stringify({...plan([]), set: 1}), /is not a plan/],
    ['another version', JSON.stringify({...plan([]), apiVersion: 'v2'}), /is not a plan/],
    ['a document that is a text', JSON.stringify(plan(['a'])), /is not a plan/],
    ['a change that is null', JSON.stringify(plan([{...document, changes: [null]}])), /is not a plan/],
    [
      'an unknown kind',
      JSON.stringify(plan([{...document, kind: 'constructor'}])),
      /a\.yaml:1:1: kind constructor is not/,
    ],
    ['an unknown field', JSON.stringify(plan([{...document, spec: {toString: 1}}])), /saved by another version/],
    ['an invalid value', JSON.stringify(plan([{...document, spec: {name: 'a', mtls: 'X'}}])), /--mtls X is not one of/],
  ])('%s', async (_, text, message) => {
    const file = join(folder, 'other.json')
    writeFileSync(file, text)
    await expect(readPlan(file, meshKinds)).rejects.toMatchObject({exit: 2, message: expect.stringMatching(message)})
  })

  test('no file', async () =>
    expect(readPlan(join(folder, 'missing.json'), meshKinds)).rejects.toMatchObject({exit: 2}))
})
