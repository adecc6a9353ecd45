import {expect, test} from 'vitest'
import {listOptionsOf} from '../../../src/terminal/list/flags.ts'

test('plain formats, templates and columns are read', async () => {
  expect(await listOptionsOf({output: 'name', 'no-headers': true, namespace: 'n'})).toMatchObject({
    output: 'name',
    noHeaders: true,
    namespace: 'n',
  })
  expect((await listOptionsOf({output: 'jsonpath={.a}'})).output).toMatchObject({kind: 'jsonpath'})
  expect((await listOptionsOf({output: 'custom-columns=A:.a=b'})).output).toMatchObject({kind: 'custom-columns'})
})

test.each([
  [{output: 'xml'}, '-o xml is not one of wide, json, yaml, name'],
  [{output: 'jsonpath='}, '-o jsonpath= is not one of'],
  [{output: 'json', watch: true}, '--watch does not support -o json'],
  [{namespace: 'n', 'all-namespaces': true}, '--all-namespaces conflicts with --namespace'],
])('%j is an error', async (flags, message) => {
  await expect(listOptionsOf(flags)).rejects.toThrow(message)
})
