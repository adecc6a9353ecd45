import fc from 'fast-check'
import {expect, test} from 'vitest'
import {escapeXml} from '../../src/text/escape-xml.ts'

test('characters that XML 1.0 does not allow are replaced, and no text ends an attribute or element', () => {
  expect(escapeXml('\u0000\u001b\ud800\uffff\t\r\n')).toBe('\ufffd\ufffd\ufffd\ufffd&#9;&#13;&#10;')
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), text => {
      const escaped = escapeXml(text)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
      const bad = /[<>"'`\u0000-\u001f\ufffe\uffff]|&(?!#\d+;)/
      return !bad.test(escaped) && escaped.isWellFormed()
    }),
  )
})
