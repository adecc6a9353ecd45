import {expect, test} from 'vitest'
import {withValues} from '../../../../src/features/files/export/report-values.ts'

const path = (name: string) => `mesh/values/${name}`
const document = (name: string, content: unknown) => ({raw: {values: [name]}, values: [{name, content}]})

test('the files get names that stay when they are exported again', () => {
  const {document: once, files} = withValues(document('../x/pilot.yaml', {a: 1}), path)
  expect(files).toEqual([
    {name: expect.stringMatching(/^pilot-[0-9a-f]{8}\.yaml$/), text: '# Written by kubectl mesh export.\na: 1\n'},
  ])
  expect(once.raw.values).toEqual([path(files[0]!.name)])
  expect(withValues(document(path(files[0]!.name), {a: 1}), path).files).toEqual(files)
  expect(withValues(document('..', {a: 1}), path).files[0]!.name).toMatch(/^%2E\.-|^%2E%2E-|^-/)
})

test('without a folder, and for a file with a key, the gap is named', () => {
  expect(withValues(document('a.yaml', {}), undefined).document.gaps).toEqual([
    'the contents of a.yaml: --output-dir writes them',
  ])
  const key = ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')
  const {document: withKey, files} = withValues(document('a.yaml', {key}), path)
  expect(files).toEqual([])
  expect(withKey.gaps).toEqual([expect.stringMatching(/^a-[0-9a-f]{8}\.yaml: it contains a key or a token$/)])
})
