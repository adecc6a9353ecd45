import {expect, test} from 'vitest'
import {bin, root, run} from './cli.ts'

/** Neither a kubeconfig nor a home folder. */
const env = {KUBECONFIG: '/dev/null', HOME: undefined}
const folder = `${root}docs/mesh-files`

test('validate needs no cluster, no kubeconfig and no home folder', async () => {
  const {code, stdout, stderr} = await run(bin, ['validate', '-f', folder], {env})
  expect({code, stderr}).toEqual({code: 0, stderr: expect.stringMatching(/^\d+ documents in \d+ files: valid\n$/)})
  expect(stdout).toMatch(/^Tenant +usergroup-1 +- +.*Tenant\.yaml:3$/m)
})

test('problems have their place; programs get them on stdout', async () => {
  const input = 'apiVersion: kubectl-mesh.io/v1alpha1\nkind: Tenant\nspec:\n  nam: a\n'
  const text = await run(bin, ['validate', '-f', '-'], {env, input})
  expect(text).toMatchObject({code: 2, stdout: ''})
  expect(text.stderr).toContain('error: stdin:4:3: spec.nam is not a known key\nhint:  did you mean spec.name?\n')
  const {code, stdout} = await run(bin, ['validate', '-f', '-', '-o', 'json'], {env, input})
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({documents: [], problems: [{file: 'stdin', line: 4, column: 3}]})
})

test('without a file, and with an empty path', async () => {
  expect(await run(bin, ['validate'], {env})).toMatchObject({code: 2, stderr: expect.stringContaining('-f DIR')})
  const empty = await run(bin, ['validate', '-f', ''], {env})
  expect(empty).toMatchObject({code: 2, stderr: expect.stringContaining('--filename is empty')})
})

test('schema prints the JSON Schema of a kind, or of all', async () => {
  const one = await run(bin, ['schema', 'Tenant'], {env})
  expect({code: one.code, stderr: one.stderr}).toEqual({code: 0, stderr: ''})
  expect(JSON.parse(one.stdout)).toMatchObject({title: 'Tenant', properties: {kind: {const: 'Tenant'}}})
  const all = await run(bin, ['schema'], {env})
  expect(JSON.parse(all.stdout).oneOf.map(({title}: {title: string}) => title)).toContain('Federation')
  const unknown = await run(bin, ['schema', 'Tenants'], {env})
  expect(unknown).toMatchObject({code: 2, stderr: expect.stringContaining('hint:  did you mean Tenant?\n')})
})
