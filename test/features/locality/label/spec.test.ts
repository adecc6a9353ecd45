import {expect, test} from 'vitest'
import {localityLabelFields, validateLocalityLabel} from '../../../../src/features/locality/label/spec.ts'
import {flagsFor, type RawSpec, readSpec} from '../../../../src/spec/read.ts'

type Raw = RawSpec<typeof localityLabelFields>
const label = (raw: Raw) => readSpec(localityLabelFields, raw, validateLocalityLabel)

test.each<[Raw, string]>([
  [{}, 'no nodes specified'],
  [{region: 'r'}, '--region, --zone and --subzone require nodes'],
  [{nodes: ['a']}, 'no locality specified'],
  [{nodes: ['a'], zone: 'z'}, '--zone requires --region'],
  [{nodes: ['a'], region: 'r', subzone: 's'}, '--subzone requires --zone'],
  [{nodes: ['a'], all: true, region: 'r'}, '--all conflicts with NODE'],
  [{nodes: ['a'], selector: 'a=b', region: 'r'}, '--selector conflicts with NODE'],
  [{all: true, selector: 'a=b', region: 'r'}, '--all conflicts with --selector'],
  [{nodes: ['A_b'], region: 'r'}, 'is not a DNS name'],
  [{nodes: ['a'], region: 'r/z'}, 'is not a label value'],
  [{selector: 'a='}, 'is not a label selector'],
])('%j: %s', (raw, problem) => {
  expect(() => label(raw)).toThrow(problem)
})

test.each<Raw>([{all: true}, {selector: 'a=b'}, {from: 'racks.csv'}, {nodes: ['a'], from: 'racks.csv'}])(
  '%j needs no --region',
  raw => {
    expect(() => label(raw)).not.toThrow()
  },
)

test('flags and a mesh file give the same Spec, and the Spec gives the flags', () => {
  const spec = label({pattern: {'w-sz*': 'shenzhen/sz-1', 'w-bj*': 'beijing'}})
  expect(label({pattern: ['w-sz*=shenzhen/sz-1', 'w-bj*=beijing']})).toEqual(spec)
  expect(flagsFor(localityLabelFields, spec)).toEqual(['--pattern', 'w-sz*=shenzhen/sz-1,w-bj*=beijing'])
  expect(label({nodes: ['a', 'b'], region: 'r', zone: 'z'}).nodes).toEqual(['a', 'b'])
})
