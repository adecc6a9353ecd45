import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {MeshError} from '../../../src/errors.ts'
import {meshKinds} from '../../../src/kinds/kinds.ts'
import {checkDocuments, readDocuments} from '../../../src/spec/documents/documents.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-documents-'))
})
afterEach(() => rmSync(folder, {recursive: true}))

const head = 'apiVersion: kubectl-mesh.io/v1alpha1\n'
const tenant = (name: string, spec = '{namespaces: [app-1]}') =>
  `${head}kind: Tenant\nmetadata: {name: ${name}}\nspec: ${spec}\n`

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), {recursive: true})
    writeFileSync(join(folder, name), text)
  }
}

const choice = (paths: readonly string[], recursive = false) => ({
  paths: paths.map(path => join(folder, path)),
  recursive,
  context: '',
})

async function problemsOf(text: string): Promise<string[]> {
  write({'mesh.yaml': text})
  const {problems} = await checkDocuments(choice(['mesh.yaml']), meshKinds)
  return problems.map(({line, column, message, hints = []}) => [`${line}:${column} ${message}`, ...hints].join(' | '))
}

describe('files', () => {
  const files = {
    'b.yaml': `${tenant('b1')}---\n${tenant('b2', '{namespaces: [app-2]}')}`,
    'a.json': JSON.stringify({apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'ControlPlane', spec: {network: 'n'}}),
    'c/d.yml': tenant('d'),
    '.hidden.yaml': 'no mesh file',
    'README.md': 'no mesh file',
  }
  const namesIn = async (paths: readonly string[], recursive = false) =>
    (await readDocuments(choice(paths, recursive), meshKinds)).map(({name}) => name)

  test('a folder: its files by name, several documents in one file', async () => {
    write(files)
    expect(await namesIn(['.'])).toEqual(['controlplane', 'b1', 'b2'])
  })

  test('-R: also the folders in it, but no links to folders', async () => {
    write({...files, 'c/d.yml': tenant('d', '{namespaces: [app-3]}')})
    symlinkSync(folder, join(folder, 'loop'))
    symlinkSync(folder, join(folder, 'loop.yaml'))
    expect(await namesIn(['.'], true)).toEqual(['controlplane', 'b1', 'b2', 'd'])
  })

  test('a file that is named twice is read once', async () => {
    write(files)
    expect(await namesIn(['b.yaml', 'b.yaml'])).toEqual(['b1', 'b2'])
  })

  test.each([
    ['a file that does not exist', ['none.yaml'], /no such file/],
    ['a folder without files', ['c'], /contains no file that ends in \.yaml/],
  ])('%s', async (_, paths, message) => {
    mkdirSync(join(folder, 'c'))
    const error = await readDocuments(choice(paths), meshKinds).catch(problem => problem as MeshError)
    expect(error).toMatchObject({exit: 2, message: expect.stringMatching(message)})
  })
})

describe('names and contexts', () => {
  const read = async (text: string, context = '') => {
    write({'mesh.yaml': text})
    const [document] = await readDocuments({...choice(['mesh.yaml']), context}, meshKinds)
    return {name: document!.name, context: document!.context, raw: document!.raw}
  }

  test('metadata.name is the name of the object', async () =>
    expect(await read(tenant('shop'))).toEqual({
      name: 'shop',
      context: '',
      raw: {name: 'shop', namespaces: ['app-1']},
    }))

  test('metadata.name is only a name if the document selects by labels', async () => {
    const spec = '{selector: team=shop, namespace: n, contexts: [east], to: [west]}'
    const found = await read(`${head}kind: ServiceExport\nmetadata: {name: shop}\nspec: ${spec}\n`)
    expect(found.name).toBe('shop')
    expect(found.raw).not.toHaveProperty('name')
  })

  test('without it, spec.name', async () =>
    expect(await read(`${head}kind: Tenant\nspec: {name: shop}\n`)).toMatchObject({name: 'shop'}))

  test('spec.context before the context of the command; a Federation has contexts', async () => {
    expect(await read(tenant('shop', '{context: east}'), 'west')).toMatchObject({context: 'east'})
    expect(await read(tenant('shop'), 'west')).toMatchObject({context: 'west'})
    const federation = `${head}kind: Federation\nspec: {contexts: [east, west]}\n`
    expect(await read(federation, 'west')).toMatchObject({name: 'federation', context: undefined})
  })
})

describe('one document is refused with its place', () => {
  test.each([
    [
      'another apiVersion',
      'apiVersion: v2\nkind: Tenant\n',
      '1:1 apiVersion v2 of Tenant is not supported | supported: kubectl-mesh.io/v1alpha1',
    ],
    ['no apiVersion', 'replicas: 1\n', /^1:1 apiVersion is missing \| supported: kubectl-mesh.io\/v1alpha1/],
    [
      'an unknown kind',
      `${head}kind: Tenants\n`,
      /^2:1 kind Tenants is not known \| did you mean Tenant\? \| kinds: Addons, /,
    ],
    ['no kind', `${head}spec: {}\n`, '1:1 kind is missing or not a string'],
    ['a key at the top', `${head}kind: Tenant\nspecs: {}\n`, /^3:1 specs is not a known key \| did you mean spec\?/],
    [
      'a key of metadata',
      `${head}kind: Tenant\nmetadata: {nam: a}\n`,
      /^3:12 metadata\.nam is not a known key \| did you mean metadata\.name\?/,
    ],
    ['a name', `${head}kind: Tenant\nmetadata: {name: A}\n`, /^3:12 metadata\.name is not a DNS name/],
    [
      'a key of spec',
      tenant('a', '\n  namespace: [x]'),
      /^5:3 spec\.namespace is not a known key \| did you mean spec\.namespaces\? \| known keys: context, name/,
    ],
    ['a key in kebab case', tenant('a', '{system-namespace: x}'), /did you mean spec\.systemNamespace\?/],
    ['a value', tenant('a', '\n  mtls: MAYBE'), '5:3 spec.mtls MAYBE is not one of STRICT, PERMISSIVE'],
    [
      'a relation',
      tenant('a', '{via: none,\n  set: [a=b]}'),
      /^5:3 spec\.set has an effect only with spec\.via istioctl/,
    ],
    ['two names', tenant('a', '{name: b}'), /^4:8 spec\.name differs from metadata\.name, which is a/],
    [
      'a missing field',
      `${head}kind: VirtualMachine\nmetadata: {name: db}\nspec: {namespace: vm}\n`,
      /^4:1 spec\.serviceAccount is missing/,
    ],
    ['a context', tenant('a', '{context: [a]}'), '4:8 spec.context must be the name of a context'],
    ['no YAML', `${head}kind: [\n`, /^\d:\d+ is not valid YAML: /],
    ['no document', '# nothing\n', '1:1 contains no document'],
  ])('%s', async (_, text, expected) => {
    const problems = await problemsOf(text)
    if (typeof expected === 'string') expect(problems).toEqual([expected])
    else expect(problems).toEqual([expect.stringMatching(expected)])
  })

  test('a secret: the file is not parsed, and no message quotes it', async () => {
    const [problem, ...others] = await problemsOf(`${tenant('a')}# -----BEGIN PRIVATE KEY-----\nspec: [\n`)
    expect(problem).toMatch(/^5:3 contains a private key; mesh files must not contain secrets/)
    expect(others).toEqual([])
  })
})

describe('two documents for one object', () => {
  test.each([
    [
      'the same name',
      `${tenant('a')}---\n${tenant('a', '{namespaces: [app-2]}')}`,
      /^6:1 Tenant a in the current context is defined twice \| the other document: .*mesh\.yaml:1:1/,
    ],
    [
      'a namespace of two tenants',
      `${tenant('a')}---\n${tenant('b')}`,
      /^6:1 application namespace app-1 in the current context is defined twice/,
    ],
    [
      'a host at a gateway',
      ['x', 'y']
        .map(name => `${head}kind: IngressTls\nmetadata: {name: ${name}}\nspec: {host: a.example.com, secret: s}\n`)
        .join('---\n'),
      /host a\.example\.com at gateway istio-ingressgateway of istio-system in the current context/,
    ],
    [
      'a cluster of two federations',
      ['x', 'y']
        .map(name => `${head}kind: Federation\nmetadata: {name: ${name}}\nspec: {contexts: [a, ${name}]}\n`)
        .join('---\n'),
      /the federation of istio-system in context a is defined twice/,
    ],
  ])('%s', async (_, text, expected) => expect(await problemsOf(text)).toEqual([expect.stringMatching(expected)]))

  test('in different clusters, they are different objects', async () =>
    expect(await problemsOf(`${tenant('a', '{context: x}')}---\n${tenant('a', '{context: y}')}`)).toEqual([]))
})

test('all problems of all files are reported at once', async () => {
  write({'a.yaml': `${tenant('a', '{mtls: x, namespace: y}')}---\nkind: b\n`, 'b.yaml': tenant('a', '{via: x}')})
  const error = await readDocuments(choice(['.']), meshKinds).catch(problem => problem as MeshError)
  expect(error).toMatchObject({exit: 2})
  expect((error as MeshError).problems.map(({message}) => message.slice(folder.length + 1))).toEqual([
    expect.stringMatching(/^a\.yaml:4:8: spec\.mtls x is not one of/),
    'a.yaml:4:17: spec.namespace is not a known key',
    expect.stringMatching(/^a\.yaml:6:1: apiVersion is missing/),
    expect.stringMatching(/^b\.yaml:4:8: spec\.via x is not one of/),
  ])
})
