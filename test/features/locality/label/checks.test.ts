import {expect, test} from 'vitest'
import {formatLocality, parseLocality} from '../../../../src/features/locality/istio.ts'
import {type LabelSubject, labelChecks, requestedLocalities} from '../../../../src/features/locality/label/checks.ts'
import {localityLabelFields} from '../../../../src/features/locality/label/spec.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'
import {node} from '../samples.ts'

const cloudNode = (name: string, locality: string, provider: string) => ({
  ...node(name, locality),
  spec: {providerID: `${provider}:///zone/i-1`},
})
const subject = (raw: RawSpec<typeof localityLabelFields>, more: Partial<LabelSubject> = {}): LabelSubject => ({
  spec: readSpec(localityLabelFields, raw),
  nodes: [node('w-1', ''), node('w-2', '')],
  localities: new Map(),
  ...more,
})
const found = (...args: Parameters<typeof subject>) =>
  runChecks(labelChecks, subject(...args)).map(({level, check, message}) => `${level} ${check}: ${message}`)

test('a file takes precedence over patterns, and patterns over --region', () => {
  const requested = requestedLocalities(
    subject(
      {nodes: ['w-1', 'w-2', 'w-3'], region: 'flag', pattern: ['*-1=pattern', '*-2=pattern']},
      {
        nodes: ['w-1', 'w-2', 'w-3', 'w-4'].map(name => node(name, '')),
        localities: new Map([['w-1', parseLocality('file')]]),
      },
    ),
  )
  expect([...requested].map(([{metadata}, locality]) => `${metadata.name} ${formatLocality(locality)}`)).toEqual([
    'w-1 file',
    'w-2 pattern',
    'w-3 flag',
  ])
})

test('--all selects every node, without a locality if none is set', () => {
  expect([...requestedLocalities(subject({all: true})).values()].map(formatLocality)).toEqual(['-', '-'])
})

test.each<[string, ReturnType<typeof found>, string[]]>([
  ['no findings', found({nodes: ['w-1'], region: 'r'}), []],
  [
    'nodes that do not exist',
    found({nodes: ['w-1', 'x'], region: 'r'}, {localities: new Map([['y', parseLocality('r')]])}),
    ['error nodes: no such node: x, y'],
  ],
  ['a pattern that matches no node', found({pattern: ['x*=r']}), ['error nodes: --pattern x*: no node name matches']],
  [
    'a selector that matches no node',
    found({selector: 'a=b', region: 'r'}, {nodes: []}),
    ['error nodes: no node matches the selector a=b'],
  ],
  [
    'patterns with different localities',
    found({pattern: ['w*=a', '*-1=b']}),
    ['error one-place: w-1: w*=a and *-1=b match, with different localities'],
  ],
  ['patterns with the same locality', found({pattern: ['w*=a', '*-1=a']}), []],
  [
    'labels with another value, grouped',
    found({all: true, region: 'r'}, {nodes: [node('w-1', 'q'), node('w-2', 'q'), node('w-3', 'q')]}),
    ['error contradiction: w-1 … w-3: topology.kubernetes.io/region is q; expected r'],
  ],
  [
    'labels with another value on a cloud',
    found({all: true, region: 'r'}, {nodes: [cloudNode('w-1', 'q', 'aws'), cloudNode('w-2', 'q', 'kind')]}),
    [
      'error contradiction: w-1: topology.kubernetes.io/region is q on machines of the cloud aws; expected r',
      'error contradiction: w-2: topology.kubernetes.io/region is q; expected r',
    ],
  ],
  [
    '--overwrite',
    found({all: true, region: 'r', overwrite: true}, {nodes: [node('w-1', 'q')]}),
    ['warning contradiction: w-1: topology.kubernetes.io/region changes from q to r'],
  ],
])('%s', (_, findings, expected) => {
  expect(findings).toEqual(expected)
})
