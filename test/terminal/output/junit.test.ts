import {test} from 'vitest'
import {formatJunit} from '../../../src/terminal/output/junit.ts'
import type {Verified} from '../../../src/terminal/output/verify.ts'
import {expectGolden} from '../../support/golden.ts'

const verified: Verified[] = [
  {
    title: 'east  (context "a&b")',
    checks: [
      {id: 'fine', about: 'it is <fine>', from: "from this machine's view"},
      {id: 'bad', about: 'it is right'},
      {id: 'odd', about: 'it is usual', from: 'here'},
    ],
    findings: [
      {check: 'bad', level: 'error', message: 'first\nline', hints: ['do "this"']},
      {check: 'bad', level: 'error', message: 'second'},
      {check: 'bad', level: 'warning', message: 'beside'},
      {check: 'odd', level: 'warning', message: 'hm', hints: ['look']},
    ],
  },
  {title: 'west', checks: [], findings: []},
]

test('a suite per subject, a case per check', () =>
  expectGolden('federate-verify/junit.xml', formatJunit('verify', verified)))
