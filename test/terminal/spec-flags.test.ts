import {Parser} from '@oclif/core'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {MeshError} from '../../src/errors.ts'
import {caInitFields} from '../../src/features/ca/spec.ts'
import {federationRemoveFields} from '../../src/features/federate/remove/spec.ts'
import {type Federation, federationFields, validateFederation} from '../../src/features/federate/spec.ts'
import {federationStatusFields} from '../../src/features/federate/status/spec.ts'
import type {Schema, SpecOf} from '../../src/spec/field.ts'
import {flagsFor, readSpec} from '../../src/spec/read.ts'
import {type CommandData, readCommandLine} from '../../src/terminal/argv.ts'
import {flagsOf, rawOf} from '../../src/terminal/spec-flags.ts'
import {federationSpec} from '../spec/arbitrary.ts'
import {oddText} from '../support/odd.ts'

/** Parses flags as the program does: first `readCommandLine`, then oclif's parser. */
async function rawFrom<S extends Schema>(schema: S, words: string[]) {
  const flags = flagsOf(schema)
  const command: CommandData = {id: 'x', flags: flags as unknown as CommandData['flags'], args: {}}
  const line = readCommandLine(['x', ...words], [command])
  if (line.run !== 'command') throw new Error(`not a command: ${JSON.stringify(line)}`)
  const parsed = await Parser.parse(line.argv, {flags, strict: true})
  return rawOf(schema, parsed.flags)
}

async function specFrom<S extends Schema>(schema: S, words: string[]): Promise<SpecOf<S>> {
  return readSpec(schema, await rawFrom(schema, words))
}

test('flags of a Spec parse to the same Spec', async () => {
  await fc.assert(
    fc.asyncProperty(federationSpec, async expected => {
      const words = flagsFor(federationFields, expected)
      const spec = await specFrom(federationFields, words)
      expect(spec).toEqual(expected)
      expect(flagsFor(federationFields, spec)).toEqual(words)
    }),
    {numRuns: 200},
  )
})

test.each([
  ['contexts that begin with a dash', {contexts: ['-east', '--west']}],
  [
    'an ARN and =',
    {contexts: ['arn:aws:eks:eu-1:1:cluster/a', 'a=b'], network: {'a=b': 'net', 'arn:aws:eks:eu-1:1:cluster/a': 'y'}},
  ],
  [
    'names of properties of every JavaScript object',
    {contexts: ['constructor', 'toString', '__proto__'], network: {constructor: 'a'}},
  ],
  [
    'a key __proto__',
    {contexts: ['__proto__', 'b'], clusterName: JSON.parse('{"__proto__": "a"}') as Record<string, string>},
  ],
  ['a folder with a space and a dash', {caDir: '-my folder'}],
  ['a duration that is not a whole number of hours', {credentialDuration: 5_400_500}],
])('flags of a Spec parse to the same Spec: %s', async (_, more: Partial<Federation>) => {
  const expected = {...readSpec(federationFields, {}), ...more}
  expect(await specFrom(federationFields, flagsFor(federationFields, expected))).toEqual(expected)
})

test('flags that are not set stay undefined, and the Spec has the defaults', async () => {
  expect(await rawFrom(federationFields, [])).toEqual({})
  expect(await specFrom(federationFields, [])).toMatchObject({
    contexts: [],
    clusterName: {},
    network: {},
    singleNetwork: false,
    meshId: undefined,
    trustDomain: undefined,
    clusterDomain: 'cluster.local',
    systemNamespace: 'istio-system',
    revision: undefined,
    caDir: undefined,
    server: {},
    expose: [],
    gatewayServiceType: 'LoadBalancer',
    credentialDuration: undefined,
    credentials: 'per-peer',
  })
  expect(flagsFor(federationFields, readSpec(federationFields, {}))).toEqual([])
})

test('a command line in the forms of kubectl parses to the expected Spec', async () => {
  const words =
    '--contexts east,west --contexts south --network east=a --network west=b --single-network=false --expose a.b,*.c'
  expect(await specFrom(federationFields, words.split(' '))).toMatchObject({
    contexts: ['east', 'west', 'south'],
    network: {east: 'a', west: 'b'},
    singleNetwork: false,
    expose: ['a.b', '*.c'],
  })
})

test('a context without a cluster name has none, even if it is named like an object property', () => {
  for (const spec of [readSpec(federationFields, {}), readSpec(federationFields, {clusterName: {east: 'a'}})])
    for (const context of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      expect([spec.clusterName[context], spec.network[context], spec.server[context]]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
})

test.each<[string, Schema]>([
  ['federate', federationFields],
  ['federate remove', federationRemoveFields],
  ['federate status', federationStatusFields],
  ['ca init', caInitFields],
])('%s: flags are unique, in kebab case, and described without a full stop', (_, schema) => {
  const flags = Object.values(schema).map(({flag}) => flag)
  expect(new Set(flags).size).toBe(flags.length)
  for (const {flag, about} of Object.values(schema)) {
    expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(about).toMatch(/[^.]$/)
  }
  expect(Object.keys(flagsOf(schema))).toEqual(flags)
})

test('any input is a Spec or a MeshError with exit code 2', async () => {
  const flag = fc.constantFrom(...Object.values(federationFields).filter(({kind}) => kind !== 'switch'))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(flag, oddText), {maxLength: 4}), async input => {
      const raw = Object.fromEntries(input.map(([{flag: name, kind}, text]) => [name, kind === 'list' ? [text] : text]))
      try {
        readSpec(federationFields, rawOf(federationFields, raw), validateFederation)
      } catch (error) {
        expect(error).toBeInstanceOf(MeshError)
        expect((error as MeshError).exit).toBe(2)
        for (const {message} of (error as MeshError).problems) expect(message).toMatch(/--[a-z]|federate needs/)
      }
    }),
    {numRuns: 500},
  )
})
