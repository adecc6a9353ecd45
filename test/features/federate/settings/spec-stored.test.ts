import {describe, expect, test} from 'vitest'
import {
  differingSettings,
  type FederationInput,
  federationRisks,
  inContexts,
  mergeFederation,
  replayedResets,
  type StoredSettings,
  settingsFor,
} from '../../../../src/features/federate/settings/spec-stored.ts'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import type {RawSpec} from '../../../../src/spec/read.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {formatSettings, parseSettings} from '../../../../src/spec/settings.ts'
import {member} from '../../../mesh/samples.ts'

type Raw = RawSpec<typeof federationFields>

const stored = (cluster: string, raw: Raw, isComplete = true): StoredSettings => ({cluster, raw, isComplete})
const input = (requested: Raw, records: StoredSettings[], more: Partial<FederationInput> = {}): FederationInput => ({
  requested: {contexts: 'east,west', ...requested},
  stored: records,
  reset: [],
  complete: false,
  ...more,
})
const specOf = (one: FederationInput) => readSpec(federationFields, mergeFederation(one))
const limited = {expose: ['trade/*'], credentialDuration: '48h'}

describe('what a record stores', () => {
  test('the settings of its cluster, by its name in the mesh', () => {
    const raw = {
      contexts: ['ctx-1', 'ctx-2'],
      network: {'ctx-1': 'n1', 'ctx-2': 'n2'},
      server: {'ctx-2': 'https://two'},
      credentialDuration: '48h',
      caDir: 'mesh-ca',
      systemNamespace: 'mesh',
    }
    const spec = readSpec(federationFields, raw)
    const all = ['east', 'west'].map((cluster, at) => ({...member(cluster), context: `ctx-${at + 1}`}))
    const text = formatSettings(federationFields, settingsFor(spec, all[1]!, all))
    expect(JSON.parse(text)).toEqual({credentialDuration: '48h', network: {west: 'n2'}, server: {west: 'https://two'}})
    const read = parseSettings(federationFields, text)!
    expect(inContexts(read, 'other-name', all)).toMatchObject({network: {'other-name': 'n2'}})
  })

  test('the primary, also if it was the default', () => {
    const spec = readSpec(federationFields, {contexts: 'east,west', mode: 'primary-remote'})
    const raw = {contexts: ['east', 'west'], mode: 'primary-remote'}
    const all = ['east', 'west'].map(name => member(name, {}, raw))
    expect(settingsFor(spec, all[1]!, all).primary).toBe('east')
    const renamed = all.map(one => ({...one, context: `ctx-${one.cluster}`}))
    expect(inContexts({primary: 'east'}, 'ctx-west', renamed).primary).toBe('ctx-east')
    expect(inContexts({primary: 'gone'}, 'ctx-west', renamed).primary).toBe('gone')
  })
})

describe('mergeFederation', () => {
  test('keeps what the run does not set', () => {
    const spec = specOf(input({}, [stored('east', limited), stored('west', limited)]))
    expect(spec).toMatchObject({expose: ['trade/*'], credentialDuration: 48 * 3_600_000})
  })

  test('merges maps by context, of all records and of the run', () => {
    const records = [
      stored('east', {network: {east: 'n1'}, server: {east: 'https://one'}}),
      stored('west', {network: {west: 'n2'}}),
    ]
    const spec = specOf(input({network: ['west=n3'], server: {west: 'https://two'}}, records))
    expect({...spec.network}).toEqual({east: 'n1', west: 'n3'})
    expect({...spec.server}).toEqual({east: 'https://one', west: 'https://two'})
    const reset = specOf(input({}, records, {reset: ['network']}))
    expect({...reset.network}).toEqual({})
  })

  test('merges the settings of gateways one by one', () => {
    const spec = readSpec(federationFields, {
      contexts: ['ctx-1', 'ctx-2'],
      gateway: ['ctx-1=type=NodePort', 'ctx-1=replicas=2', 'ctx-2=replicas=3'],
    })
    const all = ['east', 'west'].map((cluster, at) => ({...member(cluster), context: `ctx-${at + 1}`}))
    const records = all.map(one => {
      const raw = parseSettings(federationFields, formatSettings(federationFields, settingsFor(spec, one, all)))
      return stored(one.cluster, inContexts(raw!, one.cluster, all))
    })
    const merged = specOf(input({gateway: 'east=replicas=4'}, records))
    expect({...merged.gateway}).toEqual({east: {type: 'NodePort', replicas: '4'}, west: {replicas: '3'}})
    expect({...specOf(input({}, records, {reset: ['gateway']})).gateway}).toEqual({})
  })

  test('a mesh file is complete', () =>
    expect(specOf(input({}, [stored('east', limited)], {complete: true})).expose).toEqual([]))
})

test('what a user has set takes precedence over what the objects of a cluster without a record show', () => {
  const records = [
    stored('east', {expose: ['*.trade.svc.cluster.local']}, false),
    stored('west', {expose: ['trade/*']}),
  ]
  expect(mergeFederation(input({}, records)).expose).toEqual(['trade/*'])
})

describe('settings that differ between the records', () => {
  const records = [stored('east', limited), stored('west', {}), stored('south', {}, false)]
  const problems = (one: FederationInput) => differingSettings(one, mergeFederation(one)).map(({message}) => message)

  test('are problems, with all values', () =>
    expect(problems(input({}, records))).toEqual([
      'the clusters joined with different settings: --expose is trade/* in east, and not set in west',
      'the clusters joined with different settings: --credential-duration is 48h in east, and not set in west',
    ]))

  test.each<[string, FederationInput]>([
    ['the run sets or resets them', input({expose: 'a/*'}, records, {reset: ['credential-duration']})],
    ['the input is a file', input({}, records, {complete: true})],
    ['they have no effect', input({mode: 'gateways', expose: 'a/*'}, records)],
    ['a setting of version 0.1.0 is unknown', input({}, [records[0]!, records[2]!])],
    [
      'they expose the same hosts in different words',
      input({}, [
        stored('east', {expose: ['*.trade.svc.cluster.local']}, false),
        stored('west', {expose: ['trade/*']}),
      ]),
    ],
    ['they are per cluster', input({}, [stored('east', {network: {east: 'a'}}), stored('west', {})])],
  ])('are none if %s', (_, one) => expect(problems(one)).toEqual([]))
})

describe('federationRisks', () => {
  const both = [stored('east', limited), stored('west', limited)]
  const risks = (one: FederationInput) =>
    federationRisks(one, specOf(one)).map(({flag, isExplicit}) => [flag, isExplicit])

  test('each once, for a file that omits the settings', () =>
    expect(risks(input({}, both, {complete: true}))).toEqual([
      ['expose', false],
      ['credential-duration', false],
    ]))

  test('of a flag and a reset: the user asked for it', () =>
    expect(risks(input({expose: ['shop/*']}, both, {reset: ['credential-duration']}))).toEqual([
      ['expose', true],
      ['credential-duration', true],
    ]))

  test('none if nothing changes, or a setting has no effect any more', () => {
    expect(risks(input({}, both))).toEqual([])
    expect(risks(input({mode: 'gateways', expose: ['trade/*']}, both))).toEqual([['mode', true]])
  })
})

test('replayedResets names each stored setting that has its default in the run', () => {
  const one = input(
    {gatewayServiceType: 'LoadBalancer'},
    [stored('east', {gatewayServiceType: 'NodePort', ...limited})],
    {
      reset: ['expose'],
    },
  )
  expect(replayedResets(one.stored, specOf(one))).toEqual(['--reset', 'expose', '--reset', 'gateway-service-type'])
})
