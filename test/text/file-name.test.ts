import {basename, join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {fileNameOf} from '../../src/text/file-name.ts'
import {oddText} from '../support/odd.ts'

describe('fileNameOf', () => {
  test.each([
    ['east', 'east'],
    ['prod_eu-1@admin+x=y', 'prod_eu-1@admin+x=y'],
    ['東京', '東京'],
    ['../../../out', '%2E.%2F..%2F..%2Fout'],
    ['..', '%2E%2E'],
    ['.', '%2E'],
    ['.hidden', '%2Ehidden'],
    ['', '%'],
    ['%', '%25'],
    ['arn:aws:eks:eu-1:1:cluster/p', 'arn%3Aaws%3Aeks%3Aeu-1%3A1%3Acluster%2Fp'],
    ['C:\\x', 'C%3A%5Cx'],
    ['a\nb\u001b\u202e', 'a%0Ab%1B%E2%80%AE'],
    ['nul.txt', '%6Eul.txt'],
    ['COM1', '%43OM1'],
    ['console', 'console'],
    ['a.', 'a%2E'],
    ['a ', 'a%20'],
  ])('%j is %s', (text, expected) => expect(fileNameOf(text)).toBe(expected))

  test('any text is one path component, and different texts have different names', () => {
    const text = fc.oneof(
      oddText,
      fc.string({unit: 'binary', maxLength: 20}),
      fc.string({minLength: 200, maxLength: 400}),
    )
    fc.assert(
      fc.property(text, text, (one, other) => {
        const name = fileNameOf(one)
        expect(basename(join('/a', name))).toBe(name)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200)
        if (one !== other && one.isWellFormed() && other.isWellFormed()) expect(fileNameOf(other)).not.toBe(name)
      }),
    )
  })
})
