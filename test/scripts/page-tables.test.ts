import {expect, test} from 'vitest'
import {withTable} from '../../scripts/page-tables.ts'

const table = {page: 'page.md', begin: '<!-- a -->', end: '<!-- /a -->', table: () => '| new |'}

test('the text between the marks is replaced, and nothing else', () => {
  const once = withTable(table, 'before\n<!-- a -->\n| old |\n<!-- /a -->\nafter')
  expect(once).toBe('before\n<!-- a -->\n\n| new |\n\n<!-- /a -->\nafter')
  expect(withTable(table, once)).toBe(once)
})

test.each(['no marks', '<!-- /a --><!-- a -->', '<!-- a -->'])('%j is an error', text => {
  expect(() => withTable(table, text)).toThrow('page.md: the marks')
})
