import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {dump} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {MeshError} from '../../src/errors.ts'
import {federationFields} from '../../src/features/federate/spec.ts'
import {meshFileVersion} from '../../src/spec/documents/kind.ts'
import {fileKeyOf, type Raw} from '../../src/spec/field.ts'
import {readMeshFile} from '../../src/spec/mesh-file.ts'
import {readSpec} from '../../src/spec/read.ts'
import {dumpYaml} from '../../src/text/yaml.ts'
import {federationSpec} from './arbitrary.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-file-'))
})
afterAll(() => rm(folder, {recursive: true}))

const head = `apiVersion: ${meshFileVersion}\nkind: Federation\n`

/** Nine levels of nine aliases each. */
const bomb = Array.from(
  {length: 9},
  (_, at) => `a${at}: &a${at} [${Array(9).fill(at === 0 ? 'lol' : `*a${at - 1}`)}]\n`,
).join('')

async function readText(text: string) {
  const file = join(folder, 'mesh.yaml')
  await writeFile(file, text)
  return (await readMeshFile('Federation', federationFields, file)).raw
}

const specOf = async (text: string) => readSpec(federationFields, await readText(head + text))
const errorOf = (promise: Promise<unknown>): Promise<MeshError> =>
  promise.then(
    value => expect.unreachable(`no error, but ${JSON.stringify(value)}`),
    error => error as MeshError,
  )

/** A Spec as the map of a mesh file. */
function fileOf(spec: Record<string, unknown>): Record<string, Raw> {
  const entries = Object.entries(federationFields).flatMap(([name, field]) => {
    const value = spec[name]
    if (value === undefined) return []
    return [[fileKeyOf(field), name === 'credentialDuration' ? `${Number(value) / 1000}s` : (value as Raw)]]
  })
  return Object.fromEntries(entries)
}

test('a file with the values of a Spec yields that Spec', async () => {
  await fc.assert(
    fc.asyncProperty(federationSpec, async spec => {
      const file = {apiVersion: meshFileVersion, kind: 'Federation', spec: fileOf(spec)}
      expect(readSpec(federationFields, await readText(dumpYaml(file)))).toEqual(spec)
    }),
    {numRuns: 100},
  )
})

describe('texts stay what was written', () => {
  test.each(['y', 'on', '0755', '1e3', '12-30', '1.30', '0x1F', '2024-01-01', '1_0'])('network %s', async network =>
    expect((await specOf(`spec: {contexts: [a, ${network}], network: {a: ${network}}}`)).network).toEqual({a: network}),
  )

  test('a context called y, as an item and as a key', async () =>
    expect(await specOf('spec:\n  contexts: [y, n]\n  clusterName:\n    y: yes\n')).toMatchObject({
      contexts: ['y', 'n'],
      clusterName: {y: 'yes'},
    }))
})

test.each([
  ['a list as one text with commas', 'contexts: east,west', {contexts: ['east', 'west']}],
  ['a map as a list of KEY=VALUE', 'network: [east=a, west=b]', {network: {east: 'a', west: 'b'}}],
  ['nothing', 'meshId: null', {meshId: undefined}],
  ['a switch', 'singleNetwork: true', {singleNetwork: true}],
  ['a duration', 'credentialDuration: 720h', {credentialDuration: 720 * 3_600_000}],
  ['merged maps', 'network: &n {east: a}\n  server:\n    <<: {east: "https://h"}', {server: {east: 'https://h'}}],
])('%s', async (_, text, expected) => expect(await specOf(`spec:\n  ${text}\n`)).toMatchObject(expected))

test.each([
  ['no YAML', 'a: [', /mesh\.yaml:1:5: is not valid YAML/],
  ['two documents', `${head}---\n${head}`, /reads a single document/],
  ['aliases of aliases', `${head}${bomb}spec: {meshId: *a8}\n`, /aliases expand to more than 1000000 values/],
  ['deep nesting', `${head}spec: ${'['.repeat(1000)}`, /nesting exceeded maxDepth/],
  ['a large file', `${head}#${'x'.repeat(5_000_000)}`, /larger than the limit of 4194304 bytes/],
  ['nothing', '', /mesh\.yaml:1:1: contains no document/],
  ['a list', '[]', /does not contain a YAML object/],
  ['another kind', `apiVersion: ${meshFileVersion}\nkind: Tenant\n`, /is not a Federation/],
  ['another version', 'apiVersion: v1\nkind: Federation\n', /mesh\.yaml:1:1: apiVersion v1 of Federation is not/],
  ['a spec that is a text', `${head}spec: a\n`, /spec must be a map/],
  [
    'unknown keys',
    `${head}spec: {contexts: [a], meshID: b, constructor: c, __proto__: d}\n`,
    /spec\.meshID is not a known key/,
  ],
])('refused, exit code 2: %s', async (_, text, message) => {
  const error = await errorOf(readText(text))
  expect(error).toMatchObject({name: 'MeshError', exit: 2})
  expect(error.message).toMatch(message)
})

test('all unknown keys are reported at once, with the known keys', async () => {
  const {problems} = await errorOf(readText(`${head}spec: {a: 1, __proto__: 2, contexts: []}\n`))
  expect(problems.map(({message}) => message.replace(/.*: /, ''))).toEqual([
    'spec.a is not a known key',
    'spec.__proto__ is not a known key',
  ])
  expect(problems[0]!.hints![0]).toContain('gatewayServiceType')
})

test.each([
  ['contexts: [[a]]', '--contexts must be one text, got ["a"]'],
  ['contexts: [true]', '--contexts must be one text, got true (quote it to mean the text)'],
  ['network: {east: null}', '--network must be one text, got null'],
  ['singleNetwork: maybe', '--single-network must be true or false, got "maybe"'],
  ['singleNetwork: yes', '--single-network must be true or false, got "yes"'],
  ['network: 2024-01-01', '--network 2024-01-01 is not CTX=NET'],
  ['credentials: both', '--credentials both is not one of per-peer, bundled'],
  ['credentialDuration: 9m', '--credential-duration 9m is shorter than 10m'],
])('refused by its field: %s', async (text, message) =>
  expect((await errorOf(specOf(`spec:\n  ${text}\n`))).message).toBe(message),
)

test('a file that is not there; no file at all', async () => {
  const error = await errorOf(readMeshFile('Federation', federationFields, join(folder, 'nowhere')))
  expect(error).toMatchObject({exit: 2, message: expect.stringContaining('no such file')})
  expect(await readMeshFile('Federation', federationFields, undefined)).toEqual({raw: {}, context: undefined})
})

test('any text is a mesh file or one clear error', async () => {
  const value = fc.oneof(fc.jsonValue({maxDepth: 3}), fc.string())
  const key = fc.constantFrom(...Object.values(federationFields).map(fileKeyOf))
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value), async spec => {
      const text = dump({apiVersion: meshFileVersion, kind: 'Federation', spec})
      await readText(text)
        .then(raw => readSpec(federationFields, raw))
        .catch(error => expect(error).toMatchObject({name: 'MeshError', exit: 2}))
    }),
    {numRuns: 300},
  )
})
