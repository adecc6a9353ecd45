import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  localityBalanceFields,
  localityBalanceProblems,
  localityStatusFields,
  localityStatusProblems,
} from '../../../src/features/locality/spec-balance.ts'
import {localityLabelFields, localityLabelProblems} from '../../../src/features/locality/spec-label.ts'
import {readPlaces} from '../../../src/features/locality/spec-places.ts'
import {fitsPattern, placePattern, placeText} from '../../../src/features/locality/spec-texts.ts'
import {flagsFor, type RawSpec, readSpec} from '../../../src/spec/read.ts'

const label = (raw: RawSpec<typeof localityLabelFields>) => readSpec(localityLabelFields, raw, localityLabelProblems)
const balance = (raw: RawSpec<typeof localityBalanceFields>) =>
  readSpec(localityBalanceFields, raw, localityBalanceProblems)

describe('labels', () => {
  test.each<[RawSpec<typeof localityLabelFields>, string]>([
    [{}, 'which nodes?'],
    [{region: 'r'}, 'need nodes'],
    [{nodes: ['a']}, 'where are they?'],
    [{nodes: ['a'], zone: 'z'}, '--zone needs --region'],
    [{nodes: ['a'], region: 'r', subzone: 's'}, '--subzone needs --zone'],
    [{nodes: ['a'], all: true, region: 'r'}, 'exclude each other'],
    [{nodes: ['A_b'], region: 'r'}, 'is not a DNS name'],
    [{nodes: ['a'], region: 'r/z'}, 'is not a label value'],
    [{pattern: ['w*']}, 'is not NODE*=REGION'],
    [{pattern: ['w*=a/b/c/d']}, 'is not REGION[/ZONE[/SUBZONE]]'],
    [{pattern: ['w*=']}, 'is not REGION'],
    [{selector: 'a='}, 'is not a label selector'],
  ])('%j: %s', (raw, problem) => {
    expect(() => label(raw)).toThrow(problem)
  })

  test('flags, a file and its own flags say the same', () => {
    const spec = label({pattern: {'w-sz*': 'shenzhen/sz-1', 'w-bj*': 'beijing'}})
    expect(label({pattern: ['w-sz*=shenzhen/sz-1', 'w-bj*=beijing']})).toEqual(spec)
    expect(flagsFor(localityLabelFields, spec)).toEqual(['--pattern', 'w-sz*=shenzhen/sz-1,w-bj*=beijing'])
    expect(label({nodes: ['a', 'b'], region: 'r', zone: 'z'}).nodes).toEqual(['a', 'b'])
  })
})

describe('balancing', () => {
  test.each<[RawSpec<typeof localityBalanceFields>, string]>([
    [{}, 'which hosts?'],
    [{hosts: ['web'], failover: {a: 'a'}}, "can't take over for itself"],
    [{hosts: ['web'], failover: ['a/z=b']}, 'is not a region'],
    [{hosts: ['web'], failover: ['*=b']}, 'is not a region'],
    [{hosts: ['web'], failover: ['a=b', 'a=c']}, 'sets a twice'],
    [{hosts: ['web'], failover: ['a=b'], distribute: ['a=a:100']}, 'excludes --failover'],
    [{hosts: ['web'], failover: ['a=b'], failoverPriority: ['topology.kubernetes.io/region']}, 'exclude each other'],
    [{hosts: ['web'], distribute: ['a=a:50,b:40']}, 'the weights make 90, not 100'],
    [{hosts: ['web'], distribute: ['a=a:0,b:100']}, 'is not a weight from 1 to 100'],
    [{hosts: ['web'], distribute: ['a=a:50,a:50']}, 'is named twice'],
    [{hosts: ['web'], distribute: ['a=a:100', 'a/z=a:100']}, 'a and a/z overlap'],
    [{hosts: ['web'], distribute: ['a/*=a:50,a/z:50']}, 'overlap'],
    [{hosts: ['web'], distribute: ['*=a:100', 'b=b:100']}, 'overlap'],
    [{hosts: ['web'], distribute: ['a']}, 'is not FROM=TO:WEIGHT'],
    [{hosts: ['web'], distribute: ['a=b']}, 'is not TO:WEIGHT'],
    [{hosts: ['web'], distribute: ['*/z=a:100']}, 'of which the last may be *'],
    [{hosts: ['web'], preferClose: true, failover: ['a=b']}, '--prefer-close excludes'],
    [{preferClose: true, meshWide: 'on'}, '--prefer-close is for hosts'],
    [{hosts: ['web'], meshWide: 'off'}, '--mesh-wide off goes alone'],
    [{hosts: ['*.web']}, 'is not a host'],
    [{hosts: ['web'], failoverPriority: ['a b']}, 'is not a label'],
  ])('%j: %s', (raw, problem) => {
    expect(() => balance(raw)).toThrow(problem)
  })

  test('a distribution said by flags and by a file is the same, and says itself again', () => {
    const spec = balance({hosts: ['web'], distribute: ['a/z/*=a/*:80,b:20', 'b=b:100']})
    expect(spec.distribute).toEqual([
      {from: 'a/z/*', to: {'a/*': 80, b: 20}},
      {from: 'b', to: {b: 100}},
    ])
    expect(balance({hosts: ['web'], distribute: {'a/z/*': {'a/*': 80, b: 20}, b: {b: 100}}})).toEqual(spec)
    const flags = flagsFor(localityBalanceFields, spec)
    expect(flags).toEqual(['web', '--distribute', 'a/z/*=a/*:80,b:20', '--distribute', 'b=b:100'])
  })

  test('a look from somewhere needs a host', () => {
    const look = (raw: RawSpec<typeof localityStatusFields>) =>
      readSpec(localityStatusFields, raw, localityStatusProblems)
    expect(() => look({from: 'a'})).toThrow('--from needs a host')
    expect(() => look({host: 'web', from: 'a/b/c/d'})).toThrow('is not REGION')
    expect(look({}).host).toBeUndefined()
  })
})

describe('places of a file', () => {
  const places = {a: 'r/z', b: 'r'}
  test.each([
    ['nodes.csv', 'node,region,zone\r\n a , r,z\n\n# none\nb,r,\n'],
    ['nodes.CSV', '\uFEFFzone,Node,region\n"z","a","r"\n,b,r'],
    ['nodes.yaml', 'a: r/z\nb: r\n'],
    ['nodes.yml', 'a: {region: r, zone: z}\nb:\n  region: r\n'],
  ])('%s', (file, text) => {
    const found = Object.fromEntries(
      [...readPlaces(text, file)].map(([node, {region, zone}]) => [node, zone ? `${region}/${zone}` : region]),
    )
    expect(found).toEqual(places)
  })

  test.each([
    ['a.csv', 'name,place\na,r\n', 'the first line is not node,region'],
    ['a.csv', '', 'the first line is not node,region'],
    ['a.csv', 'node,region\n', 'names no node'],
    ['a.csv', 'node,region\na,r,z\n', 'line 2: a: too many cells'],
    ['a.csv', 'node,region\nA B,r\n', 'line 2: A B is not a DNS name'],
    ['a.csv', 'node,region\na,\n', 'line 2: a: an empty text'],
    ['a.csv', 'node,region\na,r\na,r\n', 'line 3: a is named twice'],
    ['a.yaml', '- a\n', 'is not a map of nodes'],
    ['a.yaml', 'a: [', 'a.yaml: '],
    ['a.yaml', 'a: {regio: r}\n', 'regio is not known'],
    ['a.yaml', 'a: r/z/s/t\n', 'is not REGION'],
  ])('%s %j: %s', (file, text, problem) => {
    expect(() => readPlaces(text, file)).toThrow(problem)
  })
})

test('a pattern fits as a shell has it, and nothing else in it is special', () => {
  expect(['w*', '*-1', 'w-*-1', 'w-a-1', '*'].map(pattern => fitsPattern('w-a-1', pattern))).toEqual(
    Array(5).fill(true),
  )
  expect(['w', '-1', 'w.a.1', 'W*'].map(pattern => fitsPattern('w-a-1', pattern))).toEqual(Array(4).fill(false))
  expect(fitsPattern('wxa', 'w.a')).toBe(false)
})

test('no text is taken for a place by accident', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      if (placeText(text) === undefined) expect(text).toMatch(/^[\w.-]+(\/[\w.-]+){0,2}$/)
      if (placePattern(text) === undefined) expect(text).toMatch(/^(\*|[\w.-]+(\/[\w.-]+){0,2}(\/\*)?)$/)
    }),
  )
})
