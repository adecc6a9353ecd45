import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {runMesh} from '../support/ground/program.ts'
import {listen} from '../support/listen.ts'

// Files that must be refused before a cluster is read: with file, line and column, and exit code 2.

const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-files-'))
let server: Server
let connections = 0

beforeAll(async () => {
  server = createServer(socket => {
    connections++
    socket.destroy()
  })
  const port = await listen(server)
  writeFileSync(
    join(folder, 'kubeconfig'),
    JSON.stringify({
      ...{apiVersion: 'v1', kind: 'Config', 'current-context': 'east', users: [{name: 'u', user: {}}]},
      clusters: [{name: 'c', cluster: {server: `http://127.0.0.1:${port}`}}],
      contexts: ['east', 'west'].map(name => ({name, context: {cluster: 'c', user: 'u'}})),
    }),
  )
})
afterAll(() => {
  server.close()
  rmSync(folder, {recursive: true})
})

const head = 'apiVersion: kubectl-mesh.io/v1alpha1\n'
const tenant = (name: string, spec: string) => `${head}kind: Tenant\nmetadata: {name: ${name}}\nspec: ${spec}\n`
const token = ['eyJhbGciOiJSUzI1NiJ9', 'eyJpc3MiOiJrdWJlcm5ldGVzIn0', 'c2lnbmF0dXJlc2lnbmF0dXJl'].join('.')
const key = `-----BEGIN ${'PRIVATE'} KEY-----`

const cases: readonly (readonly [title: string, files: Record<string, string>, message: string])[] = [
  [
    'two files that define the same tenant',
    {'a.yaml': tenant('shop', '{via: none}'), 'b.yaml': tenant('shop', '{via: none}')},
    'b.yaml:1:1: Tenant shop in the current context is defined twice\nhint:  the other document: FOLDER/a.yaml:1:1',
  ],
  [
    'two files that define the same namespace under different names',
    {'a.yaml': tenant('shop', '{via: none}'), 'b.yaml': tenant('store', '{via: none, systemNamespace: shop}')},
    'b.yaml:1:1: system namespace shop in the current context is defined twice',
  ],
  [
    'two files, of which only one names the current context',
    {'a.yaml': tenant('shop', '{via: none}'), 'b.yaml': tenant('shop', '{via: none, context: east}')},
    'b.yaml:1:1: Tenant shop in context east is defined twice',
  ],
  [
    'a cycle of dependencies, which no field can express',
    {
      'a.yaml': tenant('shop', '{via: none, dependsOn: [store]}'),
      'b.yaml': tenant('store', '{via: none, dependsOn: [shop]}'),
    },
    'a.yaml:4:19: spec.dependsOn is not a known key\nerror: FOLDER/b.yaml:4:19: spec.dependsOn is not a known key',
  ],
  [
    'a document that contains itself',
    {'a.yaml': `${head}kind: Tenant\nmetadata: &a {name: shop, annotations: *a}\n`},
    'a.yaml:1:1: is not valid YAML: aliases expand to more than 1000000 values, or an alias contains itself',
  ],
  [
    'a Tenant in an unknown cluster',
    {'a.yaml': tenant('shop', '\n  via: none\n  context: estt')},
    'a.yaml:6:3: context estt of Tenant shop is not in the kubeconfig',
  ],
  [
    'a Federation with an unknown cluster',
    {'a.yaml': `${head}kind: Federation\nspec:\n  contexts: [east, south]\n`},
    'a.yaml:4:3: context south of Federation federation is not in the kubeconfig',
  ],
  [
    'a token in a value',
    {'a.yaml': `${head}kind: Tenant\nspec:\n  name: shop\n  set: [a=${token}]\n`},
    'a.yaml:5:11: contains a token; mesh files must not contain secrets',
  ],
  [
    'a token in a comment',
    {'a.yaml': `${tenant('shop', '{via: none}')}# ${token}\n`},
    'a.yaml:5:3: contains a token; mesh files must not contain secrets',
  ],
  [
    'a private key',
    {'a.yaml': `${head}kind: IngressTls\nspec:\n  key: |\n    ${key}\n`},
    'a.yaml:5:5: contains a private key; mesh files must not contain secrets',
  ],
  [
    'two names of the set',
    {
      'mesh.yaml': `${head}kind: MeshSet\nmetadata: {name: prod}\n`,
      'more.yaml': `${head}kind: MeshSet\nmetadata: {name: test}\n`,
    },
    'more.yaml:1:1: the set of the files is defined twice',
  ],
  ['a set without a name', {'mesh.yaml': `${head}kind: MeshSet\n`}, 'mesh.yaml:1:1: metadata.name is required'],
]

test('--prune without a cluster to search is an error, not a run that removes nothing', async () => {
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(folder, 'empty', 'mesh.yaml'), `${head}kind: MeshSet\nmetadata: {name: prod}\n`)
  const env = {KUBECONFIG: join(folder, 'kubeconfig')}
  const {code, stderr} = await runMesh(['apply', '-f', 'empty', '--prune', '--yes'], {cwd: folder, env})
  expect({code, stderr}).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: the files name no cluster, so --prune has none.*\nhint: .*spec\.contexts/),
  })
})

describe.each(cases)('%s', (title, files, message) => {
  const name = title.replaceAll(/\W+/g, '-')
  beforeAll(() => {
    mkdirSync(join(folder, name))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
  })

  test.each(['plan', 'apply --yes', 'diff', 'apply --yes --prune --name prod'])('%s', async command => {
    const words = [...command.split(' '), '-f', name]
    const {code, stdout, stderr} = await runMesh(words, {cwd: folder, env: {KUBECONFIG: join(folder, 'kubeconfig')}})
    expect({code, stdout, connections}).toEqual({code: 2, stdout: '', connections: 0})
    expect(stderr).toContain(`error: ${name}/${message.replaceAll('FOLDER', name)}`)
    expect(stderr).not.toContain(token)
  })
})
