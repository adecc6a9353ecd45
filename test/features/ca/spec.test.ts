import {describe, expect, test} from 'vitest'
import {caInitFields, caIssueFields, validateCaIssue} from '../../../src/features/ca/spec.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'

describe('ca issue', () => {
  test.each<[RawSpec<typeof caIssueFields>, RegExp]>([
    [{}, /^--cluster is required$/],
    [{cluster: 'East'}, /--cluster East is not a DNS label/],
    [{cluster: 'east', rootCert: 'c'}, /^--root-cert and --root-key must be set together$/],
    [{cluster: 'east', rootKey: 'k'}, /^--root-cert and --root-key must be set together$/],
    [{cluster: 'east', days: '0'}, /--days 0 is not a number of days/],
  ])('rejects %j', (raw, message) => {
    expect(() => readSpec(caIssueFields, raw, validateCaIssue)).toThrow(message)
  })

  test('accepts clusters with both root files', () => {
    const spec = readSpec(caIssueFields, {cluster: 'east,west', rootCert: 'c', rootKey: 'k'}, validateCaIssue)
    expect(spec.cluster).toEqual(['east', 'west'])
  })
})

test.each(['36501', '1.5', 'x'])('ca init rejects --days %s', days => {
  expect(() => readSpec(caInitFields, {days})).toThrow(/is not a number of days \(1 to 36500\)/)
})

test.each<[string, RegExp]>([
  ['#c', /begins with #/],
  ['', /has 0 characters; expected 1 to 64/],
  ['x'.repeat(65), /has 65 characters/],
  ['a\nb', /contains a control character/],
])('ca init rejects the name %j', (name, message) => {
  for (const field of ['commonName', 'organization'])
    expect(() => readSpec(caInitFields, {[field]: name})).toThrow(message)
})

test('ca init accepts any other name', () => {
  const names = {commonName: 'Wurzel "1", \\ü', organization: '€'.repeat(64)}
  expect(readSpec(caInitFields, names)).toMatchObject(names)
})
