import fc from 'fast-check'
import {expect, test} from 'vitest'
import {escapeXml, formatJunit} from '../../../src/terminal/output/junit.ts'
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

test('characters that XML 1.0 does not allow are replaced, and no text ends an attribute or element', () => {
  expect(escapeXml('\u0000\u001b\ud800\uffff\t\r\n')).toBe('\ufffd\ufffd\ufffd\ufffd&#9;&#13;&#10;')
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), text => {
      const escaped = escapeXml(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
      const bad = /[<>"'\u0000-\u001f\ufffe\uffff]|&(?!(amp|lt|gt|quot|apos|#\d+);)/
      return !bad.test(escaped) && escaped.isWellFormed()
    }),
  )
})
